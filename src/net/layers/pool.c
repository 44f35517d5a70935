/* pool.c - binds max-pooling and adaptive average pooling to a node. Max-pooling keeps the
 * place of each winner; with `all-ties` it needs input and output again instead. */
#include "net/net.h"

alx_pool_params net_node_pool_params(const net_node *node)
{
    const alx_pool_config *c = &node->config->pool;

    return (alx_pool_params){ c->kernel, c->stride, c->ceil, c->all_ties };
}

static void pool_plan(const alx_net *net, net_node *node)
{
    node->reads_input = node->reads_output = node->config->pool.all_ties;
    if (net->options.training)
        node->saved_shape = node->out[0].shape;
}

static int pool_forward(const net_pass_context *at)
{
    const net_node *node = at->node;
    const alx_pool_params p = net_node_pool_params(node);

    return alx_op_maxpool_forward(&node->out[at->part].data,
                                  at->net->options.training ? &node->saved[at->part] : NULL,
                                  &node->in[at->part]->data, &p);
}

static int pool_backward(const net_pass_context *at)
{
    const net_value *in = at->node->in[at->part], *out = &at->node->out[at->part];
    const alx_pool_params p = net_node_pool_params(at->node);

    return alx_op_maxpool_backward(&in->grad, &out->grad, &at->node->saved[at->part], &in->data,
                                   &out->data, &p);
}

static void pool_show(alx_observation *seen, const net_pass_context *at)
{
    seen->pool = net_node_pool_params(at->node);
}

static int adaptive_forward(const net_pass_context *at)
{
    return alx_op_adaptive_pool_forward(&at->node->out[at->part].data,
                                        &at->node->in[at->part]->data);
}

static int adaptive_backward(const net_pass_context *at)
{
    return alx_op_adaptive_pool_backward(&at->node->in[at->part]->grad,
                                         &at->node->out[at->part].grad);
}

const net_node_type net_node_pool = {
    .plan = pool_plan,
    .forward = pool_forward,
    .backward = pool_backward,
    .show = pool_show,
};

const net_node_type net_node_adaptive_pool = {
    .forward = adaptive_forward,
    .backward = adaptive_backward,
};
