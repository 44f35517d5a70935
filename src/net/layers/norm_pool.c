/* norm_pool.c - max-pooling that takes the ReLU and the normalisation before it along: one
 * kernel forward, one back to before the ReLU. The nodes that it stands for do nothing; their
 * tensors are those of the convolution. Which nodes: fuse_nodes in nodes.c. */
#include "net/net.h"

static const alx_lrn_params *norm_of(alx_lrn_params *p, const net_node *node)
{
    if (!node->takes_norm)
        return NULL;
    *p = net_node_norm_params(node - 1);
    return p;
}

static int norm_pool_forward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    const alx_pool_params pool = net_node_pool_params(node);
    alx_lrn_params norm;

    (void)step;
    return alx_op_norm_pool_forward(&node->out[part].data,
                                    net->options.training ? &node->saved[part] : NULL,
                                    &node->in[part]->data, norm_of(&norm, node), &pool);
}

static int norm_pool_backward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    const alx_pool_params pool = net_node_pool_params(node);
    alx_lrn_params norm;

    (void)net;
    (void)step;
    return alx_op_norm_pool_backward(&node->in[part]->grad, &node->out[part].grad,
                                     &node->saved[part], &node->in[part]->data,
                                     norm_of(&norm, node), &pool);
}

static int nothing(alx_net *net, net_node *node, int part, const alx_step *step)
{
    (void)net;
    (void)node;
    (void)part;
    (void)step;
    return 0;
}

const net_node_type net_node_norm_pool = {
    .needs_input = true,
    .forward = norm_pool_forward,
    .backward = norm_pool_backward,
};

const net_node_type net_node_taken = {
    .in_place = true,
    .forward = nothing,
    .backward = nothing,
};
