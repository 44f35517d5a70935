/* chain.c - adds nodes to a graph: names, shapes, parameters. */
#include "net/chain.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/numbers.h"

int net_chain_refuse(const net_chain *chain, const char *text)
{
    const alx_layer_config *layer = net_chain_config(chain);

    if (layer->line > 0)
        return alx_fail(ALX_E_USAGE, "line %d: layer %s: %s", layer->line, layer->name, text);
    return alx_fail(ALX_E_USAGE, "layer %s: %s", layer->name, text);
}

int net_chain_refuse_shape(const net_chain *chain, const char *what)
{
    const alx_layer_config *layer = net_chain_config(chain);
    const int rc = alx_fail_context(ALX_E_USAGE, "layer %s%s", layer->name, what);

    return layer->line > 0 ? alx_fail_context(rc, "line %d", layer->line) : rc;
}

/* "norm" and "conv12" give "norm12"; a layer without a number gives "norm_<layer>". */
static void node_name(char name[ALX_NAME_BYTES], const char *prefix, const char *layer)
{
    const char *digits = layer + strlen(layer);

    while (digits > layer && isdigit((unsigned char)digits[-1]))
        --digits;
    if (*digits != '\0')
        snprintf(name, ALX_NAME_BYTES, "%s%.8s", prefix, digits);
    else
        snprintf(name, ALX_NAME_BYTES, "%s_%.20s", prefix, layer);
}

alx_layer_info *net_chain_add(net_chain *chain, alx_node_kind kind, int parts, alx_shape out,
                              const char *prefix)
{
    const bool by_input = kind == ALX_NODE_FC && chain->by_input;
    const bool all = kind == ALX_NODE_GATHER || by_input; /* every part holds all channels */
    alx_layer_info *node = &chain->graph->nodes[chain->graph->node_count++];

    *node = (alx_layer_info){ .kind = kind,
                              .layer = chain->layer,
                              .parts = parts,
                              .in_parts = chain->parts,
                              .in = chain->shape,
                              .out = out,
                              .whole = out,
                              .groups = 1,
                              .by_input = by_input,
                              .ranges = 1,
                              .weight = -1,
                              .input_needs_grad = chain->trains };
    node->whole.c *= all ? 1 : parts;
    node_name(node->name, prefix, net_chain_config(chain)->name);
    chain->shape = out;
    chain->parts = parts;
    return node;
}

static alx_layer_info *last_node(net_chain *chain)
{
    return &chain->graph->nodes[chain->graph->node_count - 1];
}

void net_chain_describe(net_chain *chain, const char *format, ...)
{
    alx_layer_info *node = last_node(chain);
    va_list values;

    va_start(values, format);
    base_vprint(node->what, sizeof node->what, format, values);
    va_end(values);
}

static void add_params(net_chain *chain, const int *dims, int dim_count)
{
    alx_graph *graph = chain->graph;
    const char *name = net_chain_config(chain)->name;
    alx_param_info *weight = &graph->params[graph->param_count++];
    alx_param_info *bias = &graph->params[graph->param_count++];

    *weight = (alx_param_info){ .layer = chain->layer, .dim_count = dim_count, .count = 1 };
    snprintf(weight->name, sizeof weight->name, "%s.weight", name);
    for (int i = 0; i < dim_count; ++i) {
        weight->dims[i] = dims[i];
        weight->count *= (size_t)dims[i];
    }
    *bias = (alx_param_info){ .layer = chain->layer,
                              .bias = true,
                              .dims = { dims[0] },
                              .dim_count = 1,
                              .count = (size_t)dims[0] };
    snprintf(bias->name, sizeof bias->name, "%s.bias", name);
}

void net_chain_weights(net_chain *chain, const int *dims, int dim_count, size_t uses)
{
    const alx_graph *graph = chain->graph;
    const alx_layer_config *layer = net_chain_config(chain);
    alx_layer_info *node = last_node(chain);

    node->weight = (int)graph->param_count;
    node->trains = layer->weight_lr != 0.0 || layer->bias_lr != 0.0;
    chain->trains = chain->trains || node->trains;
    add_params(chain, dims, dim_count);
    snprintf(node->name, sizeof node->name, "%s", layer->name);
    node->weights = graph->params[node->weight].count;
    node->parameters = node->weights + graph->params[node->weight + 1].count;
    node->macs = node->weights * uses;
}
