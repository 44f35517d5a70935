/* activation.c - binds ReLU, tanh, sigmoid and leaky ReLU to a node. */
#include "net/net.h"

static int activation_forward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    (void)net;
    (void)step;
    return alx_op_activation_forward(&node->out[part].data, &node->in[part]->data,
                                     node->config->activation, (float)node->config->slope);
}

static int activation_backward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    (void)net;
    (void)step;
    return alx_op_activation_backward(&node->in[part]->grad, &node->out[part].grad,
                                      &node->out[part].data, node->config->activation,
                                      (float)node->config->slope);
}

/* The convolution before it has done it. */
static int made_forward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    (void)net;
    (void)node;
    (void)part;
    (void)step;
    return 0;
}

const net_node_type net_node_made_relu = {
    .needs_output = true,
    .in_place = true,
    .forward = made_forward,
    .backward = activation_backward,
};

const net_node_type net_node_activation = {
    .needs_output = true,
    .in_place = true,
    .forward = activation_forward,
    .backward = activation_backward,
};
