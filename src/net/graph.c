/* graph.c - turns a config into the chain of nodes: what feeds what, where the towers meet; each
 * file in layers/ adds its own. `lrn-across-towers` folds two towers into one part with grouped
 * convolutions. */
#include "net/graph.h"

#include <stdlib.h>

#include "alexnet/dev/net.h"
#include "base/try.h"
#include "net/chain.h"
#include "net/layers/layers.h"

static int add_node(net_chain *chain, alx_node_kind kind)
{
    const net_node_type *type = net_node_type_of(kind);

    return type != NULL ? type->add(chain) : net_chain_refuse(chain, "unknown stage");
}

/* Parts of the layer's weights, and whether they divide the inputs. */
static void divide_layer(net_chain *chain)
{
    const alx_layer_config *layer = net_chain_config(chain);
    const bool outputs = layer->towers == ALX_DIVIDE_OUTPUTS && !net_chain_folds(chain);

    chain->by_input = layer->towers == ALX_DIVIDE_INPUTS && chain->parts > 1;
    chain->layer_parts = chain->by_input ? chain->parts : outputs ? chain->graph->config.towers : 1;
}

static bool towers_meet(const net_chain *chain)
{
    const bool both = net_chain_config(chain)->sees == ALX_SEES_BOTH || chain->layer_parts == 1;
    const bool spreads = chain->layer > 0 && chain->parts == 1 && chain->layer_parts > 1;

    return spreads || (chain->parts > 1 && both && !chain->by_input);
}

static int add_layer(net_chain *chain)
{
    const alx_layer_config *layer = net_chain_config(chain);
    const bool before = chain->graph->config.dropout_input;

    divide_layer(chain);
    if (layer->dropout > 0.0 && before)
        TRY(add_node(chain, ALX_NODE_DROPOUT));
    if (towers_meet(chain))
        TRY(add_node(chain, ALX_NODE_GATHER));
    TRY(add_node(chain, layer->kind == ALX_LAYER_CONV ? ALX_NODE_CONV : ALX_NODE_FC));
    if (chain->by_input)
        TRY(add_node(chain, ALX_NODE_SUM));
    for (int i = 0; i < layer->order_count; ++i)
        TRY(add_node(chain, layer->order[i]));
    if (layer->dropout > 0.0 && !before)
        TRY(add_node(chain, ALX_NODE_DROPOUT));
    return 0;
}

int alx_graph_create(alx_graph **out, const alx_net_config *config)
{
    alx_graph *graph = calloc(1, sizeof *graph);
    net_chain chain = { .graph = graph,
                        .config = config,
                        .shape = { 1, config->height, config->width, config->channels },
                        .parts = 1 };
    int rc = 0;

    *out = NULL;
    if (graph == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the network's graph");
    graph->config = *config;
    for (; chain.layer < config->layer_count; ++chain.layer)
        TRY_DONE(add_layer(&chain));
    if (chain.parts != 1 || chain.shape.h != 1 || chain.shape.w != 1 ||
        chain.shape.c != config->classes) {
        rc = alx_fail(ALX_E_USAGE,
                      "layer %s: the last layer must be whole and give %d classes, it gives %d",
                      config->layers[config->layer_count - 1].name, config->classes,
                      chain.shape.c * chain.parts * chain.shape.h * chain.shape.w);
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

const alx_layer_info *alx_graph_layers(const alx_graph *graph, size_t *count)
{
    *count = (size_t)graph->node_count;
    return graph->nodes;
}

const alx_param_info *alx_graph_params(const alx_graph *graph, size_t *count)
{
    *count = graph->param_count;
    return graph->params;
}

const alx_net_config *alx_graph_config(const alx_graph *graph)
{
    return &graph->config;
}

alx_cost alx_graph_cost(const alx_graph *graph)
{
    alx_cost sum = { 0 };

    for (int i = 0; i < graph->node_count; ++i) {
        sum.parameters += graph->nodes[i].parameters;
        sum.macs += graph->nodes[i].macs;
    }
    return sum;
}

int alx_net_cost(alx_cost *out, const alx_net_config *config)
{
    alx_graph *graph = NULL;

    *out = (alx_cost){ 0 };
    TRY(alx_graph_create(&graph, config));
    *out = alx_graph_cost(graph);
    alx_graph_free(graph);
    return 0;
}
