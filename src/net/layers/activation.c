/* activation.c - binds ReLU, tanh, sigmoid and leaky ReLU to a node. */
#include "net/layers/layers.h"

static int activation_add(net_chain *chain)
{
    static const char *const names[] = { "identity", "relu", "tanh", "sigmoid", "leaky" };

    net_chain_add(chain, ALX_NODE_ACTIVATION, chain->parts, chain->shape,
                  names[net_chain_config(chain)->activation]);
    return 0;
}

static int activation_forward(const net_pass_context *at)
{
    const alx_layer_config *c = at->node->config;

    return alx_op_activation_forward(&at->node->out[at->part].data, &at->node->in[at->part]->data,
                                     c->activation, (float)c->slope);
}

static int activation_backward(const net_pass_context *at)
{
    const alx_layer_config *c = at->node->config;
    const net_value *out = &at->node->out[at->part];

    return alx_op_activation_backward(&at->node->in[at->part]->grad, &out->grad, &out->data,
                                      c->activation, (float)c->slope);
}

static void activation_show(alx_observation *seen, const net_pass_context *at)
{
    seen->work.activation = at->node->config->activation;
    seen->work.slope = (float)at->node->config->slope;
}

const net_node_type net_node_activation = {
    .add = activation_add,
    .needs_output = true,
    .in_place = true,
    .forward = activation_forward,
    .backward = activation_backward,
    .show = activation_show,
};

/* The layer before it has made its output. */
const net_node_type net_node_relu_done = {
    .needs_output = true,
    .in_place = true,
    .backward = activation_backward,
    .show = activation_show,
};
