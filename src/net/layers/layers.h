/* layers.h - the kinds of nodes, and what they share with the files around them. */
#ifndef NET_LAYERS_LAYERS_H
#define NET_LAYERS_LAYERS_H

#include "net/net.h"

/* By the kind in a graph. */
extern const net_node_type net_node_activation, net_node_lrn, net_node_spatial_norm, net_node_pool,
    net_node_adaptive_pool, net_node_conv, net_node_fc, net_node_dropout, net_node_gather,
    net_node_sum;
/* What fuse.c makes of them. */
extern const net_node_type net_node_relu_done, net_node_absorbed, net_node_norm_pool;

/* NULL for what is no kind of a graph's nodes. */
static inline const net_node_type *net_node_type_of(alx_node_kind kind)
{
    static const net_node_type *const types[] = {
        [ALX_NODE_ACTIVATION] = &net_node_activation,
        [ALX_NODE_LRN] = &net_node_lrn,
        [ALX_NODE_SPATIAL_NORM] = &net_node_spatial_norm,
        [ALX_NODE_POOL] = &net_node_pool,
        [ALX_NODE_ADAPTIVE_POOL] = &net_node_adaptive_pool,
        [ALX_NODE_CONV] = &net_node_conv,
        [ALX_NODE_FC] = &net_node_fc,
        [ALX_NODE_DROPOUT] = &net_node_dropout,
        [ALX_NODE_GATHER] = &net_node_gather,
        [ALX_NODE_SUM] = &net_node_sum,
    };

    return (size_t)kind < ALX_COUNT(types) ? types[kind] : NULL;
}

/* What operations are given, where more than their layer asks: fuse.c, passes.c. */
alx_conv2d_params net_conv_params(const alx_layer_config *layer, int groups);
alx_pool_params net_pool_params(const alx_layer_config *layer);
alx_lrn_params net_node_norm_params(const net_node *node); /* of LRN and the spatial norm */

/* layers/gather.c: what a gather's reader calls, and the step around it; NULL is fine. */
int net_gather_arrive(net_node *gather, int part, int chunk) ALX_MUST_USE;
/* Forward, when all parts have read: what was sent may be overwritten. */
int net_gather_settle(net_node *gather) ALX_MUST_USE;
/* Backward, when all parts have the gradient of their input: sends the halves home, behind what
 * follows. */
int net_gather_return(net_node *gather) ALX_MUST_USE;

#endif
