/* pool.c - binds max-pooling and adaptive average pooling to a node. Max-pooling keeps the
 * place of each winner; with `all-ties` it needs input and output again instead. */
#include "net/net.h"

alx_pool_params net_node_pool_params(const net_node *node)
{
    const alx_pool_config *c = &node->config->pool;

    return (alx_pool_params){ c->kernel, c->stride, c->ceil, c->all_ties };
}

static int pool_forward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    const alx_pool_params p = net_node_pool_params(node);

    (void)step;
    return alx_op_maxpool_forward(&node->out[part].data,
                                  net->options.training ? &node->saved[part] : NULL,
                                  &node->in[part]->data, &p);
}

static int pool_backward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    const alx_pool_params p = net_node_pool_params(node);

    (void)net;
    (void)step;
    return alx_op_maxpool_backward(&node->in[part]->grad, &node->out[part].grad, &node->saved[part],
                                   &node->in[part]->data, &node->out[part].data, &p);
}

static int adaptive_forward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    (void)net;
    (void)step;
    return alx_op_adaptive_pool_forward(&node->out[part].data, &node->in[part]->data);
}

static int adaptive_backward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    (void)net;
    (void)step;
    return alx_op_adaptive_pool_backward(&node->in[part]->grad, &node->out[part].grad);
}

const net_node_type net_node_pool = {
    .needs_input = true,
    .needs_output = true,
    .forward = pool_forward,
    .backward = pool_backward,
};

const net_node_type net_node_adaptive_pool = {
    .forward = adaptive_forward,
    .backward = adaptive_backward,
};
