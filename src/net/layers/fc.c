/* fc.c - binds the fully connected operation to a node. */
#include "net/net.h"

#include "base/try.h"

static size_t fc_scratch(const alx_net *net, const net_node *node, int dev)
{
    const int in = (int)alx_shape_count(node->graph->in), out = node->graph->out.c;
    const alx_pass last = net->options.training ? ALX_PASS_GRAD_WEIGHT : ALX_PASS_FORWARD;
    size_t most = net->options.training ? alx_op_grad_bias_scratch(node->out[0].shape) : 1;

    for (int pass = ALX_PASS_FORWARD; pass <= (int)last; ++pass) {
        const size_t elements = alx_op_fc_scratch(net->devs[dev], net->algorithms[dev].gemm,
                                                  (alx_pass)pass, net->options.batch, in, out);
        most = elements > most ? elements : most;
    }
    return most;
}

static int fc_forward(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const int part = at->part;
    const net_param *weight = &net->params[node->graph->weight], *bias = weight + 1;
    const alx_tensor *b = part < bias->parts ? &bias->value[part] : NULL;
    const int dev = node->out[part].dev;

    TRY(net_gather_arrive(node->gather, part, 0));
    return alx_op_fc_forward(net->algorithms[dev].gemm, &node->out[part].data,
                             &node->in[part]->data, &weight->value[part], b, &net->scratch[dev]);
}

static int fc_backward(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const int part = at->part;
    const int dev = node->out[part].dev;

    return alx_op_fc_grad_input(net->algorithms[dev].gemm, &node->in[part]->grad,
                                &node->out[part].grad,
                                &net->params[node->graph->weight].value[part], &net->scratch[dev]);
}

/* The gradient of the weights, or what it makes of them. */
static int fc_grad_weight(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const int part = at->part;
    const size_t index = (size_t)node->graph->weight;
    const net_param *weight = &net->params[index];
    const int dev = node->out[part].dev;
    const alx_gemm_algo algo = net->algorithms[dev].gemm;
    const alx_tensor *x = &node->in[part]->data, *grad_y = &node->out[part].grad;

    if (!net->graph->fused_update[index])
        return alx_op_fc_grad_weight(algo, &weight->grad[part], x, grad_y, at->step->accumulate,
                                     &net->scratch[dev]);
    if (at->step->rule == NULL || at->step->rule->clip_norm > 0.0 || at->step->accumulate)
        return alx_fail(ALX_E_USAGE, "%s: a fused update wants a rule, one pass and no clipping",
                        node->name);
    const alx_sgd_params p = net_sgd_params(net, index, at->step->rule);

    return alx_op_fc_update(algo, &weight->value[part], &weight->momentum[part], x, grad_y, &p,
                            &net->square_sums[dev], weight->slot[part], &net->scratch[dev]);
}

static int fc_gradients(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const int part = at->part;
    const net_param *bias = &net->params[node->graph->weight + 1];
    const int dev = node->out[part].dev;
    const alx_tensor *grad_y = &node->out[part].grad;

    if (part < bias->parts)
        TRY(alx_op_grad_bias(&bias->grad[part], grad_y, at->step->accumulate, &net->scratch[dev]));
    return fc_grad_weight(at);
}

const net_node_type net_node_fc = {
    .needs_input = true,
    .scratch = fc_scratch,
    .forward = fc_forward,
    .backward = fc_backward,
    .gradients = fc_gradients,
};
