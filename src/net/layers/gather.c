/* gather.c - where the towers meet: each part that reads both gets all channels, on one device all
 * parts the same tensor, and sends back the halves of its gradient, which their owners add in tower
 * order. On two devices the other tower's half comes, and its gradient goes, by a transfer that
 * runs beside what else there is to compute: in the forward pass chunk by chunk, in the backward
 * pass behind the gradients of the weights. A sum is the same with tensors of one shape, added in
 * tower order. */
#include "net/layers/layers.h"

#include "base/try.h"

static int gather_add(net_chain *chain)
{
    alx_shape all = chain->shape;

    all.c *= chain->parts;
    net_chain_add(chain, ALX_NODE_GATHER, chain->layer_parts, all, "towers");
    net_chain_describe(chain, "towers meet");
    return 0;
}

/* Each part puts all halves together; each half of the gradient is the sum of its copies. */
static double gather_floats(const alx_layer_info *node, alx_pass pass, double in, double out,
                            bool training)
{
    (void)training;
    return pass == ALX_PASS_FORWARD ? 2.0 * out : (node->parts + 1) * in;
}

static int half_first(const net_node *gather, int tower)
{
    return gather->info->kind == ALX_NODE_SUM ? 0 : tower * gather->info->in.c;
}

/* The part's own halves at once; the others when they arrive. */
static int gather_forward(const net_pass_context *at)
{
    const net_node *node = at->node;
    const int part = at->part;

    if (node->out[part].data_of != NULL)
        return 0; /* part 0 has made it */
    if (at->net->dev_count == 1 && node->info->in_parts == 2)
        return alx_op_join_channels(&node->out[part].data, &node->in[0]->data, &node->in[1]->data);
    for (int t = 0; t < node->info->in_parts && part == 0; ++t)
        for (int chunk = 0; chunk < node->out[0].chunks && node->forth[t] != NULL; ++chunk)
            TRY(alx_transfer_start(node->forth[t], chunk));
    for (int t = 0; t < node->info->in_parts; ++t)
        if (node->in[t]->dev == node->out[part].dev)
            TRY(alx_op_put_channels(&node->out[part].data, half_first(node, t),
                                    &node->in[t]->data));
    return 0;
}

int net_gather_arrive(net_node *gather, int part, int chunk)
{
    for (int t = 0; gather != NULL && t < gather->info->in_parts; ++t) {
        alx_transfer *forth = gather->forth[t];

        if (forth == NULL || gather->in[t]->dev == gather->out[part].dev)
            continue;
        TRY(alx_transfer_await(forth, chunk));
        TRY(alx_op_put_channels(net_value_chunk(&gather->out[part], chunk), half_first(gather, t),
                                alx_transfer_arrival(forth, chunk)));
        TRY(alx_transfer_release(forth, chunk));
    }
    return 0;
}

int net_gather_settle(net_node *gather)
{
    for (int t = 0; gather != NULL && t < gather->info->in_parts; ++t)
        if (gather->forth[t] != NULL)
            TRY(alx_transfer_settle(gather->forth[t]));
    return 0;
}

int net_gather_return(net_node *gather)
{
    for (int t = 0; gather != NULL && t < gather->info->in_parts; ++t) {
        const alx_tensor *half = &gather->half[t];

        for (int part = 0; part < gather->info->parts && gather->back[t] != NULL; ++part) {
            if (gather->out[part].grad.dev != half->dev)
                continue;
            TRY(alx_op_take_channels(half, &gather->out[part].grad, half_first(gather, t), false));
            TRY(alx_transfer_start(gather->back[t], 0));
        }
    }
    return 0;
}

static int gather_backward(const net_pass_context *at)
{
    const net_node *node = at->node;
    const int tower = at->part;
    const net_value *in = node->in[tower];
    alx_transfer *back = node->back[tower];

    if (in->grad_of != NULL)
        return 0; /* a sum's own */
    if (at->net->dev_count == 1 && node->info->parts == 2)
        return alx_op_add_channels(&in->grad, &node->out[0].grad, &node->out[1].grad,
                                   half_first(node, tower));
    for (int part = 0; part < node->info->parts; ++part) {
        if (node->out[part].dev == in->dev) {
            TRY(alx_op_take_channels(&in->grad, &node->out[part].grad, half_first(node, tower),
                                     part > 0));
            continue;
        }
        TRY(alx_transfer_await(back, 0));
        TRY(alx_op_take_channels(&in->grad, alx_transfer_arrival(back, 0), 0, part > 0));
        TRY(alx_transfer_release(back, 0));
        TRY(alx_transfer_settle(back));
    }
    return 0;
}

const net_node_type net_node_gather = {
    .add = gather_add,
    .floats = gather_floats,
    .forward = gather_forward,
    .backward = gather_backward,
};

/* ---- the sum ------------------------------------------------------------------------------- */

static int sum_add(net_chain *chain)
{
    net_chain_add(chain, ALX_NODE_SUM, 1, chain->shape, "sum");
    net_chain_describe(chain, "of both towers");
    return 0;
}

/* Forward all at once, backward a copy for each tower, or where towers share a device none. */
static double sum_floats(const alx_layer_info *node, alx_pass pass, double in, double out,
                         bool training)
{
    (void)training;
    return pass == ALX_PASS_FORWARD ? out + node->in_parts * in : in + out;
}

static int sum_forward(const net_pass_context *at)
{
    const net_node *node = at->node;
    const net_value *out = &node->out[at->part];

    if (at->net->dev_count == 1 && node->info->in_parts == 2)
        return alx_op_add_channels(&out->data, &node->in[0]->data, &node->in[1]->data, 0);
    for (int t = 0; t < node->info->in_parts; ++t) {
        alx_transfer *forth = node->in[t]->dev != out->dev ? node->forth[t] : NULL;

        if (forth == NULL) {
            TRY(alx_op_take_channels(&out->data, &node->in[t]->data, 0, t > 0));
            continue;
        }
        TRY(alx_transfer_start(forth, 0));
        TRY(alx_transfer_await(forth, 0));
        TRY(alx_op_take_channels(&out->data, alx_transfer_arrival(forth, 0), 0, t > 0));
        TRY(alx_transfer_release(forth, 0));
        TRY(alx_transfer_settle(forth));
    }
    return 0;
}

/* No node reads a sum as one reads a gather: it sends its gradient itself. */
static int sum_backward(const net_pass_context *at)
{
    if (at->part == 0)
        TRY(net_gather_return(at->node));
    return gather_backward(at);
}

const net_node_type net_node_sum = {
    .add = sum_add,
    .floats = sum_floats,
    .forward = sum_forward,
    .backward = sum_backward,
};
