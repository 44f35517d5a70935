/* graph.h - the network as a chain of nodes with shapes, before any device is known. */
#ifndef NET_GRAPH_H
#define NET_GRAPH_H

#include "alexnet/dev/ops.h"
#include "alexnet/net.h"

#define NET_MAX_NODES (ALX_MAX_LAYERS * 8)

struct alx_graph {
    alx_net_config config;
    int node_count;
    alx_layer_info nodes[NET_MAX_NODES];
    size_t param_count;
    alx_param_info params[ALX_MAX_LAYERS * 2];
    bool fused_update[ALX_MAX_LAYERS * 2]; /* by parameter; set by a net for the graph of its own */
};

/* passes.c: names for profile and messages: "conv2.1 grad-input", or "fc8 forward" where there is
 * one part. */
void net_pass_label(char label[48], const alx_graph *graph, int node, int part, alx_pass pass);
#define NET_UPDATE_LABEL "weights update"

/* Where towers meet: its inputs are those of all towers. */
static inline bool net_node_meets(const alx_layer_info *node)
{
    return node->kind == ALX_NODE_GATHER || node->kind == ALX_NODE_SUM;
}

static inline const alx_layer_config *net_node_config(const alx_graph *graph, int node)
{
    return &graph->config.layers[graph->nodes[node].layer];
}

#endif
