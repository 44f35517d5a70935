/* fc.c - binds the fully connected operation to a node. */
#include "net/layers/layers.h"

#include "base/try.h"

static int fc_check(const net_chain *chain, size_t inputs)
{
    const alx_layer_config *layer = net_chain_config(chain);

    if (!chain->by_input && layer->outputs % chain->layer_parts != 0)
        return net_chain_refuse(chain, "units cannot be divided among the towers");
    if (net_chain_folds(chain) && layer->towers == ALX_DIVIDE_OUTPUTS &&
        layer->sees == ALX_SEES_OWN)
        return net_chain_refuse(chain, "sees = own is not possible with lrn-across-towers");
    if (inputs > INT32_MAX / sizeof(float) / 2)
        return net_chain_refuse(chain, "too many inputs");
    return 0;
}

static int fc_add(net_chain *chain)
{
    const alx_layer_config *layer = net_chain_config(chain);
    const int parts = chain->layer_parts;
    const bool by_input = chain->by_input;
    const size_t inputs = alx_shape_count(chain->shape) * (by_input ? (size_t)parts : 1);
    const int dims[] = { layer->outputs, (int)inputs };
    const alx_shape out = { 1, 1, 1, by_input ? layer->outputs : layer->outputs / parts };

    TRY(fc_check(chain, inputs));
    net_chain_add(chain, ALX_NODE_FC, parts, out, "fc");
    net_chain_describe(chain, "%d units%s", layer->outputs, by_input ? " by input" : "");
    net_chain_weights(chain, dims, 2, 1);
    return 0;
}

static alx_shape fc_weights(const net_node *node)
{
    return (alx_shape){ node->info->out.c, 1, 1, (int)alx_shape_count(node->info->in) };
}

static void fc_choose(const alx_net *net, net_node *node, int dev)
{
    const alx_chooser *by = &net->choosers[dev];

    for (int pass = ALX_PASS_FORWARD; pass < ALX_PASS_COUNT; ++pass)
        node->gemm[dev][pass] = alx_gemm_choose(by, (alx_pass)pass, net->options.batch,
                                                (int)alx_shape_count(node->info->in),
                                                node->info->out.c);
}

static size_t fc_scratch(const alx_net *net, const net_node *node, int dev)
{
    const int in = (int)alx_shape_count(node->info->in), out = node->info->out.c;
    const alx_pass last = net->options.training ? ALX_PASS_GRAD_WEIGHT : ALX_PASS_FORWARD;
    size_t most = net->options.training ? alx_op_grad_bias_scratch(node->out[0].shape) : 1;

    for (int pass = ALX_PASS_FORWARD; pass <= (int)last; ++pass) {
        const size_t elements = alx_op_fc_scratch(&node->gemm[dev][pass], (alx_pass)pass,
                                                  net->options.batch, in, out);
        most = elements > most ? elements : most;
    }
    return most;
}

static int fc_forward(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const int part = at->part;
    const net_param *weight = &net->params[node->info->weight], *bias = weight + 1;
    const alx_tensor *b = part < bias->parts ? &bias->value[part] : NULL;
    const int dev = node->out[part].dev;

    TRY(net_gather_arrive(node->gather, part, 0));
    return (node->relu ? alx_op_fc_forward_relu : alx_op_fc_forward)(
        &node->gemm[dev][ALX_PASS_FORWARD], &node->out[part].data, &node->in[part]->data,
        &weight->value[part], b, &net->scratch[dev]);
}

static int fc_backward(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const int part = at->part;
    const int dev = node->out[part].dev;

    return alx_op_fc_grad_input(&node->gemm[dev][ALX_PASS_GRAD_INPUT], &node->in[part]->grad,
                                &node->out[part].grad, &net->params[node->info->weight].value[part],
                                &net->scratch[dev]);
}

/* The gradient of the weights, or what it makes of them. */
static int fc_grad_weight(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const int part = at->part;
    const size_t index = (size_t)node->info->weight;
    const net_param *weight = &net->params[index];
    const int dev = node->out[part].dev;
    const alx_gemm_choice *choice = &node->gemm[dev][ALX_PASS_GRAD_WEIGHT];
    const alx_tensor *x = &node->in[part]->data, *grad_y = &node->out[part].grad;

    if (!net->graph->fused_update[index])
        return alx_op_fc_grad_weight(choice, &weight->grad[part], x, grad_y, at->step->accumulate,
                                     &net->scratch[dev]);
    if (at->step->rule == NULL || at->step->rule->clip_norm > 0.0 || at->step->rule->lars > 0.0 ||
        at->step->accumulate)
        return alx_fail(ALX_E_USAGE,
                        "%s: a fused update wants a rule, one pass, no clipping and no lars",
                        node->info->name);
    const alx_sgd_params p = net_sgd_params(net, index, at->step->rule);

    return alx_op_fc_update(choice, &weight->value[part], &weight->momentum[part], x, grad_y, &p,
                            &net->square_sums[dev], weight->slot[part], &net->scratch[dev]);
}

static int fc_gradients(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const int part = at->part;
    const net_param *bias = &net->params[node->info->weight + 1];
    const int dev = node->out[part].dev;
    const alx_tensor *grad_y = &node->out[part].grad;

    if (part < bias->parts)
        TRY(alx_op_grad_bias(&bias->grad[part], grad_y, at->step->accumulate, &net->scratch[dev]));
    return fc_grad_weight(at);
}

static void fc_show(alx_observation *seen, const net_pass_context *at)
{
    seen->relu = at->node->relu;
}

const net_node_type net_node_fc = {
    .add = fc_add,
    .needs_input = true,
    .weights = fc_weights,
    .choose = fc_choose,
    .scratch = fc_scratch,
    .forward = fc_forward,
    .backward = fc_backward,
    .gradients = fc_gradients,
    .show = fc_show,
};
