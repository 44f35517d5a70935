/* builder.c - values and layers of an ONNX graph that is being listed. */
#include "io/onnx/builder.h"

const onnx_flow *io_onnx_input(const onnx_builder *b, const onnx_node *node, size_t index)
{
    static const onnx_flow none = { .kind = ONNX_UNKNOWN, .tensor = -1, .layer = -1 };

    return index < node->input_count && node->inputs[index] >= 0 ? &b->flows[node->inputs[index]]
                                                                 : &none;
}

const alx_weights_tensor *io_onnx_weight(const onnx_builder *b, const onnx_node *node, size_t index)
{
    const onnx_flow *from = io_onnx_input(b, node, index);

    return from->kind == ONNX_TENSOR && from->tensor >= 0 ? &b->file->tensors[from->tensor].about
                                                          : NULL;
}

bool io_onnx_is_live(const onnx_builder *b, const onnx_node *node)
{
    for (size_t i = 0; i < node->input_count; ++i)
        if (io_onnx_input(b, node, i)->kind == ONNX_LIVE)
            return true;
    return false;
}

/* A layer is given before it is added; what is there already is given under one more name, by a
 * node that takes it for that only. */
static void count_takers(onnx_builder *b, const onnx_node *node, long layer)
{
    if (layer < (long)b->file->layer_count)
        --b->takers[layer];
    for (size_t i = 0; i < node->output_count; ++i)
        b->takers[layer] += b->graph->values[node->first_output + i].uses;
}

void io_onnx_give(onnx_builder *b, const onnx_node *node, const onnx_flow *value)
{
    for (size_t i = 0; i < node->output_count; ++i)
        b->flows[node->first_output + i] = *value;
    if (value->kind == ONNX_LIVE && value->layer >= 0)
        count_takers(b, node, value->layer);
}

int io_onnx_give_layer(onnx_builder *b, const onnx_node *node, alx_weights_layer *layer)
{
    onnx_flow out = { .kind = ONNX_LIVE, .tensor = -1, .layer = (long)b->file->layer_count };

    layer->name = node->name;
    layer->type = node->type;
    layer->described = true;
    for (size_t i = 0; i < node->input_count; ++i) {
        const onnx_flow *from = io_onnx_input(b, node, i);

        if (from->kind != ONNX_LIVE)
            continue;
        if (layer->input_count < ALX_WEIGHTS_MAX_INPUTS) {
            layer->inputs[layer->input_count] = from->layer;
            layer->from[layer->input_count] = from->output;
        }
        ++layer->input_count;
        out.hwc = from->hwc;
        out.flat_hwc = from->flat_hwc;
    }
    if (layer->op == ALX_WEIGHTS_FC)
        out.hwc = out.flat_hwc = false;
    if (layer->op == ALX_WEIGHTS_FLATTEN) {
        out.flat_hwc = out.hwc;
        out.hwc = false;
    }
    io_onnx_give(b, node, &out);
    for (size_t i = 0; i < node->output_count; ++i)
        b->flows[node->first_output + i].output = (int)i;
    return io_weights_add_layer(b->file, layer);
}

int io_onnx_give_plain(onnx_builder *b, const onnx_node *node, alx_weights_op op)
{
    alx_weights_layer layer = { .op = op, .weight = -1, .bias = -1 };

    return io_onnx_give_layer(b, node, &layer);
}
