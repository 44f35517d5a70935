/* dropout.c - binds dropout to a node. The mask follows from seed, step and the unit's place
 * in the whole layer, so that towers, devices and accumulation draw the same one. */
#include "net/net.h"

alx_dropout_params net_node_dropout_params(const alx_net *net, const net_node *node, int part,
                                           const alx_step *step)
{
    const double rate = node->config->dropout;
    const alx_shape out = node->graph->out;

    return (alx_dropout_params){
        .rate = (float)rate,
        .scale = net->graph->config.dropout_inverted ? (float)(1.0 / (1.0 - rate)) : 1.0f,
        .seed = step->seed,
        .step = step->step,
        .layer = (uint32_t)node->graph->layer,
        .units = (int)alx_shape_count(out) * node->graph->parts,
        .first_unit = out.c * part,
        .image0 = step->image0,
    };
}

static int dropout_forward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    const alx_tensor *in = &node->in[part]->data, *out = &node->out[part].data;

    if (step->training) {
        const alx_dropout_params p = net_node_dropout_params(net, node, part, step);

        return alx_op_dropout(out, in, &p);
    }
    return alx_op_scale(
        out, in, net->graph->config.dropout_inverted ? 1.0f : (float)(1.0 - node->config->dropout));
}

static int dropout_backward(alx_net *net, net_node *node, int part, const alx_step *step)
{
    const alx_dropout_params p = net_node_dropout_params(net, node, part, step);

    return alx_op_dropout(&node->in[part]->grad, &node->out[part].grad, &p);
}

const net_node_type net_node_dropout = {
    .in_place = true,
    .forward = dropout_forward,
    .backward = dropout_backward,
};
