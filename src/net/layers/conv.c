/* conv.c - binds convolution to a node: forward with bias, three gradients. */
#include "net/layers/layers.h"

#include "base/try.h"

alx_conv2d_params net_conv_params(const alx_layer_config *layer, int groups)
{
    return (alx_conv2d_params){ layer->kernel, layer->stride, layer->pad, groups, layer->ceil };
}

static alx_conv2d_params node_params(const net_node *node)
{
    return net_conv_params(node->config, node->info->groups);
}

/* Two towers that are folded see their own halves as groups. */
static int conv_groups(const net_chain *chain)
{
    const alx_layer_config *layer = net_chain_config(chain);
    const bool own = layer->sees == ALX_SEES_OWN && chain->layer > 0;

    return layer->groups * (own && net_chain_folds(chain) ? chain->config->towers : 1);
}

static int conv_add(net_chain *chain)
{
    const alx_layer_config *layer = net_chain_config(chain);
    const int parts = chain->layer_parts, groups = conv_groups(chain);
    const alx_conv2d_params p = net_conv_params(layer, groups);
    const int dims[] = { layer->outputs, chain->shape.c / groups, layer->kernel, layer->kernel };
    alx_shape out;

    if (layer->outputs % parts != 0)
        return net_chain_refuse(chain, "filters cannot be divided among the towers");
    if (alx_conv2d_output(&out, chain->shape, layer->outputs / parts, &p) != 0)
        return net_chain_refuse_shape(chain, "");
    net_chain_add(chain, ALX_NODE_CONV, parts, out, "conv")->groups = groups;
    net_chain_describe(chain, "%d %dx%d/%d pad %d%s%s", layer->outputs, layer->kernel,
                       layer->kernel, layer->stride, layer->pad, layer->ceil ? " ceil" : "",
                       groups > 1 ? " grouped" : "");
    net_chain_weights(chain, dims, 4, (size_t)out.h * (size_t)out.w);
    return 0;
}

static alx_shape conv_weights(const net_node *node)
{
    const alx_layer_info *info = node->info;
    const int side = node->config->kernel;

    return (alx_shape){ side, side, info->in.c / info->groups, info->out.c };
}

/* Elements of filters made once, 0: none; *scratch: of a pass over so many images that reads
 * them. */
static size_t count_filters(size_t *scratch, const alx_net *net, const net_node *node, int dev,
                            int images)
{
    const alx_conv2d_params p = node_params(node);
    alx_shape in = node->info->in, out = node->out[0].shape;

    in.n = out.n = images;
    *scratch = 0;
    if (net->options.training)
        return 0;

    const size_t count = alx_op_conv2d_filters(scratch, net->devs[dev],
                                               &node->conv[dev][ALX_PASS_FORWARD], in, out, &p);

    return count <= INT32_MAX ? count : 0; /* of a tensor */
}

static void conv_choose(const alx_net *net, net_node *node, int dev)
{
    const alx_chooser *by = &net->choosers[dev];
    const alx_conv2d_params p = node_params(node);
    alx_shape in = node->info->in;

    in.n = node->out[0].shape.n;
    for (int pass = ALX_PASS_FORWARD; pass < ALX_PASS_COUNT; ++pass)
        node->conv[dev][pass] = alx_conv_choose(by, (alx_pass)pass, in, node->out[0].shape, &p);
    node->filter_count[dev] = count_filters(&(size_t){ 0 }, net, node, dev, in.n);
}

/* Of a pass over so many images. */
static size_t pass_scratch(const alx_net *net, const net_node *node, int dev, alx_pass pass,
                           int images)
{
    const alx_conv2d_params p = node_params(node);
    alx_shape in = node->info->in, out = node->out[0].shape;
    size_t scratch;

    in.n = out.n = images;
    if (pass == ALX_PASS_FORWARD && count_filters(&scratch, net, node, dev, images) > 0)
        return scratch;
    return alx_op_conv2d_scratch(net->devs[dev], &node->conv[dev][pass], pass, in, out, &p);
}

/* Chunks of the batch may need more than all of it, whose rows of tiles fill shorter blocks. */
static size_t conv_scratch(const alx_net *net, const net_node *node, int dev)
{
    const alx_shape out = node->out[0].shape;
    const int chunk = out.n / node->out[0].chunks;
    const alx_pass last = net->options.training ? ALX_PASS_GRAD_WEIGHT : ALX_PASS_FORWARD;
    size_t most = net->options.training ? alx_op_grad_bias_scratch(out) : 1;
    const size_t of_chunk = pass_scratch(net, node, dev, ALX_PASS_FORWARD, chunk);

    most = of_chunk > most ? of_chunk : most;
    for (int pass = ALX_PASS_FORWARD; pass <= (int)last; ++pass) {
        const size_t elements = pass_scratch(net, node, dev, (alx_pass)pass, out.n);

        most = elements > most ? elements : most;
    }
    return most;
}

/* A run of images; the filters, where there are some, are new. */
static int forward_chunk(const net_pass_context *at, const alx_tensor *y, const alx_tensor *x)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const alx_conv2d_params p = node_params(node);
    const net_param *weight = &net->params[node->info->weight], *bias = weight + 1;
    const int dev = node->out[at->part].dev;
    const alx_conv_choice *choice = &node->conv[dev][ALX_PASS_FORWARD];

    if (node->filter_count[dev] > 0)
        return alx_op_conv2d_forward_prepared(choice, y, x, &node->filters[at->part],
                                              &bias->value[at->part], node->relu, &p,
                                              &net->scratch[dev]);
    return (node->relu ? alx_op_conv2d_forward_relu : alx_op_conv2d_forward)(
        choice, y, x, &weight->value[at->part], &bias->value[at->part], &p, &net->scratch[dev]);
}

/* Makes the filters, if there are to be some, unless those of the present weights are there. */
static int make_filters(const net_pass_context *at)
{
    const alx_net *net = at->net;
    net_node *node = at->node;
    const alx_conv2d_params p = node_params(node);
    const int dev = node->out[at->part].dev;
    const alx_tensor *w = &net->params[node->info->weight].value[at->part];

    if (node->filter_count[dev] == 0 || node->filters_of[at->part] == net->written)
        return 0;
    TRY(alx_op_conv2d_prepare(&node->conv[dev][ALX_PASS_FORWARD], &node->filters[at->part], w,
                              node->in[at->part]->shape, node->out[at->part].shape, &p));
    if (!alx_device_collecting(net->devs[dev]))
        node->filters_of[at->part] = net->written;
    return 0;
}

static int conv_forward(const net_pass_context *at)
{
    const net_node *node = at->node;
    const net_value *in = node->in[at->part], *out = &node->out[at->part];

    TRY(make_filters(at));
    for (int chunk = 0; chunk < out->chunks; ++chunk) {
        TRY(net_gather_arrive(node->gather, at->part, chunk));
        TRY(forward_chunk(at, net_value_chunk(out, chunk), net_value_chunk(in, chunk)));
    }
    return 0;
}

static int conv_backward(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const alx_conv2d_params p = node_params(node);
    const int dev = node->out[at->part].dev;

    return alx_op_conv2d_grad_input(
        &node->conv[dev][ALX_PASS_GRAD_INPUT], &node->in[at->part]->grad, &node->out[at->part].grad,
        &net->params[node->info->weight].value[at->part], &p, &net->scratch[dev]);
}

static int conv_gradients(const net_pass_context *at)
{
    const alx_net *net = at->net;
    const net_node *node = at->node;
    const alx_conv2d_params p = node_params(node);
    const net_param *weight = &net->params[node->info->weight], *bias = weight + 1;
    const int dev = node->out[at->part].dev;
    const alx_tensor *grad_y = &node->out[at->part].grad;
    const bool accumulate = at->step->accumulate;

    TRY(alx_op_grad_bias(&bias->grad[at->part], grad_y, accumulate, &net->scratch[dev]));
    return alx_op_conv2d_grad_weight(&node->conv[dev][ALX_PASS_GRAD_WEIGHT],
                                     &weight->grad[at->part], &node->in[at->part]->data, grad_y, &p,
                                     accumulate, &net->scratch[dev]);
}

static void conv_show(alx_observation *seen, const net_pass_context *at)
{
    seen->work.conv = node_params(at->node);
    seen->relu = at->node->relu;
}

const net_node_type net_node_conv = {
    .add = conv_add,
    .needs_input = true,
    .weights = conv_weights,
    .choose = conv_choose,
    .scratch = conv_scratch,
    .forward = conv_forward,
    .backward = conv_backward,
    .gradients = conv_gradients,
    .show = conv_show,
};
