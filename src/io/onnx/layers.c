/* layers.c - follows values through the nodes of a graph: weights, by whatever name and through
 * Identity and Transpose, and what comes from the network's input, with the order of its axes. */
#include "io/onnx/layers.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/fields.h"
#include "io/onnx/builder.h"

/* ---- what there is before the nodes ---------------------------------------------------------- */

enum { INPUT_TYPE = 2, TENSOR_TYPE = 1, TYPE_SHAPE = 2, SHAPE_DIM = 1, DIM_VALUE = 1 };

/* The first input of four dimensions; a dimension that is no number is 0. */
static void describe_input(alx_weights_file *file, base_wire value)
{
    base_wire shape = io_field_bytes(io_field_bytes(io_field_bytes(value, INPUT_TYPE), TENSOR_TYPE),
                                     TYPE_SHAPE);
    base_wire_field dim, part;
    int dims[4] = { 0 }, count = 0;

    while (base_wire_next(&shape, &dim) > 0) {
        base_wire in = base_wire_inside(&dim);

        while (count < 4 && base_wire_next(&in, &part) > 0)
            if (part.field == DIM_VALUE && part.number <= INT_MAX)
                dims[count] = (int)part.number;
        ++count;
    }
    if (count == 4 && file->input.channels == 0)
        file->input =
            (alx_weights_input){ .channels = dims[1], .height = dims[2], .width = dims[3] };
}

static int begin(onnx_builder *b)
{
    for (size_t i = 0; i < b->graph->value_count; ++i) {
        const onnx_value *value = &b->graph->values[i];
        onnx_flow *out = &b->flows[i];

        *out = (onnx_flow){ .kind = ONNX_UNKNOWN, .tensor = -1, .layer = -1 };
        if (value->initializer) {
            out->kind = ONNX_TENSOR;
            out->constant = value->message;
            TRY(io_onnx_add_tensor(b->file, b->outside, value->message, value->name, &out->tensor));
        } else if (value->node < 0 && base_lookup_find(b->graph->lookup, value->name,
                                                       strlen(value->name)) == (long)i) {
            out->kind = ONNX_LIVE;
            describe_input(b->file, value->message);
        }
    }
    return 0;
}

static void find_lrns(onnx_builder *b)
{
    for (size_t i = 0; i < b->graph->node_count; ++i)
        if (strcmp(b->graph->nodes[i].type, "Div") == 0)
            b->lrns[i] = io_onnx_lrn(b->graph, i, b->inside);
}

static int add_written_lrn(onnx_builder *b, const onnx_node *node, const onnx_lrn *lrn)
{
    alx_weights_layer layer = { .op = ALX_WEIGHTS_LRN,
                                .weight = -1,
                                .bias = -1,
                                .size = lrn->size,
                                .alpha = lrn->alpha,
                                .beta = lrn->beta,
                                .k = lrn->k };

    return io_onnx_give_layer(b, node, &layer);
}

static int add_node(onnx_builder *b, size_t index)
{
    const onnx_node *node = &b->graph->nodes[index];

    if (b->lrns[index].found)
        return add_written_lrn(b, node, &b->lrns[index]);
    if (!b->inside[index])
        return io_onnx_add_node(b, node);
    io_onnx_give(b, node, &(onnx_flow){ .kind = ONNX_BURIED, .tensor = -1, .layer = -1 });
    return 0;
}

static int build(onnx_builder *b)
{
    TRY(begin(b));
    find_lrns(b);
    for (size_t i = 0; i < b->graph->node_count; ++i)
        TRY(add_node(b, i));
    if (b->file->input.hwc)
        b->file->input = (alx_weights_input){ .channels = b->file->input.width,
                                              .height = b->file->input.channels,
                                              .width = b->file->input.height,
                                              .hwc = true };
    return 0;
}

int io_onnx_list(alx_weights_file *file, onnx_outside *outside, const onnx_graph *graph)
{
    onnx_builder b = { .file = file, .outside = outside, .graph = graph };
    int rc = 0;

    b.flows = calloc(graph->value_count + 1, sizeof *b.flows);
    b.inside = calloc(graph->node_count + 1, sizeof *b.inside);
    b.lrns = calloc(graph->node_count + 1, sizeof *b.lrns);
    b.takers = calloc(graph->node_count + 1, sizeof *b.takers);
    if (b.flows == NULL || b.inside == NULL || b.lrns == NULL || b.takers == NULL)
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a graph");
    else
        rc = build(&b);
    free(b.flows);
    free(b.inside);
    free(b.lrns);
    free(b.takers);
    return rc;
}
