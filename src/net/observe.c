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

/* Another node does this one's work. */
static bool is_done_elsewhere(const net_node *node, alx_pass pass)
{
    return node->type == &net_node_taken ||
           (node->type == &net_node_made_relu && pass == ALX_PASS_FORWARD);
}

/* A tensor without a place is none. */
static const alx_tensor *tensor_or_null(const alx_tensor *tensor)
{
    return tensor->dev != NULL ? tensor : NULL;
}

static void see_values(alx_observation *seen, const net_node *node)
{
    const int part = seen->part;
    const bool forward = seen->pass == ALX_PASS_FORWARD, meets = net_node_meets(node->graph);
    const bool weights = seen->pass == ALX_PASS_GRAD_WEIGHT;

    if (!meets && (forward || weights || net_node_reads_back(node, node->type->needs_input)))
        seen->x = &node->in[part]->data;
    if (forward || net_node_reads_back(node, node->type->needs_output))
        seen->y = &node->out[part].data;
    if (seen->pass == ALX_PASS_GRAD_INPUT)
        seen->grad_x = &node->in[part]->grad;
    if (!forward && !meets)
        seen->grad_y = &node->out[part].grad;
    seen->saved = tensor_or_null(&node->saved[part]);
}

static void see_weights(alx_observation *seen, const alx_net *net, const net_node *node)
{
    const int index = node->graph->weight, part = seen->part;
    const net_param *weight = &net->params[index], *bias = weight + 1;

    if (index < 0)
        return;
    seen->w = &weight->value[part];
    if (part < bias->parts)
        seen->b = &bias->value[part];
    if (seen->pass != ALX_PASS_GRAD_WEIGHT || net->graph->fused_update[index])
        return;
    seen->grad_w = &weight->grad[part];
    if (part < bias->parts)
        seen->grad_b = &bias->grad[part];
}

static void see_work(alx_observation *seen, const alx_net *net, const net_node *node)
{
    seen->conv = net_node_conv_params(node);
    seen->relu = node->takes_relu;
    seen->fused = node->type == &net_node_norm_pool;
    seen->normed = node->takes_norm;
    seen->pool = net_node_pool_params(node);
    if (seen->normed || seen->kind == ALX_NODE_LRN || seen->kind == ALX_NODE_SPATIAL_NORM)
        seen->norm = net_node_norm_params(seen->normed ? node - 1 : node);
    seen->dropout = net_node_dropout_params(net, node, seen->part, seen->step);
    seen->activation = node->config->activation;
    seen->slope = (float)node->config->slope;
}

int net_observe_pass(const alx_net *net, const net_node *node, int part, alx_pass pass,
                     const alx_step *step, bool before)
{
    alx_observation seen = {
        .label = node->label[pass][part],
        .before = before,
        .kind = node->graph->kind,
        .node = (size_t)(node - net->nodes),
        .part = part,
        .pass = pass,
        .step = step,
        .in = node->graph->in,
        .out = node->graph->out,
        .in_place = node->type->in_place,
    };

    if (!is_observed(net) || is_done_elsewhere(node, pass))
        return 0;
    see_values(&seen, node);
    see_weights(&seen, net, node);
    see_work(&seen, net, node);
    return show(net, &seen);
}

int net_observe_loss(const alx_net *net, alx_pass pass, const alx_step *step, bool before)
{
    const bool forward = pass == ALX_PASS_FORWARD;
    const net_value *logits = net_output(net);
    const alx_shape classes = { 1, 1, 1, logits->shape.c };

    if (!is_observed(net))
        return 0;
    return show(net, &(alx_observation){ .label = forward ? "loss forward" : "loss backward",
                                         .before = before,
                                         .kind = ALX_NODE_LOSS,
                                         .node = (size_t)net->node_count,
                                         .pass = pass,
                                         .step = step,
                                         .in = classes,
                                         .out = classes,
                                         .x = &logits->data,
                                         .y = &net->prob,
                                         .grad_x = forward ? NULL : &logits->grad,
                                         .labels = &net->labels });
}
