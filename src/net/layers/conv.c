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

static int conv_forward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    const alx_conv2d_params p = net_node_conv_params(node);
    const net_param *weight = &net->params[node->graph->weight], *bias = weight + 1;
    const net_value *in = node->in[part], *out = &node->out[part];

    (void)step;
    for (int chunk = 0; chunk < out->chunks; ++chunk) {
        TRY(net_gather_arrive(node->gather, part, chunk));
        TRY(alx_op_conv2d_forward_chunk(net->algorithms[out->dev].conv, net_value_chunk(out, chunk),
                                        net_value_chunk(in, chunk), &weight->value[part],
                                        &bias->value[part], &p, node->takes_relu, out->shape.n,
                                        &net->scratch[out->dev]));
    }
    return 0;
}

static int conv_backward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    const alx_conv2d_params p = net_node_conv_params(node);
    const int dev = node->out[part].dev;

    (void)step;
    return alx_op_conv2d_grad_input(
        net->algorithms[dev].conv, &node->in[part]->grad, &node->out[part].grad,
        &net->params[node->graph->weight].value[part], &p, &net->scratch[dev]);
}

static int conv_gradients(alx_net *net, net_node *node, int part, const alx_step *step)
{
    const alx_conv2d_params p = net_node_conv_params(node);
    const net_param *weight = &net->params[node->graph->weight], *bias = weight + 1;
    const int dev = node->out[part].dev;
    const alx_tensor *grad_y = &node->out[part].grad;

    TRY(alx_op_grad_bias(&bias->grad[part], grad_y, step->accumulate, &net->scratch[dev]));
    return alx_op_conv2d_grad_weight(net->algorithms[dev].conv, &weight->grad[part],
                                     &node->in[part]->data, grad_y, &p, step->accumulate,
                                     &net->scratch[dev]);
}

const net_node_type net_node_conv = {
    .needs_input = true,
    .scratch = conv_scratch,
    .forward = conv_forward,
    .backward = conv_backward,
    .gradients = conv_gradients,
};
