/* pool.c - binds max-pooling and adaptive average pooling to a node. Max-pooling keeps the
 * place of each winner; with `all-ties` it needs input and output again instead. */
#include "net/layers/layers.h"

alx_pool_params net_pool_params(const alx_layer_config *layer)
{
    const alx_pool_config *c = &layer->pool;

    return (alx_pool_params){ c->kernel, c->stride, c->ceil, c->all_ties };
}

static int pool_add(net_chain *chain)
{
    const alx_pool_params p = net_pool_params(net_chain_config(chain));
    alx_shape out;

    if (alx_pool_output(&out, chain->shape, &p) != 0)
        return net_chain_refuse_shape(chain, ": pool");
    net_chain_add(chain, ALX_NODE_POOL, chain->parts, out, "pool");
    net_chain_describe(chain, "max %d/%d%s", p.kernel, p.stride, p.ceil ? " ceil" : "");
    return 0;
}

/* Either way the large tensor, the small one, and who won. */
static double pool_floats(const alx_layer_info *node, alx_pass pass, double in, double out,
                          bool training)
{
    (void)node;
    (void)pass;
    return in + out + (training ? out : 0.0);
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
    const alx_pool_params p = net_pool_params(node->config);

    return alx_op_maxpool_forward(&node->out[at->part].data,
                                  at->net->options.training ? &node->saved[at->part] : NULL,
                                  &node->in[at->part]->data, &p);
}

static int pool_backward(const net_pass_context *at)
{
    const net_value *in = at->node->in[at->part], *out = &at->node->out[at->part];
    const alx_pool_params p = net_pool_params(at->node->config);

    return alx_op_maxpool_backward(&in->grad, &out->grad, &at->node->saved[at->part], &in->data,
                                   &out->data, &p);
}

static void pool_show(alx_observation *seen, const net_pass_context *at)
{
    seen->work.pool = net_pool_params(at->node->config);
}

static int adaptive_add(net_chain *chain)
{
    const int side = net_chain_config(chain)->adaptive_pool;
    const alx_shape out = { 1, side, side, chain->shape.c };

    net_chain_add(chain, ALX_NODE_ADAPTIVE_POOL, chain->parts, out, "adaptive");
    net_chain_describe(chain, "average to %dx%d", side, side);
    return 0;
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
    .add = pool_add,
    .floats = pool_floats,
    .plan = pool_plan,
    .forward = pool_forward,
    .backward = pool_backward,
    .show = pool_show,
};

const net_node_type net_node_adaptive_pool = {
    .add = adaptive_add,
    .forward = adaptive_forward,
    .backward = adaptive_backward,
};
