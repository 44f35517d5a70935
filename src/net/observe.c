/* observe.c - what a pass reads and writes, shown to who looks at a step. */
#include "alexnet/dev/net.h"

#include "net/net.h"

void alx_net_observe(alx_net *net, alx_observer *observer, void *user)
{
    net->observer = observer;
    net->observer_user = user;
}

static int show(const alx_net *net, const alx_observation *seen)
{
    return net->observer(seen, net->observer_user);
}

/* While kernels are collected nothing is computed. */
static bool is_observed(const alx_net *net)
{
    return net->observer != NULL && !alx_device_collecting(net->devs[0]);
}

/* A tensor without a place is none. */
static const alx_tensor *tensor_or_null(const alx_tensor *tensor)
{
    return tensor->dev != NULL ? tensor : NULL;
}

static void see_values(alx_observation *seen, const net_pass_context *at)
{
    const net_node *node = at->node;
    const int part = at->part;
    const bool forward = at->pass == ALX_PASS_FORWARD, meets = net_node_meets(node->info);

    if (!meets && (forward || node->reads_input))
        seen->x = &node->in[part]->data;
    if (forward || node->reads_output)
        seen->y = &node->out[part].data;
    if (at->pass == ALX_PASS_GRAD_INPUT)
        seen->grad_x = &node->in[part]->grad;
    if (!forward && !meets)
        seen->grad_y = &node->out[part].grad;
    seen->saved = tensor_or_null(&node->saved[part]);
}

static void see_weights(alx_observation *seen, const net_pass_context *at)
{
    const int index = at->node->info->weight, part = at->part;

    if (index < 0)
        return;
    const net_param *weight = &at->net->params[index], *bias = weight + 1;

    seen->w = &weight->value[part];
    if (part < bias->parts)
        seen->b = &bias->value[part];
    if (at->pass != ALX_PASS_GRAD_WEIGHT || at->net->graph->fused_update[index])
        return;
    seen->grad_w = &weight->grad[part];
    if (part < bias->parts)
        seen->grad_b = &bias->grad[part];
}

int net_observe_pass(const net_pass_context *at, bool before)
{
    const net_node *node = at->node;
    alx_observation seen = {
        .label = node->label[at->pass][at->part],
        .before = before,
        .node = (size_t)(node - at->net->nodes),
        .part = at->part,
        .pass = at->pass,
        .step = at->step,
        .in_place = node->type->in_place,
        .work = { .kind = node->info->kind, .in = node->info->in, .out = node->info->out },
    };

    if (!is_observed(at->net))
        return 0;
    see_values(&seen, at);
    see_weights(&seen, at);
    if (node->type->show != NULL)
        node->type->show(&seen, at);
    return show(at->net, &seen);
}

int net_observe_loss(const alx_net *net, alx_pass pass, const alx_step *step, bool before)
{
    const bool forward = pass == ALX_PASS_FORWARD;
    const net_value *logits = net_output(net);
    const alx_shape classes = { 1, 1, 1, logits->shape.c };

    if (!is_observed(net))
        return 0;
    return show(
        net, &(alx_observation){ .label = forward ? "loss forward" : "loss backward",
                                 .before = before,
                                 .node = (size_t)net->node_count,
                                 .pass = pass,
                                 .step = step,
                                 .work = { .kind = ALX_NODE_LOSS, .in = classes, .out = classes },
                                 .x = &logits->data,
                                 .y = &net->prob,
                                 .grad_x = forward ? NULL : &logits->grad,
                                 .labels = &net->labels });
}
