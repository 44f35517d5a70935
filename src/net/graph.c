/* graph.c - turns a config into the chain of nodes: what feeds what, with which shape, where the
 * towers meet. `lrn-across-towers` folds two towers into one part with grouped convolutions. */
#include "net/graph.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

/* Where the chain has got to. */
typedef struct cursor {
    const alx_net_config *config;
    alx_shape shape; /* of one part and one image */
    int parts;
    bool trains; /* a node so far has weights that train */
} cursor;

static int layer_error(const alx_layer_config *layer, const char *text)
{
    if (layer->line > 0)
        return alx_fail(ALX_E_USAGE, "line %d: layer %s: %s", layer->line, layer->name, text);
    return alx_fail(ALX_E_USAGE, "layer %s: %s", layer->name, text);
}

/* "norm" and "conv12" give "norm12"; a layer without a number gives "norm_<layer>". */
static void stage_name(char name[ALX_NAME_BYTES], const char *prefix, const char *layer)
{
    const char *digits = layer + strlen(layer);

    while (digits > layer && isdigit((unsigned char)digits[-1]))
        --digits;
    if (*digits != '\0')
        snprintf(name, ALX_NAME_BYTES, "%s%.8s", prefix, digits);
    else
        snprintf(name, ALX_NAME_BYTES, "%s_%.20s", prefix, layer);
}

static net_graph_node *add_node(alx_graph *graph, alx_node_kind kind, int layer, cursor *at,
                                int parts, alx_shape out, const char *prefix)
{
    net_graph_node *node = &graph->nodes[graph->node_count];
    alx_stage_info *stage = &graph->stages[graph->node_count];

    *node = (net_graph_node){ .kind = kind,
                              .layer = layer,
                              .parts = parts,
                              .in_parts = at->parts,
                              .in = at->shape,
                              .out = out,
                              .groups = 1,
                              .ranges = 1,
                              .weight = -1,
                              .input_needs_grad = at->trains };
    *stage = (alx_stage_info){ .kind = kind, .layer = layer, .out = out, .parts = parts };
    stage->out.c *= parts;
    if (kind == ALX_NODE_GATHER)
        stage->out.c = out.c; /* every part holds all channels */
    stage_name(stage->name, prefix, at->config->layers[layer].name);
    ++graph->node_count;
    at->shape = out;
    at->parts = parts;
    return node;
}

static alx_stage_info *last_stage(alx_graph *graph)
{
    return &graph->stages[graph->node_count - 1];
}

static void add_params(alx_graph *graph, net_graph_node *node, const alx_layer_config *layer,
                       const int *dims, int dim_count)
{
    alx_param_info *weight = &graph->params[graph->param_count++];
    alx_param_info *bias = &graph->params[graph->param_count++];

    *weight = (alx_param_info){ .layer = node->layer, .dim_count = dim_count, .count = 1 };
    snprintf(weight->name, sizeof weight->name, "%s.weight", layer->name);
    for (int i = 0; i < dim_count; ++i) {
        weight->dims[i] = dims[i];
        weight->count *= (size_t)dims[i];
    }
    *bias = (alx_param_info){ .layer = node->layer,
                              .bias = true,
                              .dims = { dims[0] },
                              .dim_count = 1,
                              .count = (size_t)dims[0] };
    snprintf(bias->name, sizeof bias->name, "%s.bias", layer->name);
    node->weight = (int)graph->param_count - 2;
    node->trains = layer->weight_lr != 0.0 || layer->bias_lr != 0.0;

    alx_stage_info *stage = last_stage(graph);
    stage->weights = weight->count;
    stage->parameters = weight->count + bias->count;
}

static int add_conv(alx_graph *graph, int index, cursor *at, int parts)
{
    const alx_layer_config *layer = &at->config->layers[index];
    const bool folded = at->config->lrn_across_towers && at->config->towers > 1;
    const bool own = layer->sees == ALX_SEES_OWN && index > 0;
    const int groups = layer->groups * (folded && own ? at->config->towers : 1);
    const alx_conv2d_params p = { layer->kernel, layer->stride, layer->pad, groups, layer->ceil };
    const alx_shape in = at->shape;
    alx_shape out;

    if (layer->outputs % parts != 0)
        return layer_error(layer, "filters cannot be divided among the towers");
    if (alx_conv2d_output(&out, in, layer->outputs / parts, &p) != 0) {
        const int rc = alx_fail_context(ALX_E_USAGE, "layer %s", layer->name);

        return layer->line > 0 ? alx_fail_context(rc, "line %d", layer->line) : rc;
    }
    net_graph_node *node = add_node(graph, ALX_NODE_CONV, index, at, parts, out, "conv");
    alx_stage_info *stage = last_stage(graph);
    const int dims[] = { layer->outputs, in.c / groups, layer->kernel, layer->kernel };

    node->groups = groups;
    snprintf(stage->name, sizeof stage->name, "%s", layer->name);
    snprintf(stage->what, sizeof stage->what, "%d %dx%d/%d pad %d%s%s", layer->outputs,
             layer->kernel, layer->kernel, layer->stride, layer->pad, layer->ceil ? " ceil" : "",
             groups > 1 ? " grouped" : "");
    add_params(graph, node, layer, dims, 4);
    stage->macs = stage->weights * (size_t)out.h * (size_t)out.w;
    at->trains = at->trains || node->trains;
    return 0;
}

/* `by_input`: each part makes all outputs from its own inputs, to be added up. */
static int add_fc(alx_graph *graph, int index, cursor *at, int parts, bool by_input)
{
    const alx_layer_config *layer = &at->config->layers[index];
    const size_t in = alx_shape_count(at->shape) * (by_input ? (size_t)parts : 1);

    if (!by_input && layer->outputs % parts != 0)
        return layer_error(layer, "units cannot be divided among the towers");
    if (at->config->lrn_across_towers && at->config->towers > 1 &&
        layer->towers == ALX_DIVIDE_OUTPUTS && layer->sees == ALX_SEES_OWN)
        return layer_error(layer, "sees = own is not possible with lrn-across-towers");
    if (in > INT32_MAX / sizeof(float) / 2)
        return layer_error(layer, "too many inputs");
    const alx_shape out = { 1, 1, 1, by_input ? layer->outputs : layer->outputs / parts };
    net_graph_node *node = add_node(graph, ALX_NODE_FC, index, at, parts, out, "fc");
    alx_stage_info *stage = last_stage(graph);
    const int dims[] = { layer->outputs, (int)in };

    snprintf(stage->name, sizeof stage->name, "%s", layer->name);
    snprintf(stage->what, sizeof stage->what, "%d units%s", layer->outputs,
             by_input ? " by input" : "");
    node->by_input = stage->by_input = by_input;
    stage->out.c = layer->outputs;
    add_params(graph, node, layer, dims, 2);
    stage->macs = stage->weights;
    at->trains = at->trains || node->trains;
    return 0;
}

static void add_dropout(alx_graph *graph, int index, cursor *at)
{
    add_node(graph, ALX_NODE_DROPOUT, index, at, at->parts, at->shape, "drop");
    snprintf(last_stage(graph)->what, sizeof last_stage(graph)->what, "drop %g",
             at->config->layers[index].dropout);
}

static int add_pool(alx_graph *graph, int index, cursor *at)
{
    const alx_layer_config *layer = &at->config->layers[index];
    const alx_pool_params p = { layer->pool.kernel, layer->pool.stride, layer->pool.ceil,
                                layer->pool.all_ties };
    alx_shape out;

    if (alx_pool_output(&out, at->shape, &p) != 0) {
        const int rc = alx_fail_context(ALX_E_USAGE, "layer %s: pool", layer->name);

        return layer->line > 0 ? alx_fail_context(rc, "line %d", layer->line) : rc;
    }
    add_node(graph, ALX_NODE_POOL, index, at, at->parts, out, "pool");
    snprintf(last_stage(graph)->what, sizeof last_stage(graph)->what, "max %d/%d%s", p.kernel,
             p.stride, p.ceil ? " ceil" : "");
    return 0;
}

static void add_norm(alx_graph *graph, int index, cursor *at, alx_node_kind kind)
{
    const alx_layer_config *layer = &at->config->layers[index];
    const bool spatial = kind == ALX_NODE_SPATIAL_NORM;
    const alx_lrn_config *lrn = spatial ? &layer->spatial : &layer->lrn;

    net_graph_node *node = add_node(graph, kind, index, at, at->parts, at->shape,
                                    spatial ? "spatial" : "norm");

    node->ranges = lrn->ranges > 0 ? lrn->ranges : 1;
    snprintf(last_stage(graph)->what, sizeof last_stage(graph)->what, "n=%d k=%g alpha=%g%s",
             lrn->size, lrn->k, lrn->alpha, lrn->alpha_over_n ? "/n" : "");
}

static int add_stage(alx_graph *graph, int index, cursor *at, alx_stage stage)
{
    static const char *const activations[] = { "identity", "relu", "tanh", "sigmoid", "leaky" };
    const alx_layer_config *layer = &at->config->layers[index];

    switch (stage) {
    case ALX_STAGE_ACTIVATION:
        add_node(graph, ALX_NODE_ACTIVATION, index, at, at->parts, at->shape,
                 activations[layer->activation]);
        last_stage(graph)->activation = true;
        return 0;
    case ALX_STAGE_LRN:
        add_norm(graph, index, at, ALX_NODE_LRN);
        return 0;
    case ALX_STAGE_SPATIAL_NORM:
        add_norm(graph, index, at, ALX_NODE_SPATIAL_NORM);
        return 0;
    case ALX_STAGE_POOL:
        return add_pool(graph, index, at);
    case ALX_STAGE_ADAPTIVE_POOL: {
        const alx_shape out = { 1, layer->adaptive_pool, layer->adaptive_pool, at->shape.c };

        add_node(graph, ALX_NODE_ADAPTIVE_POOL, index, at, at->parts, out, "adaptive");
        snprintf(last_stage(graph)->what, sizeof last_stage(graph)->what, "average to %dx%d", out.h,
                 out.w);
        return 0;
    }
    }
    return layer_error(layer, "unknown stage");
}

static int add_layer(alx_graph *graph, int index, cursor *at)
{
    const alx_net_config *config = at->config;
    const alx_layer_config *layer = &config->layers[index];
    const bool folded = config->lrn_across_towers && config->towers > 1;
    const bool by_input = layer->towers == ALX_DIVIDE_INPUTS && at->parts > 1;
    const int parts = by_input                                        ? at->parts
                      : folded || layer->towers != ALX_DIVIDE_OUTPUTS ? 1
                                                                      : config->towers;

    if (layer->dropout > 0.0 && config->dropout_input)
        add_dropout(graph, index, at);
    const bool meets = at->parts > 1 && (layer->sees == ALX_SEES_BOTH || parts == 1) && !by_input;
    const bool spreads = index > 0 && at->parts == 1 && parts > 1;
    if (meets || spreads) {
        alx_shape all = at->shape;

        all.c *= at->parts;
        add_node(graph, ALX_NODE_GATHER, index, at, parts, all, "towers");
        snprintf(last_stage(graph)->what, sizeof last_stage(graph)->what, "towers meet");
    }
    TRY(layer->kind == ALX_LAYER_CONV ? add_conv(graph, index, at, parts)
                                      : add_fc(graph, index, at, parts, by_input));
    if (by_input) {
        add_node(graph, ALX_NODE_SUM, index, at, 1, at->shape, "sum");
        snprintf(last_stage(graph)->what, sizeof last_stage(graph)->what, "of both towers");
    }
    for (int i = 0; i < layer->order_count; ++i)
        TRY(add_stage(graph, index, at, layer->order[i]));
    if (layer->dropout > 0.0 && !config->dropout_input)
        add_dropout(graph, index, at);
    return 0;
}

int alx_graph_create(alx_graph **out, const alx_net_config *config)
{
    cursor at = { config, { 1, config->height, config->width, config->channels }, 1, false };
    alx_graph *graph = calloc(1, sizeof *graph);
    int rc = 0;

    *out = NULL;
    if (graph == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the network's graph");
    graph->config = *config;
    for (int i = 0; i < config->layer_count; ++i)
        TRY_DONE(add_layer(graph, i, &at));
    if (at.parts != 1 || at.shape.h != 1 || at.shape.w != 1 || at.shape.c != config->classes) {
        rc = alx_fail(ALX_E_USAGE,
                      "layer %s: the last layer must be whole and give %d classes, it gives %d",
                      config->layers[config->layer_count - 1].name, config->classes,
                      at.shape.c * at.parts * at.shape.h * at.shape.w);
        goto done;
    }
    *out = graph;
    graph = NULL;
done:
    alx_graph_free(graph);
    return rc;
}

void alx_graph_free(alx_graph *graph)
{
    free(graph);
}

const alx_stage_info *alx_graph_stages(const alx_graph *graph, size_t *count)
{
    *count = (size_t)graph->node_count;
    return graph->stages;
}

const alx_param_info *alx_graph_params(const alx_graph *graph, size_t *count)
{
    *count = graph->param_count;
    return graph->params;
}
