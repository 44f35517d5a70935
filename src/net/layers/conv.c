/* conv.c - binds convolution to a node: forward with bias, three gradients. */
#include "net/net.h"

#include "base/try.h"

alx_conv2d_params net_node_conv_params(const net_node *node)
{
    const alx_layer_config *c = node->config;

    return (alx_conv2d_params){ c->kernel, c->stride, c->pad, node->graph->groups, c->ceil };
}

static size_t conv_scratch(const alx_net *net, const net_node *node, int dev)
{
    const alx_conv2d_params p = net_node_conv_params(node);
    alx_shape in = node->graph->in;
    const alx_shape out = node->out[0].shape;
    const alx_pass last = net->options.training ? ALX_PASS_GRAD_WEIGHT : ALX_PASS_FORWARD;
    size_t most = net->options.training ? alx_op_grad_bias_scratch(out) : 1;

    in.n = out.n;
    for (int pass = ALX_PASS_FORWARD; pass <= (int)last; ++pass) {
        const size_t elements = alx_op_conv2d_scratch(net->devs[dev], net->algorithms[dev].conv,
                                                      (alx_pass)pass, in, out, &p);
        most = elements > most ? elements : most;
    }
    return most;
}

static int conv_forward(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const alx_conv2d_params p = net_node_conv_params(node);
    const net_param *weight = &net->params[node->graph->weight], *bias = weight + 1;
    const net_value *in = node->in[at->part], *out = &node->out[at->part];

    for (int chunk = 0; chunk < out->chunks; ++chunk) {
        TRY(net_gather_arrive(node->gather, at->part, chunk));
        TRY(alx_op_conv2d_forward_chunk(net->algorithms[out->dev].conv, net_value_chunk(out, chunk),
                                        net_value_chunk(in, chunk), &weight->value[at->part],
                                        &bias->value[at->part], &p, node->relu, out->shape.n,
                                        &net->scratch[out->dev]));
    }
    return 0;
}

static int conv_backward(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const alx_conv2d_params p = net_node_conv_params(node);
    const int dev = node->out[at->part].dev;

    return alx_op_conv2d_grad_input(
        net->algorithms[dev].conv, &node->in[at->part]->grad, &node->out[at->part].grad,
        &net->params[node->graph->weight].value[at->part], &p, &net->scratch[dev]);
}

static int conv_gradients(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const alx_conv2d_params p = net_node_conv_params(node);
    const net_param *weight = &net->params[node->graph->weight], *bias = weight + 1;
    const int dev = node->out[at->part].dev;
    const alx_tensor *grad_y = &node->out[at->part].grad;
    const bool accumulate = at->step->accumulate;

    TRY(alx_op_grad_bias(&bias->grad[at->part], grad_y, accumulate, &net->scratch[dev]));
    return alx_op_conv2d_grad_weight(net->algorithms[dev].conv, &weight->grad[at->part],
                                     &node->in[at->part]->data, grad_y, &p, accumulate,
                                     &net->scratch[dev]);
}

static void conv_show(alx_observation *seen, const net_pass_context *at)
{
    seen->conv = net_node_conv_params(at->node);
    seen->relu = at->node->relu;
}

const net_node_type net_node_conv = {
    .needs_input = true,
    .scratch = conv_scratch,
    .forward = conv_forward,
    .backward = conv_backward,
    .gradients = conv_gradients,
    .show = conv_show,
};
