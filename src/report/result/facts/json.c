/* json.c - the facts of a network for machines. */
#include "alexnet/dev/report.h"

#include "base/json.h"

static cJSON *stage_json(const alx_layer_info *s)
{
    const int shape[] = { s->whole.c, s->whole.h, s->whole.w };
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "name", s->name);
    cJSON_AddStringToObject(object, "what", s->what);
    cJSON_AddItemToObject(object, "output", cJSON_CreateIntArray(shape, 3));
    cJSON_AddNumberToObject(object, "parts", s->parts);
    cJSON_AddNumberToObject(object, "parameters", (double)s->parameters);
    cJSON_AddNumberToObject(object, "macs", (double)s->macs);
    return object;
}

static cJSON *memory_json(const alx_memory_plan *plan)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddNumberToObject(object, "parameters", (double)plan->parameters);
    cJSON_AddNumberToObject(object, "gradients", (double)plan->gradients);
    cJSON_AddNumberToObject(object, "momentum", (double)plan->momentum);
    cJSON_AddNumberToObject(object, "activations", (double)plan->activations);
    cJSON_AddNumberToObject(object, "scratch", (double)plan->scratch);
    cJSON_AddNumberToObject(object, "arrivals", (double)plan->arrivals);
    cJSON_AddNumberToObject(object, "total", (double)plan->total);
    return object;
}

static cJSON *checkpoint_json(const alx_checkpoint *c)
{
    cJSON *object = cJSON_CreateObject(), *classes = cJSON_AddArrayToObject(object, "classes");

    cJSON_AddNumberToObject(object, "epoch", (double)c->epoch);
    cJSON_AddNumberToObject(object, "step", (double)c->step);
    cJSON_AddNumberToObject(object, "best_epoch", (double)c->best_epoch);
    cJSON_AddNumberToObject(object, "best_error", c->best_error);
    cJSON_AddNumberToObject(object, "image_size", c->config.data.resize);
    cJSON_AddItemToObject(object, "mean", cJSON_CreateDoubleArray(c->statistics.mean, 3));
    cJSON_AddItemToObject(object, "deviation", cJSON_CreateDoubleArray(c->statistics.deviation, 3));
    for (int i = 0; i < c->class_count; ++i)
        cJSON_AddItemToArray(classes, cJSON_CreateString(c->class_names[i]));
    return object;
}

static void add_devices(cJSON *tree, const alx_facts *facts)
{
    cJSON *devices = cJSON_AddArrayToObject(tree, "devices");
    cJSON *transfers = cJSON_AddArrayToObject(tree, "transfers");

    for (int dev = 0; dev < facts->dev_count; ++dev) {
        cJSON *device = cJSON_CreateObject();
        size_t parameters = 0;

        for (size_t i = 0; i < facts->stage_count; ++i)
            parameters += alx_facts_parameters_on(facts, &facts->stages[i], dev);
        cJSON_AddStringToObject(device, "device", facts->described[dev]);
        cJSON_AddNumberToObject(device, "fma_gflops", facts->fma_gflops[dev]);
        cJSON_AddNumberToObject(device, "parameters", (double)parameters);
        cJSON_AddStringToObject(device, "conv", alx_conv_algo_name(facts->algorithms[dev].conv));
        cJSON_AddStringToObject(device, "gemm", alx_gemm_algo_name(facts->algorithms[dev].gemm));
        cJSON_AddItemToObject(device, "training_bytes", memory_json(&facts->training[dev]));
        cJSON_AddItemToObject(device, "inference_bytes", memory_json(&facts->inference[dev]));
        cJSON_AddItemToArray(devices, device);
    }
    for (size_t i = 0; i < facts->transfer_count; ++i) {
        cJSON *transfer = cJSON_CreateObject();

        cJSON_AddStringToObject(transfer, "name", facts->transfers[i].name);
        cJSON_AddNumberToObject(transfer, "bytes", (double)facts->transfers[i].bytes);
        cJSON_AddItemToArray(transfers, transfer);
    }
}

static cJSON *ways_json(const alx_facts *facts)
{
    cJSON *array = cJSON_CreateArray();

    for (size_t i = 0; i < facts->way_count; ++i) {
        const alx_facts_way *way = &facts->ways[i];
        cJSON *object = cJSON_CreateObject();

        cJSON_AddStringToObject(object, "pass", way->label);
        cJSON_AddStringToObject(object, "choice", way->row.choice);
        cJSON_AddStringToObject(object, "row", way->row.shipped ? "shipped" : "tuned");
        cJSON_AddNumberToObject(object, "batch", way->row.batch);
        cJSON_AddNumberToObject(object, "ms", way->row.ms);
        cJSON_AddItemToArray(array, object);
    }
    return array;
}

int alx_facts_json(char **text, const alx_facts *facts)
{
    const alx_config *config = &facts->checkpoint.config;
    const int input[] = { config->net.channels, config->net.height, config->net.width };
    cJSON *tree = cJSON_CreateObject(), *stages = NULL;
    size_t parameters = 0, macs = 0;

    cJSON_AddStringToObject(tree, "config", config->name);
    cJSON_AddItemToObject(tree, "input", cJSON_CreateIntArray(input, 3));
    cJSON_AddNumberToObject(tree, "classes", config->net.classes);
    cJSON_AddNumberToObject(tree, "towers", config->net.towers);
    stages = cJSON_AddArrayToObject(tree, "stages");
    for (size_t i = 0; i < facts->stage_count; ++i) {
        cJSON_AddItemToArray(stages, stage_json(&facts->stages[i]));
        parameters += facts->stages[i].parameters;
        macs += facts->stages[i].macs;
    }
    cJSON_AddNumberToObject(tree, "parameters", (double)parameters);
    cJSON_AddNumberToObject(tree, "macs", (double)macs);
    cJSON_AddNumberToObject(tree, "batch", facts->batch);
    if (facts->dev_count > 1) {
        add_devices(tree, facts);
    } else {
        cJSON_AddStringToObject(tree, "conv", alx_conv_algo_name(facts->algorithms[0].conv));
        cJSON_AddStringToObject(tree, "gemm", alx_gemm_algo_name(facts->algorithms[0].gemm));
        cJSON_AddItemToObject(tree, "training_bytes", memory_json(&facts->training[0]));
        cJSON_AddItemToObject(tree, "inference_bytes", memory_json(&facts->inference[0]));
    }
    cJSON_AddItemToObject(tree, "tuning", ways_json(facts));
    if (facts->from_checkpoint)
        cJSON_AddItemToObject(tree, "checkpoint", checkpoint_json(&facts->checkpoint));
    *text = base_json_text(tree, true);
    cJSON_Delete(tree);
    return *text != NULL ? 0 : alx_fail(ALX_E_MEMORY, "out of host memory for the JSON text");
}
