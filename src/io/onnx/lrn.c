/* lrn.c - walks back from a division to the square of what it divides. */
#include "io/onnx/lrn.h"

#include <limits.h>
#include <string.h>

#include "io/onnx/tensor.h"

#define MOST_STEPS 16 /* between two nodes that are looked for */
#define MOST_PATH 64

typedef struct walk {
    const onnx_graph *graph;
    const onnx_node *node;  /* NULL: it is none */
    size_t path[MOST_PATH]; /* nodes that it went through */
    size_t path_count;
} walk;

static const onnx_node *maker(const onnx_graph *graph, long value)
{
    return value >= 0 && graph->values[value].node >= 0 ? &graph->nodes[graph->values[value].node]
                                                        : NULL;
}

static bool is(const onnx_node *node, const char *type)
{
    return node != NULL && strcmp(node->type, type) == 0;
}

/* A constant of the graph, of one floating-point number. */
static bool number_of(const onnx_graph *graph, long value, double *out)
{
    const onnx_node *node = maker(graph, value);
    base_wire tensor = { 0 };

    if (value < 0)
        return false;
    if (graph->values[value].initializer)
        tensor = graph->values[value].message;
    else if (!is(node, "Constant") || !io_onnx_tensor(node, "value", &tensor))
        return false;
    return io_onnx_tensor_number(tensor, out);
}

/* The walk goes to the maker of the value, if it is of the type. */
static bool step(walk *w, long value, const char *type)
{
    const onnx_node *node = maker(w->graph, value);

    if (!is(node, type) || w->path_count == MOST_PATH)
        return false;
    w->node = node;
    w->path[w->path_count++] = (size_t)(node - w->graph->nodes);
    return true;
}

/* From "a op number" or "number op a" to what makes a. */
static bool step_to_other(const walk *w, double *number, long *other)
{
    const onnx_node *node = w->node;

    if (node->input_count != 2)
        return false;
    for (int i = 0; i < 2; ++i)
        if (number_of(w->graph, node->inputs[i], number)) {
            *other = node->inputs[1 - i];
            return true;
        }
    return false;
}

/* Down the first inputs of nodes that only change the shape, to one of the type. An If takes one of
 * two branches, which both squeeze the same value; it stands behind the condition. */
static bool descend(walk *w, long value, const char *type)
{
    static const char *const shapers[] = { "Reshape",  "Squeeze", "Unsqueeze", "Pad",
                                           "Identity", "Cast",    "If" };

    for (int steps = 0; steps < MOST_STEPS; ++steps) {
        size_t i = 0;

        if (step(w, value, type))
            return true;
        while (i < ALX_COUNT(shapers) && !step(w, value, shapers[i]))
            ++i;
        if (i == ALX_COUNT(shapers) || w->node->input_count == 0)
            return false;
        value = w->node->inputs[is(w->node, "If") && w->node->input_count > 1 ? 1 : 0];
    }
    return false;
}

/* A window of size x 1 x 1. */
static bool window_of(const walk *w, int *size)
{
    int64_t kernel[4];

    if (io_onnx_ints(w->node, "kernel_shape", kernel, 4) != 3 || kernel[0] < 1 ||
        kernel[0] > INT_MAX || kernel[1] != 1 || kernel[2] != 1)
        return false;
    *size = (int)kernel[0];
    return true;
}

static bool match(walk *w, onnx_lrn *out)
{
    const onnx_node *div = w->node;
    long at = -1;

    if (div->input_count != 2 || !step(w, div->inputs[1], "Pow") || w->node->input_count != 2 ||
        !number_of(w->graph, w->node->inputs[1], &out->beta))
        return false;
    at = w->node->inputs[0];
    if (!step(w, at, "Add") || !step_to_other(w, &out->k, &at) || !step(w, at, "Mul") ||
        !step_to_other(w, &out->alpha, &at) || !descend(w, at, "AveragePool") ||
        !window_of(w, &out->size) || w->node->input_count == 0)
        return false;
    out->input = div->inputs[0];
    if (!descend(w, w->node->inputs[0], "Mul") || w->node->input_count != 2 ||
        w->node->inputs[0] != out->input || w->node->inputs[1] != out->input)
        return false;
    return true;
}

onnx_lrn io_onnx_lrn(const onnx_graph *graph, size_t div, bool *inside)
{
    walk w = { .graph = graph, .node = &graph->nodes[div] };
    onnx_lrn out = { .found = false };

    out.found = match(&w, &out);
    for (size_t i = 0; out.found && i < w.path_count; ++i)
        inside[w.path[i]] = true;
    return out;
}
