/* dropout.c - binds dropout to a node. The mask follows from seed, step and the unit's place in the
 * whole layer, so that towers, devices and accumulation draw the same one. */
#include "net/layers/layers.h"

static int dropout_add(net_chain *chain)
{
    net_chain_add(chain, ALX_NODE_DROPOUT, chain->parts, chain->shape, "drop");
    net_chain_describe(chain, "drop %g", net_chain_config(chain)->dropout);
    return 0;
}

static alx_dropout_params dropout_params(const net_pass_context *at)
{
    const double rate = at->node->config->dropout;
    const alx_layer_info *info = at->node->info;
    const bool inverted = at->net->graph->config.dropout_inverted;

    return (alx_dropout_params){
        .rate = (float)rate,
        .scale = inverted ? (float)(1.0 / (1.0 - rate)) : 1.0f,
        .seed = at->step->seed,
        .step = at->step->step,
        .layer = (uint32_t)info->layer,
        .units = (int)alx_shape_count(info->out) * info->parts,
        .first_unit = info->out.c * at->part,
        .image0 = at->step->image0,
    };
}

static int dropout_forward(const net_pass_context *at)
{
    const alx_tensor *in = &at->node->in[at->part]->data, *out = &at->node->out[at->part].data;
    const bool inverted = at->net->graph->config.dropout_inverted;

    if (at->step->training) {
        const alx_dropout_params p = dropout_params(at);

        return alx_op_dropout(out, in, &p);
    }
    return alx_op_scale(out, in, inverted ? 1.0f : (float)(1.0 - at->node->config->dropout));
}

static int dropout_backward(const net_pass_context *at)
{
    const alx_dropout_params p = dropout_params(at);

    return alx_op_dropout(&at->node->in[at->part]->grad, &at->node->out[at->part].grad, &p);
}

static void dropout_show(alx_observation *seen, const net_pass_context *at)
{
    seen->work.dropout = dropout_params(at);
}

const net_node_type net_node_dropout = {
    .add = dropout_add,
    .in_place = true,
    .forward = dropout_forward,
    .backward = dropout_backward,
    .show = dropout_show,
};
