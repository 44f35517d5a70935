/* config.c - a network of nets.json or full.json as a config made in memory. */
#include "check/golden/golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"

/* ---- towers --------------------------------------------------------------------------------- */

static const char *layer_type(const cJSON *layer)
{
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(layer, "type"));

    return type != NULL ? type : "";
}

static bool is_weighted(const cJSON *layer)
{
    return strcmp(layer_type(layer), "conv") == 0 || strcmp(layer_type(layer), "fc") == 0;
}

/* A network is one of two towers if every grouped convolution after the first layer has two
 * groups, LRN stops between them, and every layer but the last can be divided; else it is one
 * tower with groups. */
static bool has_two_towers(const cJSON *layers)
{
    const cJSON *layer = NULL, *last = NULL;
    bool grouped = false;

    cJSON_ArrayForEach(layer, layers) last = is_weighted(layer) ? layer : last;
    cJSON_ArrayForEach(layer, layers)
    {
        int groups = 1, out = 0, ranges = 2;

        if (golden_int(&groups, layer, "groups", 1) != 0 ||
            golden_int(&out, layer, "out", 0) != 0 || golden_int(&ranges, layer, "towers", 1) != 0)
            return false;
        if (strcmp(layer_type(layer), "lrn") == 0 && ranges != 2)
            return false;
        if (is_weighted(layer) && (groups > 2 || (layer != last && out % 2 != 0) ||
                                   (groups == 2 && layer == layers->child)))
            return false;
        grouped = grouped || groups == 2;
    }
    return grouped;
}

/* ---- layers --------------------------------------------------------------------------------- */

static int read_weighted(alx_layer_config *layer, const cJSON *json, bool towers)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "name"));

    *layer = (alx_layer_config){ .kind = strcmp(layer_type(json), "conv") == 0 ? ALX_LAYER_CONV
                                                                               : ALX_LAYER_FC,
                                 .groups = 1,
                                 .sees = ALX_SEES_BOTH,
                                 .weight_lr = 1.0,
                                 .bias_lr = 1.0,
                                 .weight_decay = 1.0 };
    if (name == NULL || strlen(name) >= sizeof layer->name)
        return alx_fail(ALX_E_DATA, "a layer without a usable name");
    snprintf(layer->name, sizeof layer->name, "%s", name);
    TRY(golden_int(&layer->outputs, json, "out", -1));
    if (layer->kind == ALX_LAYER_FC)
        return 0;
    TRY(golden_int(&layer->kernel, json, "kernel", -1));
    TRY(golden_int(&layer->stride, json, "stride", -1));
    TRY(golden_int(&layer->pad, json, "pad", -1));
    TRY(golden_int(&layer->groups, json, "groups", 1));
    if (towers && layer->groups == 2) {
        layer->groups = 1;
        layer->sees = ALX_SEES_OWN;
    }
    return 0;
}

static int read_lrn(alx_lrn_config *lrn, const cJSON *json, bool towers)
{
    *lrn = (alx_lrn_config){ .on = true, .alpha_over_n = golden_flag(json, "alpha_over_size") };
    TRY(golden_int(&lrn->size, json, "size", -1));
    TRY(golden_int(&lrn->ranges, json, "towers", 1));
    TRY(golden_number(&lrn->k, json, "k", (double)NAN));
    TRY(golden_number(&lrn->alpha, json, "alpha", (double)NAN));
    TRY(golden_number(&lrn->beta, json, "beta", (double)NAN));
    if (towers)
        lrn->ranges = 1; /* of each tower */
    return 0;
}

static int read_pool(alx_pool_config *pool, const cJSON *json)
{
    *pool = (alx_pool_config){ .on = true };
    TRY(golden_int(&pool->kernel, json, "kernel", -1));
    return golden_int(&pool->stride, json, "stride", -1);
}

static int add_stage(alx_layer_config *layer, alx_node_kind stage, const char *type)
{
    for (int i = 0; i < layer->order_count; ++i)
        if (layer->order[i] == stage)
            return alx_fail(ALX_E_DATA, "layer %s: more than one %s follows it", layer->name, type);
    layer->order[layer->order_count++] = stage;
    return 0;
}

/* What follows the weights of `layer`. */
static int read_stage(alx_layer_config *layer, const cJSON *json, bool towers)
{
    static const struct {
        const char *type;
        alx_activation f;
    } activations[] = { { "relu", ALX_ACT_RELU },
                        { "tanh", ALX_ACT_TANH },
                        { "sigmoid", ALX_ACT_SIGMOID } };
    const char *type = layer_type(json);

    for (size_t i = 0; i < ALX_COUNT(activations); ++i)
        if (strcmp(type, activations[i].type) == 0) {
            layer->activation = activations[i].f;
            return add_stage(layer, ALX_NODE_ACTIVATION, "activation");
        }
    if (strcmp(type, "lrn") == 0) {
        TRY(read_lrn(&layer->lrn, json, towers));
        TRY(add_stage(layer, ALX_NODE_LRN, type));
    } else if (strcmp(type, "maxpool") == 0) {
        TRY(read_pool(&layer->pool, json));
        TRY(add_stage(layer, ALX_NODE_POOL, type));
    } else {
        return alx_fail(ALX_E_DATA, "layer type \"%.32s\" is unknown", type);
    }
    return 0;
}

static int read_layers(alx_net_config *out, const cJSON *layers)
{
    const bool towers = out->towers > 1;
    const cJSON *json = NULL;

    cJSON_ArrayForEach(json, layers)
    {
        if (!is_weighted(json)) {
            if (out->layer_count == 0)
                return alx_fail(ALX_E_DATA, "the first layer has no weights");
            TRY(read_stage(&out->layers[out->layer_count - 1], json, towers));
            continue;
        }
        if (out->layer_count == ALX_MAX_LAYERS)
            return alx_fail(ALX_E_DATA, "more than %d layers with weights", ALX_MAX_LAYERS);
        TRY(read_weighted(&out->layers[out->layer_count++], json, towers));
    }
    if (out->layer_count == 0)
        return alx_fail(ALX_E_DATA, "no layer");
    out->layers[out->layer_count - 1].towers = ALX_DIVIDE_NOTHING;
    return 0;
}

int golden_config(alx_net_config *out, const cJSON *json)
{
    const cJSON *layers = NULL;
    double input[3];

    *out = (alx_net_config){ 0 };
    TRY(golden_member(&layers, json, "layers"));
    TRY(golden_numbers(input, 3, json, "input"));
    for (int i = 0; i < 3; ++i)
        if (!(input[i] >= 1.0 && input[i] <= 65536.0))
            return alx_fail(ALX_E_DATA, "\"input\" is not a size");
    out->channels = (int)input[0];
    out->height = (int)input[1];
    out->width = (int)input[2];
    TRY(golden_int(&out->classes, json, "classes", -1));
    out->towers = has_two_towers(layers) ? 2 : 1;
    return read_layers(out, layers);
}
