/* resolve.c - what follows from several keys together: recipes of initial weights, defaults that
 * depend on a layer's place, the order of its stages, the edges of a 224 input. */
#include "config/schema.h"

#include <string.h>

#include "base/try.h"

static bool is_given(const config_text *text, const alx_layer_config *layer, const char *key)
{
    return config_find(text, layer->name, key) != NULL;
}

/* ---- initial weights ----------------------------------------------------------------------- */

/* Where the recipes of 2012 depart from N(0, 0.01) and bias 0: the paper's section 5, the authors'
 * own files (std 0.03), Caffe's (biases 0.1). */
static const struct {
    const char *layer;
    double std_2012, std_caffe;
    bool biased;
} recipe_rows[] = {
    { "conv2", 0.01, 0.01, true }, { "conv3", 0.03, 0.01, false }, { "conv4", 0.03, 0.01, true },
    { "conv5", 0.03, 0.01, true }, { "fc6", 0.01, 0.005, true },   { "fc7", 0.01, 0.005, true },
};

/* Fills `init`, `init_std` and `bias` as the net's recipe has them for a layer of this name. */
static void apply_recipe(alx_layer_config *layer, const char *recipe)
{
    layer->init = strcmp(recipe, "he") == 0      ? ALX_INIT_HE
                  : strcmp(recipe, "torch") == 0 ? ALX_INIT_TORCH
                                                 : ALX_INIT_GAUSS;
    layer->init_std = layer->init == ALX_INIT_GAUSS ? 0.01 : 0.0;
    layer->bias = strcmp(recipe, "modern") == 0 && layer->kind == ALX_LAYER_FC ? 1.0 : 0.0;
    const bool authors = strcmp(recipe, "2012") == 0, caffe = strcmp(recipe, "caffe") == 0;

    if (!authors && !caffe && strcmp(recipe, "paper") != 0)
        return;
    for (size_t i = 0; i < ALX_COUNT(recipe_rows); ++i) {
        if (strcmp(recipe_rows[i].layer, layer->name) != 0)
            continue;
        if (authors)
            layer->init_std = recipe_rows[i].std_2012;
        if (caffe)
            layer->init_std = recipe_rows[i].std_caffe;
        if (recipe_rows[i].biased)
            layer->bias = caffe ? 0.1 : 1.0;
    }
}

static void resolve_init(alx_layer_config *layer, const config_text *text)
{
    const config_entry *net_init = config_find(text, "net", "init");
    const alx_layer_config own = *layer;

    apply_recipe(layer,
                 net_init != NULL ? net_init->value : config_find_key("net", "init")->fallback);
    if (is_given(text, layer, "init")) {
        layer->init = own.init;
        layer->init_std = own.init_std;
    }
    if (is_given(text, layer, "bias"))
        layer->bias = own.bias;
    else if (layer->init == ALX_INIT_TORCH)
        layer->bias = 0.0;
}

/* ---- order of stages ----------------------------------------------------------------------- */

static void stage_key(char key[32], int stage)
{
    config_word_at(config_find_key("layer", "order")->allowed, stage, key, 32);
}

/* A layer has what its key says something else of than of an empty layer. */
static bool has_stage(const alx_layer_config *layer, int stage)
{
    const alx_layer_config empty = { .kind = layer->kind };
    char name[32], value[CONFIG_VALUE_BYTES], none[CONFIG_VALUE_BYTES];

    stage_key(name, stage);
    const config_key *key = config_find_key(layer->name, name);

    if (key == NULL)
        return false;
    key->type->print(key, (const char *)layer + key->offset, value);
    key->type->print(key, (const char *)&empty + key->offset, none);
    return strcmp(value, none) != 0;
}

/* A stage may stand in `order` though it is off, if its key says so: `--set conv1.lrn=off` then
 * needs no second override. */
static int resolve_order(alx_layer_config *layer, const config_text *text)
{
    unsigned listed = 0;
    int count = 0;
    char key[32];

    for (int i = 0; i < layer->order_count; ++i) {
        const alx_node_kind stage = layer->order[i];

        listed |= 1u << stage;
        stage_key(key, (int)stage);
        if (has_stage(layer, (int)stage))
            layer->order[count++] = stage;
        else if (stage != ALX_NODE_ACTIVATION && !is_given(text, layer, key))
            return config_error(text, layer->name, "order", "names %s, which the layer has not",
                                key);
    }
    for (int stage = 0; stage < (int)ALX_NODE_CONV; ++stage) {
        if (!has_stage(layer, stage) || (listed & 1u << stage) != 0)
            continue;
        stage_key(key, stage);
        if (is_given(text, layer, "order"))
            return config_error(text, layer->name, "order", "leaves out %s, which the layer has",
                                key);
        layer->order[count++] = (alx_node_kind)stage;
    }
    for (int i = count; i < ALX_MAX_STAGES; ++i)
        layer->order[i] = (alx_node_kind)0;
    layer->order_count = count;
    return 0;
}

/* ---- layers -------------------------------------------------------------------------------- */

/* 224-ceil and 224-pad2 stand for a geometry of the first layer too. */
static int resolve_input(alx_layer_config *first, const config_text *text)
{
    const config_entry *input = config_find(text, "net", "input");
    const bool ceil = strcmp(input->value, "224-ceil") == 0;
    const bool pad2 = strcmp(input->value, "224-pad2") == 0;
    const char *key = ceil ? "rounding" : "pad";

    if (!ceil && !pad2)
        return 0;
    if (first->kind != ALX_LAYER_CONV)
        return config_error(text, "net", "input", "%s needs a convolution as the first layer",
                            input->value);
    if (is_given(text, first, key) && !(ceil ? first->ceil : first->pad == 2))
        return config_error(text, first->name, key,
                            "[net] input = %s makes it %s; remove this "
                            "key, or write input = 224x224x3",
                            input->value, ceil ? "ceil" : "2");
    if (ceil)
        first->ceil = true;
    else
        first->pad = 2;
    return 0;
}

static int resolve_layer(alx_net_config *net, int index, const config_text *text)
{
    alx_layer_config *layer = &net->layers[index];
    const bool first = index == 0, last = index + 1 == net->layer_count;
    const bool after_whole = !first && net->layers[index - 1].towers != ALX_DIVIDE_OUTPUTS;

    if (layer->outputs == 0) /* the word classes */
        layer->outputs = net->classes;
    if (last && !is_given(text, layer, "activation")) {
        layer->activation = ALX_ACT_NONE;
        layer->slope = 0.0;
    }
    if (!is_given(text, layer, "towers"))
        layer->towers = last ? ALX_DIVIDE_NOTHING : ALX_DIVIDE_OUTPUTS;
    if (!is_given(text, layer, "sees"))
        layer->sees = first || after_whole || layer->kind == ALX_LAYER_FC ? ALX_SEES_BOTH
                                                                          : ALX_SEES_OWN;
    resolve_init(layer, text);
    return resolve_order(layer, text);
}

int config_resolve(alx_config *config, const config_text *text)
{
    alx_net_config *net = &config->net;

    TRY(resolve_input(&net->layers[0], text));
    for (int i = 0; i < net->layer_count; ++i)
        TRY(resolve_layer(net, i, text));
    if (config_find(text, "data", "resize") == NULL)
        config->data.resize = net->height > net->width ? net->height : net->width;
    return 0;
}
