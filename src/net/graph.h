/* graph.h - the network as a chain of nodes with shapes, before any device is known. */
#ifndef NET_GRAPH_H
#define NET_GRAPH_H

#include "alexnet/dev/ops.h"
#include "alexnet/net.h"

/* A node runs once per part; part t belongs to tower t. Shapes are those of one image (n = 1) and
 * one part. Node i reads node i - 1; node 0 reads the image, which every tower sees whole. */
typedef struct net_graph_node {
    alx_node_kind kind;
    int layer; /* index in the config */
    int parts, in_parts;
    alx_shape in, out;
    int groups;            /* of a convolution: inside one part */
    bool by_input;         /* of a fully connected layer: parts divide its inputs */
    int ranges;            /* of LRN: inside one part */
    int weight;            /* index of the weight in the parameters, the bias follows; -1 */
    bool trains;           /* has weights that are not frozen */
    bool input_needs_grad; /* something before it trains */
} net_graph_node;

#define NET_MAX_NODES (ALX_MAX_LAYERS * 8)

struct alx_graph {
    alx_net_config config;
    int node_count;
    net_graph_node nodes[NET_MAX_NODES];
    alx_stage_info stages[NET_MAX_NODES];
    size_t param_count;
    alx_param_info params[ALX_MAX_LAYERS * 2];
    bool fused_update[ALX_MAX_LAYERS * 2]; /* by parameter; set by a net for the graph of its own */
};

/* ALX_E_USAGE with the layer's name if the network cannot be divided among the devices. */
int net_graph_check_devices(const alx_graph *graph, int dev_count) ALX_MUST_USE;

/* passes.c: names for profile and messages: "conv2.1 grad-input", or "fc8 forward" where there is
 * one part; "fc8 update". */
void net_pass_label(char label[48], const alx_graph *graph, int node, int part, alx_pass pass);
void net_update_label(char label[48], const alx_graph *graph, size_t param);

/* Where towers meet: its inputs are those of all towers. */
static inline bool net_node_meets(const net_graph_node *node)
{
    return node->kind == ALX_NODE_GATHER || node->kind == ALX_NODE_SUM;
}

static inline const alx_layer_config *net_node_config(const alx_graph *graph, int node)
{
    return &graph->config.layers[graph->nodes[node].layer];
}

#endif
