/* layer_gather.c - where the towers meet: each tower that reads both gets all channels, and sends
 * back the gradient halves, which their owners add in tower order. */
#include "net/net.h"

static int gather_forward(alx_net *net, alx_node *node, int part, const alx_step *step)
{
    const alx_tensor *halves[ALX_MAX_TOWERS];

    (void)net;
    (void)step;
    for (int i = 0; i < node->graph->in_parts; ++i)
        halves[i] = &node->in[i]->data;
    return alx_op_gather_channels(&node->out[part].data, halves, node->graph->in_parts);
}

/* `part` counts the parts of the output; the last one's turn comes when all gradients are there. */
static int gather_backward(alx_net *net, alx_node *node, int part, const alx_step *step)
{
    const alx_tensor *wholes[ALX_MAX_TOWERS];
    int rc = 0;

    (void)net;
    (void)step;
    if (part < node->graph->parts - 1)
        return 0;
    for (int i = 0; i < node->graph->parts; ++i)
        wholes[i] = &node->out[i].grad;
    for (int i = 0; i < node->graph->in_parts; ++i)
        TRY(alx_op_sum_channels(&node->in[i]->grad, wholes, node->graph->parts,
                                i * node->graph->in.c));
done:
    return rc;
}

const alx_node_type alx_node_gather = {
    .forward = gather_forward, .backward = gather_backward,
};
