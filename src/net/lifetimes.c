/* lifetimes.c - from when until when each value is needed, and which values lie in one place. */
#include "net/net.h"

/* From node i's forward time to the last time that its output is read. */
static void output_lifetime(const alx_net *net, int index, net_value *out)
{
    const int count = net->node_count, end = 2 * count + 1;
    const net_node *node = &net->nodes[index], *reader = node->reader;

    out->first = index;
    out->last = reader != NULL ? index + 1 : end; /* logits stay */
    out->grad_first = reader != NULL ? end - (index + 1) : count + 1;
    out->grad_last = end - index;
    if (!net->options.training) {
        out->needs_grad = false;
    } else {
        if (node->reads_output && node->info->input_needs_grad)
            out->last = end - index;
        if (reader != NULL && reader->reads_input)
            out->last = end - (index + 1);
    }
    if (net->options.keep_outputs)
        out->last = end;
    if (reader != NULL && net_node_meets(reader->info) && net->dev_count > 1 &&
        out->last < index + 2)
        out->last = index + 2; /* it is sent while the node after the gather runs */
}

/* An in-place node writes over its input where nobody reads that again. */
static void share_in_place(const alx_net *net, net_node *node)
{
    if (!node->type->in_place || node->source == NULL)
        return;
    const bool input_read_again = net->options.training && node->source->reads_output;

    for (int part = 0; part < node->info->parts; ++part) {
        net_value *in = node->in[part], *out = &node->out[part];

        if (!net->options.keep_outputs && !input_read_again) {
            out->data_of = in->data_of != NULL ? in->data_of : in;
            if (out->last > out->data_of->last)
                out->data_of->last = out->last;
        }
        if (in->needs_grad) /* grad of input is written over that of output */
            in->grad_of = out->grad_of != NULL ? out->grad_of : out;
    }
}

static void share_data(net_value *value, net_value *owner)
{
    value->data_of = owner;
    if (value->last > owner->last)
        owner->last = value->last;
}

/* On one device the parts of a gather read one tensor, if none writes over it, and the towers that
 * a sum adds up have its gradient. */
static void share_meeting(const alx_net *net, net_node *node)
{
    const net_node *reader = node->reader;

    if (net->dev_count > 1)
        return;
    for (int part = 1; part < node->info->parts && node->info->kind == ALX_NODE_GATHER; ++part)
        if (reader != NULL && !reader->type->in_place)
            share_data(&node->out[part], &node->out[0]);
    for (int t = 0; t < node->info->in_parts && node->info->kind == ALX_NODE_SUM; ++t)
        if (!node->source->type->in_place && node->in[t]->needs_grad)
            node->in[t]->grad_of = &node->out[0];
}

/* Chains of in-place nodes hand their gradient down: the first one in the backward pass owns it. */
static void settle_gradients(alx_net *net)
{
    for (int i = net->node_count - 1; i >= 0; --i)
        for (int part = 0; part < net->nodes[i].info->parts; ++part) {
            net_value *value = &net->nodes[i].out[part];

            if (value->grad_of == NULL)
                continue;
            while (value->grad_of->grad_of != NULL)
                value->grad_of = value->grad_of->grad_of;
            if (value->grad_last > value->grad_of->grad_last)
                value->grad_of->grad_last = value->grad_last;
        }
}

void net_set_lifetimes(alx_net *net)
{
    for (int i = 0; i < net->node_count; ++i)
        for (int part = 0; part < net->nodes[i].info->parts; ++part)
            output_lifetime(net, i, &net->nodes[i].out[part]);
    for (int i = 0; i < net->node_count; ++i) {
        share_in_place(net, &net->nodes[i]);
        share_meeting(net, &net->nodes[i]);
    }
    settle_gradients(net);
}
