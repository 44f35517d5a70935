/* passes.c - what a step consists of, in order, and what each pass costs at least: the arithmetic
 * of the direct algorithm, and every tensor read or written once. */
#include "net/graph.h"

#include <stdio.h>
#include <stdlib.h>

#include "alexnet/dev/net.h"
#include "base/try.h"
#include "net/layers/layers.h"

typedef struct pass_list {
    const alx_graph *graph;
    int batch;
    alx_pass_info *passes;
    size_t count, room;
} pass_list;

static const char *const pass_names[] = {
    [ALX_PASS_FORWARD] = "forward",
    [ALX_PASS_GRAD_INPUT] = "grad-input",
    [ALX_PASS_GRAD_WEIGHT] = "grad-weight",
};

void net_pass_label(char label[48], const alx_graph *graph, int node, int part, alx_pass pass)
{
    const alx_layer_info *n = &graph->nodes[node];
    char tower[16] = "";

    if (n->parts > 1 || n->in_parts > 1)
        snprintf(tower, sizeof tower, ".%d", part);
    snprintf(label, 48, "%s%s %s", graph->nodes[node].name, tower, pass_names[pass]);
}

static int list_add(pass_list *list, const alx_pass_info *pass)
{
    if (list->count == list->room) {
        const size_t room = list->room > 0 ? 2 * list->room : 64;
        alx_pass_info *passes = realloc(list->passes, room * sizeof *passes);

        if (passes == NULL)
            return alx_fail(ALX_E_MEMORY, "out of host memory for the passes of a step");
        list->passes = passes;
        list->room = room;
    }
    list->passes[list->count++] = *pass;
    return 0;
}

/* ---- what a pass moves, in floats ------------------------------------------------------------ */

/* Weights are read, or their gradient is written; in a fused update they and the momentum are read
 * and written. */
static double weight_floats(const pass_list *list, int index, alx_pass pass)
{
    const alx_layer_info *node = &list->graph->nodes[index];
    const bool fused = pass == ALX_PASS_GRAD_WEIGHT && list->graph->fused_update[node->weight];

    return (fused ? 4.0 : 1.0) * (double)list->graph->nodes[index].weights / node->parts;
}

static double pass_floats(const pass_list *list, int index, alx_pass pass, bool training)
{
    const alx_layer_info *node = &list->graph->nodes[index];
    const net_node_type *type = net_node_type_of(node->kind);
    const double in = (double)list->batch * (double)alx_shape_count(node->in);
    const double out = (double)list->batch * (double)alx_shape_count(node->out);
    const bool back = pass != ALX_PASS_FORWARD;

    if (type->floats != NULL)
        return type->floats(node, pass, in, out, training);
    if (node->weight >= 0)
        return in + out + weight_floats(list, index, pass);
    return in + out + (back && type->needs_input ? in : 0.0) +
           (back && type->needs_output ? out : 0.0);
}

/* ---- the passes ------------------------------------------------------------------------------ */

static void describe_work(alx_pass_info *info, const pass_list *list, int index)
{
    const alx_layer_info *node = &list->graph->nodes[index];

    if (node->kind == ALX_NODE_CONV) {
        info->work = ALX_WORK_CONV;
        info->conv = net_conv_params(net_node_config(list->graph, index), node->groups);
    } else if (node->kind == ALX_NODE_FC) {
        info->work = ALX_WORK_FC;
    }
    info->flops = 2.0 * list->batch * (double)node->macs / node->parts;
}

static int add_pass(pass_list *list, int index, int part, alx_pass pass, bool training)
{
    const alx_layer_info *node = &list->graph->nodes[index];
    alx_pass_info info = { .node = (size_t)index,
                           .part = part,
                           .work = ALX_WORK_OTHER,
                           .pass = pass,
                           .in = node->in,
                           .out = node->out };

    net_pass_label(info.label, list->graph, index, part, pass);
    info.in.n = info.out.n = list->batch;
    info.bytes = sizeof(float) * pass_floats(list, index, pass, training);
    describe_work(&info, list, index);
    return list_add(list, &info);
}

static int add_other(pass_list *list, const char *label, double floats)
{
    alx_pass_info info = { .node = (size_t)list->graph->node_count,
                           .work = ALX_WORK_OTHER,
                           .bytes = sizeof(float) * floats };

    snprintf(info.label, sizeof info.label, "%s", label);
    return list_add(list, &info);
}

static int add_backward(pass_list *list)
{
    for (int i = list->graph->node_count - 1; i >= 0; --i) {
        const alx_layer_info *node = &list->graph->nodes[i];
        const int turns = net_node_meets(node) ? node->in_parts : node->parts;

        for (int part = 0; part < turns && node->input_needs_grad; ++part)
            TRY(add_pass(list, i, part, ALX_PASS_GRAD_INPUT, true));
        for (int part = 0; part < turns && node->trains; ++part)
            TRY(add_pass(list, i, part, ALX_PASS_GRAD_WEIGHT, true));
    }
    return 0;
}

/* What the update reads as gradient. */
static double gradient_floats(const alx_graph *graph, size_t param)
{
    return graph->fused_update[param] ? 0.0 : (double)graph->params[param].count;
}

/* The norm reads every gradient; the update reads gradient, momentum and weight, and writes two. */
static int add_updates(pass_list *list)
{
    const alx_graph *graph = list->graph;
    double all = 0.0;

    for (size_t i = 0; i < graph->param_count; ++i)
        all += gradient_floats(graph, i);
    TRY(add_other(list, "norm", all));
    return add_other(list, NET_UPDATE_LABEL, 5.0 * all);
}

int alx_graph_passes(alx_pass_info **out, size_t *count, const alx_graph *graph, int batch,
                     bool training)
{
    pass_list list = { .graph = graph, .batch = batch };
    const double scores = (double)batch * graph->config.classes;
    int rc = 0;

    *out = NULL;
    *count = 0;
    for (int i = 0; i < graph->node_count; ++i)
        for (int part = 0; part < graph->nodes[i].parts; ++part)
            TRY_DONE(add_pass(&list, i, part, ALX_PASS_FORWARD, training));
    TRY_DONE(add_other(&list, "loss forward", 2.0 * scores));
    if (training) {
        TRY_DONE(add_other(&list, "loss backward", 2.0 * scores));
        TRY_DONE(add_backward(&list));
        TRY_DONE(add_updates(&list));
    }
    *out = list.passes;
    *count = list.count;
    list.passes = NULL;
done:
    free(list.passes);
    return rc;
}
