/* norm_pool.c - max-pooling that takes the ReLU and the normalisation before it along: one kernel
 * forward, one back to before the ReLU. The nodes that it stands for are absorbed: they do nothing,
 * and their tensors are those of the convolution. Which nodes: fuse.c. */
#include "net/layers/layers.h"

static void norm_pool_plan(const alx_net *net, net_node *node)
{
    if (!net->options.training)
        return;
    node->saved_shape = node->out[0].shape;
    node->saved_shape.c /= 4; /* bytes */
}

/* NULL where there is none to take along. */
static const alx_lrn_params *norm_of(alx_lrn_params *p, const net_node *pool)
{
    if (pool->norm == NULL)
        return NULL;
    *p = net_node_norm_params(pool->norm);
    return p;
}

static int norm_pool_forward(const net_pass_context *at)
{
    const net_node *node = at->node;
    const alx_pool_params pool = net_pool_params(node->config);
    alx_lrn_params norm;

    return alx_op_norm_pool_forward(&node->out[at->part].data,
                                    at->net->options.training ? &node->saved[at->part] : NULL,
                                    &node->in[at->part]->data, norm_of(&norm, node), &pool);
}

static int norm_pool_backward(const net_pass_context *at)
{
    const net_node *node = at->node;
    const net_value *in = node->in[at->part];
    const alx_pool_params pool = net_pool_params(node->config);
    alx_lrn_params norm;

    return alx_op_norm_pool_backward(&in->grad, &node->out[at->part].grad, &node->saved[at->part],
                                     &in->data, norm_of(&norm, node), &pool);
}

static void norm_pool_show(alx_observation *seen, const net_pass_context *at)
{
    seen->work.pool = net_pool_params(at->node->config);
    seen->fused = true;
    seen->normed = norm_of(&seen->work.norm, at->node) != NULL;
}

const net_node_type net_node_norm_pool = {
    .needs_input = true,
    .plan = norm_pool_plan,
    .forward = norm_pool_forward,
    .backward = norm_pool_backward,
    .show = norm_pool_show,
};

const net_node_type net_node_absorbed = { .in_place = true };
