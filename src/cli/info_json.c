/* info_json.c - the same facts as the info command's tables, for machines. */
#include "cli/info.h"
#include "cli/json.h"

static cJSON *stage_json(const alx_stage_info *s)
{
    const int shape[] = { s->out.c, s->out.h, s->out.w };
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
    cJSON_AddItemToObject(object, "deviation",
                          cJSON_CreateDoubleArray(c->statistics.deviation, 3));
    for (int i = 0; i < c->class_count; ++i)
        cJSON_AddItemToArray(classes, cJSON_CreateString(c->class_names[i]));
    return object;
}

int info_print_json(const info_facts *facts)
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
    cJSON_AddStringToObject(tree, "conv", alx_conv_algo_name(facts->algorithms.conv));
    cJSON_AddStringToObject(tree, "gemm", alx_gemm_algo_name(facts->algorithms.gemm));
    cJSON_AddItemToObject(tree, "training_bytes", memory_json(&facts->training));
    cJSON_AddItemToObject(tree, "inference_bytes", memory_json(&facts->inference));
    if (facts->from_checkpoint)
        cJSON_AddItemToObject(tree, "checkpoint", checkpoint_json(&facts->checkpoint));
    return cli_print_json(tree);
}
