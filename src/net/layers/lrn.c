/* lrn.c - binds LRN across channels and 2012's spatial normalisation to a node. */
#include "net/layers/layers.h"

static void norm_add(net_chain *chain, alx_node_kind kind, const alx_lrn_config *c,
                     const char *prefix)
{
    alx_layer_info *node = net_chain_add(chain, kind, chain->parts, chain->shape, prefix);

    node->ranges = c->ranges > 0 ? c->ranges : 1;
    net_chain_describe(chain, "n=%d k=%g alpha=%g%s", c->size, c->k, c->alpha,
                       c->alpha_over_n ? "/n" : "");
}

static int lrn_add(net_chain *chain)
{
    norm_add(chain, ALX_NODE_LRN, &net_chain_config(chain)->lrn, "norm");
    return 0;
}

static int spatial_add(net_chain *chain)
{
    norm_add(chain, ALX_NODE_SPATIAL_NORM, &net_chain_config(chain)->spatial, "spatial");
    return 0;
}

/* `window` is the number of terms in the sum: n channels, or n x n pixels. */
static alx_lrn_params norm_params(const alx_lrn_config *c, int ranges, int window)
{
    return (alx_lrn_params){
        .size = c->size,
        .ranges = ranges,
        .k = (float)c->k,
        .alpha = (float)(c->alpha_over_n ? c->alpha / window : c->alpha),
        .beta = (float)c->beta,
    };
}

alx_lrn_params net_node_norm_params(const net_node *node)
{
    const alx_layer_config *c = node->config;

    if (node->info->kind == ALX_NODE_LRN)
        return norm_params(&c->lrn, node->info->ranges, c->lrn.size);
    return norm_params(&c->spatial, 1, c->spatial.size * c->spatial.size);
}

static int lrn_forward(const net_pass_context *at)
{
    const alx_lrn_params p = net_node_norm_params(at->node);

    return alx_op_lrn_forward(&at->node->out[at->part].data, &at->node->in[at->part]->data, &p);
}

static int lrn_backward(const net_pass_context *at)
{
    const alx_lrn_params p = net_node_norm_params(at->node);
    const net_value *in = at->node->in[at->part];

    return alx_op_lrn_backward(&in->grad, &at->node->out[at->part].grad, &in->data, &p);
}

static int spatial_forward(const net_pass_context *at)
{
    const alx_lrn_params p = net_node_norm_params(at->node);

    return alx_op_spatial_norm_forward(&at->node->out[at->part].data, &at->node->in[at->part]->data,
                                       &p);
}

static int spatial_backward(const net_pass_context *at)
{
    const alx_lrn_params p = net_node_norm_params(at->node);
    const net_value *in = at->node->in[at->part];

    return alx_op_spatial_norm_backward(&in->grad, &at->node->out[at->part].grad, &in->data, &p);
}

static void norm_show(alx_observation *seen, const net_pass_context *at)
{
    seen->work.norm = net_node_norm_params(at->node);
}

const net_node_type net_node_lrn = {
    .add = lrn_add,
    .needs_input = true,
    .forward = lrn_forward,
    .backward = lrn_backward,
    .show = norm_show,
};

const net_node_type net_node_spatial_norm = {
    .add = spatial_add,
    .needs_input = true,
    .forward = spatial_forward,
    .backward = spatial_backward,
    .show = norm_show,
};
