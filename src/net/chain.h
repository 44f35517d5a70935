/* chain.h - how the layers add their nodes to a graph, one after the other. */
#ifndef NET_CHAIN_H
#define NET_CHAIN_H

#include "net/graph.h"

/* Where the chain has got to. */
typedef struct net_chain {
    alx_graph *graph;
    const alx_net_config *config;
    int layer;       /* whose nodes are added; index in the config */
    int layer_parts; /* that the layer's weights are divided into */
    bool by_input;   /* each part makes all outputs from its own inputs, to be added up */
    alx_shape shape; /* of one part and one image */
    int parts;
    bool trains; /* a node so far has weights that train */
} net_chain;

static inline const alx_layer_config *net_chain_config(const net_chain *chain)
{
    return &chain->config->layers[chain->layer];
}

/* Whether `lrn-across-towers` makes one part of two towers. */
static inline bool net_chain_folds(const net_chain *chain)
{
    return chain->config->lrn_across_towers && chain->config->towers > 1;
}

/* The next node, which reads the one before; its name is the prefix with the layer's number. */
alx_layer_info *net_chain_add(net_chain *chain, alx_node_kind kind, int parts, alx_shape out,
                              const char *prefix);
/* Of the node added last: what the table of layers says of it. */
void net_chain_describe(net_chain *chain, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Of the node added last: weights in PyTorch's dimensions and biases, used `uses` times for an
 * image; it has the layer's name. */
void net_chain_weights(net_chain *chain, const int *dims, int dim_count, size_t uses);
/* ALX_E_USAGE with the layer's name and line. */
int net_chain_refuse(const net_chain *chain, const char *text) ALX_MUST_USE;
/* The same as context of what an operation said of its shape. @param what  "" or ": pool" */
int net_chain_refuse_shape(const net_chain *chain, const char *what) ALX_MUST_USE;

#endif
