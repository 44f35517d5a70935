/* layer_fc.c - binds the fully connected operation to a node. */
#include "net/net.h"

static size_t fc_scratch(const alx_net *net, const alx_node *node)
{
    const int in = (int)alx_shape_count(node->graph->in), out = node->graph->out.c;
    const alx_pass last = net->options.training ? ALX_PASS_GRAD_WEIGHT : ALX_PASS_FORWARD;
    size_t most = net->options.training ? alx_op_grad_bias_scratch(node->out[0].shape) : 1;

    for (int pass = ALX_PASS_FORWARD; pass <= (int)last; ++pass) {
        const size_t elements = alx_op_fc_scratch(net->algorithms.gemm, (alx_pass)pass,
                                                  net->options.batch, in, out);
        most = elements > most ? elements : most;
    }
    return most;
}

static int fc_forward(alx_net *net, alx_node *node, int part, const alx_step *step)
{
    const alx_param *weight = &net->params[node->graph->weight], *bias = weight + 1;

    (void)step;
    return alx_op_fc_forward(net->algorithms.gemm, &node->out[part].data, &node->in[part]->data,
                             &weight->value[part], &bias->value[part],
                             &net->scratch[node->out[part].dev]);
}

static int fc_backward(alx_net *net, alx_node *node, int part, const alx_step *step)
{
    const alx_param *weight = &net->params[node->graph->weight], *bias = weight + 1;
    const alx_tensor *scratch = &net->scratch[node->out[part].dev];
    const alx_tensor *grad_y = &node->out[part].grad;
    int rc = 0;

    if (node->graph->trains) {
        TRY(alx_op_grad_bias(&bias->grad[part], grad_y, step->accumulate, scratch));
        TRY(alx_op_fc_grad_weight(net->algorithms.gemm, &weight->grad[part],
                                  &node->in[part]->data, grad_y, step->accumulate, scratch));
    }
    if (node->graph->input_needs_grad)
        TRY(alx_op_fc_grad_input(net->algorithms.gemm, &node->in[part]->grad, grad_y,
                                 &weight->value[part], scratch));
done:
    return rc;
}

const alx_node_type alx_node_fc = {
    .needs_input = true, .scratch = fc_scratch, .forward = fc_forward, .backward = fc_backward,
};
