/* json.c - the facts of a network for machines. */
#include "alexnet/dev/report.h"

#include "base/json.h"

static cJSON *stage_json(const alx_layer_info *s)
{
    const int shape[] = { s->whole.c, s->whole.h, s->whole.w };
    cJSON *object = cJSON_CreateObject();

    base_json_add_text(object, "name", s->name);
    base_json_add_text(object, "what", s->what);
    base_json_add(object, "output", cJSON_CreateIntArray(shape, 3));
    base_json_add_number(object, "parts", s->parts);
    base_json_add_number(object, "parameters", (double)s->parameters);
    base_json_add_number(object, "macs", (double)s->macs);
    return object;
}

static cJSON *memory_json(const alx_memory_plan *plan)
{
    cJSON *object = cJSON_CreateObject();

    base_json_add_number(object, "parameters", (double)plan->parameters);
    base_json_add_number(object, "filters", (double)plan->filters);
    base_json_add_number(object, "gradients", (double)plan->gradients);
    base_json_add_number(object, "momentum", (double)plan->momentum);
    base_json_add_number(object, "activations", (double)plan->activations);
    base_json_add_number(object, "scratch", (double)plan->scratch);
    base_json_add_number(object, "arrivals", (double)plan->arrivals);
    base_json_add_number(object, "total", (double)plan->total);
    return object;
}

static cJSON *checkpoint_json(const alx_checkpoint *c)
{
    cJSON *object = cJSON_CreateObject(), *classes = base_json_add_array(object, "classes");

    base_json_add_number(object, "epoch", (double)c->epoch);
    base_json_add_number(object, "step", (double)c->step);
    base_json_add_number(object, "best_epoch", (double)c->best_epoch);
    base_json_add_number(object, "best_error", c->best_error);
    base_json_add_number(object, "image_size", c->config.data.resize);
    base_json_add(object, "mean", cJSON_CreateDoubleArray(c->statistics.mean, 3));
    base_json_add(object, "deviation", cJSON_CreateDoubleArray(c->statistics.deviation, 3));
    for (int i = 0; i < c->class_count; ++i)
        base_json_append(classes, cJSON_CreateString(c->class_names[i]));
    return object;
}

static void add_devices(cJSON *tree, const alx_facts *facts)
{
    cJSON *devices = base_json_add_array(tree, "devices");
    cJSON *transfers = base_json_add_array(tree, "transfers");

    for (int dev = 0; dev < facts->dev_count; ++dev) {
        cJSON *device = cJSON_CreateObject();

        base_json_add_text(device, "device", facts->described[dev]);
        base_json_add_number(device, "fma_gflops", facts->fma_gflops[dev]);
        base_json_add_number(device, "parameters", (double)alx_facts_parameters_of(facts, dev));
        base_json_add_text(device, "conv", alx_conv_algo_name(facts->algorithms[dev].conv));
        base_json_add_text(device, "gemm", alx_gemm_algo_name(facts->algorithms[dev].gemm));
        base_json_add(device, "training_bytes", memory_json(&facts->training[dev]));
        base_json_add(device, "inference_bytes", memory_json(&facts->inference[dev]));
        base_json_append(devices, device);
    }
    for (size_t i = 0; i < facts->transfer_count; ++i) {
        cJSON *transfer = cJSON_CreateObject();

        base_json_add_text(transfer, "name", facts->transfers[i].name);
        base_json_add_number(transfer, "bytes", (double)facts->transfers[i].bytes);
        base_json_append(transfers, transfer);
    }
}

static cJSON *ways_json(const alx_facts *facts)
{
    cJSON *array = cJSON_CreateArray();

    for (size_t i = 0; i < facts->way_count; ++i) {
        const alx_facts_way *way = &facts->ways[i];
        cJSON *object = cJSON_CreateObject();

        base_json_add_text(object, "pass", way->label);
        base_json_add_text(object, "choice", way->row.choice);
        base_json_add_text(object, "row", way->row.shipped ? "shipped" : "tuned");
        base_json_add_number(object, "batch", way->row.batch);
        base_json_add_number(object, "ms", way->row.ms);
        base_json_append(array, object);
    }
    return array;
}

int alx_facts_json(char **text, const alx_facts *facts)
{
    const alx_config *config = &facts->checkpoint.config;
    const int input[] = { config->net.channels, config->net.height, config->net.width };
    const alx_cost cost = alx_graph_cost(facts->graph);
    cJSON *tree = cJSON_CreateObject(), *stages = NULL;

    base_json_add_text(tree, "config", config->name);
    base_json_add(tree, "input", cJSON_CreateIntArray(input, 3));
    base_json_add_number(tree, "classes", config->net.classes);
    base_json_add_number(tree, "towers", config->net.towers);
    stages = base_json_add_array(tree, "stages");
    for (size_t i = 0; i < facts->stage_count; ++i)
        base_json_append(stages, stage_json(&facts->stages[i]));
    base_json_add_number(tree, "parameters", (double)cost.parameters);
    base_json_add_number(tree, "macs", (double)cost.macs);
    base_json_add_number(tree, "batch", facts->batch);
    if (facts->dev_count > 1) {
        add_devices(tree, facts);
    } else {
        base_json_add_text(tree, "conv", alx_conv_algo_name(facts->algorithms[0].conv));
        base_json_add_text(tree, "gemm", alx_gemm_algo_name(facts->algorithms[0].gemm));
        base_json_add(tree, "training_bytes", memory_json(&facts->training[0]));
        base_json_add(tree, "inference_bytes", memory_json(&facts->inference[0]));
    }
    base_json_add(tree, "tuning", ways_json(facts));
    if (facts->from_checkpoint)
        base_json_add(tree, "checkpoint", checkpoint_json(&facts->checkpoint));
    return base_json_take(text, tree);
}
