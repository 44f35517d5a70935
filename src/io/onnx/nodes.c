/* nodes.c - what each type of node is: a layer, a tensor, or the same value under another name. */
#include <limits.h>
#include <string.h>

#include "base/try.h"
#include "io/onnx/builder.h"

/* ---- numbers of windows -------------------------------------------------------------------- */

/* A pair or four of numbers from 0; false if the attribute has another count of them. */
static bool get_ints(const onnx_node *node, const char *attribute, int *out, size_t count)
{
    int64_t numbers[ALX_MAX_DIMS];
    const size_t has = io_onnx_ints(node, attribute, numbers, ALX_MAX_DIMS);

    for (size_t i = 0; i < has && i < count; ++i) {
        if (numbers[i] < 0 || numbers[i] > INT_MAX)
            return false;
        out[i] = (int)numbers[i];
    }
    return has == 0 || has == count;
}

/* False for windows that a layer cannot describe. */
static bool get_window(const onnx_node *node, alx_weights_layer *layer)
{
    layer->stride[0] = layer->stride[1] = layer->dilation[0] = layer->dilation[1] = 1;
    layer->same_pad = io_onnx_is(node, "auto_pad", "SAME_UPPER");
    layer->round_up = io_onnx_int(node, "ceil_mode", 0) != 0;
    layer->counts_pad = io_onnx_int(node, "count_include_pad", 0) != 0;
    return get_ints(node, "kernel_shape", layer->kernel, 2) &&
           get_ints(node, "strides", layer->stride, 2) && get_ints(node, "pads", layer->pad, 4) &&
           get_ints(node, "dilations", layer->dilation, 2) &&
           !io_onnx_is(node, "auto_pad", "SAME_LOWER");
}

/* ---- layers with weights ------------------------------------------------------------------- */

static long bias(const onnx_builder *b, const onnx_node *node, size_t index, int outputs)
{
    const alx_weights_tensor *tensor = io_onnx_weight(b, node, index);

    return tensor != NULL && tensor->count == (size_t)outputs
               ? io_onnx_input(b, node, index)->tensor
               : -1;
}

static bool has_input(const onnx_node *node, size_t index)
{
    return index < node->input_count && node->inputs[index] >= 0;
}

static int add_conv(onnx_builder *b, const onnx_node *node)
{
    const alx_weights_tensor *w = io_onnx_weight(b, node, 1);
    const int64_t groups = io_onnx_int(node, "group", 1);
    alx_weights_layer layer = { .op = ALX_WEIGHTS_CONV,
                                .weight = io_onnx_input(b, node, 1)->tensor };

    if (w == NULL || w->dim_count != 4 || groups < 1 || groups > INT_MAX ||
        !get_window(node, &layer))
        return io_onnx_give_plain(b, node, ALX_WEIGHTS_OTHER);
    layer.bias = bias(b, node, 2, w->dims[0]);
    if (has_input(node, 2) && layer.bias < 0)
        return io_onnx_give_plain(b, node, ALX_WEIGHTS_OTHER);
    layer.outputs = w->dims[0];
    layer.groups = (int)groups;
    layer.kernel[0] = w->dims[2];
    layer.kernel[1] = w->dims[3];
    return io_onnx_give_layer(b, node, &layer);
}

static int add_product(onnx_builder *b, const onnx_node *node, bool in_out)
{
    const alx_weights_tensor *w = io_onnx_weight(b, node, 1);
    alx_weights_layer layer = { .op = ALX_WEIGHTS_FC,
                                .weight = io_onnx_input(b, node, 1)->tensor,
                                .bias = -1,
                                .in_out = in_out,
                                .hwc_order = io_onnx_input(b, node, 0)->flat_hwc };

    if (w == NULL || w->dim_count != 2 || io_onnx_input(b, node, 0)->kind != ONNX_LIVE)
        return io_onnx_give_plain(b, node, ALX_WEIGHTS_OTHER);
    layer.outputs = w->dims[in_out ? 1 : 0];
    if (has_input(node, 2))
        layer.bias = bias(b, node, 2, layer.outputs);
    if (has_input(node, 2) && layer.bias < 0)
        return io_onnx_give_plain(b, node, ALX_WEIGHTS_OTHER);
    return io_onnx_give_layer(b, node, &layer);
}

static bool is_one(double number)
{
    return number >= 1.0 && number <= 1.0;
}

static int add_gemm(onnx_builder *b, const onnx_node *node)
{
    if (io_onnx_int(node, "transA", 0) != 0 || !is_one(io_onnx_float(node, "alpha", 1.0)) ||
        !is_one(io_onnx_float(node, "beta", 1.0)))
        return io_onnx_give_plain(b, node, ALX_WEIGHTS_OTHER);
    return add_product(b, node, io_onnx_int(node, "transB", 0) == 0);
}

static int add_matmul(onnx_builder *b, const onnx_node *node)
{
    return add_product(b, node, true);
}

/* A bias that is added on its own becomes the layer's, if nothing else takes what it is added
 * to. */
static bool join_bias(onnx_builder *b, const onnx_node *node, size_t live)
{
    const onnx_flow *from = io_onnx_input(b, node, live);
    const alx_weights_tensor *w = io_onnx_weight(b, node, 1 - live);
    alx_weights_layer *layer = from->layer >= 0 ? &b->file->layers[from->layer] : NULL;

    if (layer == NULL || w == NULL || from->kind != ONNX_LIVE || layer->bias >= 0 ||
        (layer->op != ALX_WEIGHTS_FC && layer->op != ALX_WEIGHTS_CONV) ||
        b->takers[from->layer] != 1 || w->count != (size_t)layer->outputs)
        return false;
    const int channels = layer->op == ALX_WEIGHTS_FC ? w->dim_count - 1 : w->dim_count - 3;

    if (channels < 0 || w->dims[channels] != layer->outputs)
        return false;
    layer->bias = io_onnx_input(b, node, 1 - live)->tensor;
    io_onnx_give(b, node, from);
    return true;
}

static int add_sum(onnx_builder *b, const onnx_node *node)
{
    if (node->input_count == 2 && (join_bias(b, node, 0) || join_bias(b, node, 1)))
        return 0;
    const bool both = node->input_count == 2 && io_onnx_input(b, node, 0)->kind == ONNX_LIVE &&
                      io_onnx_input(b, node, 1)->kind == ONNX_LIVE;

    return io_onnx_give_plain(b, node, both ? ALX_WEIGHTS_ADD : ALX_WEIGHTS_OTHER);
}

/* ---- layers without ------------------------------------------------------------------------ */

static int add_relu(onnx_builder *b, const onnx_node *node)
{
    return io_onnx_give_plain(b, node, ALX_WEIGHTS_RELU);
}

static int add_softmax(onnx_builder *b, const onnx_node *node)
{
    return io_onnx_give_plain(b, node, ALX_WEIGHTS_SOFTMAX);
}

static int add_lrn(onnx_builder *b, const onnx_node *node)
{
    const int64_t size = io_onnx_int(node, "size", 0);
    alx_weights_layer layer = { .op = ALX_WEIGHTS_LRN,
                                .weight = -1,
                                .bias = -1,
                                .size = (int)size,
                                .alpha = io_onnx_float(node, "alpha", 1e-4),
                                .beta = io_onnx_float(node, "beta", 0.75),
                                .k = io_onnx_float(node, "bias", 1.0) };

    if (size < 1 || size > INT_MAX)
        return io_onnx_give_plain(b, node, ALX_WEIGHTS_OTHER);
    return io_onnx_give_layer(b, node, &layer);
}

static int add_pool(onnx_builder *b, const onnx_node *node, alx_weights_op op)
{
    alx_weights_layer layer = { .op = op, .weight = -1, .bias = -1 };

    return get_window(node, &layer) && layer.kernel[0] > 0
               ? io_onnx_give_layer(b, node, &layer)
               : io_onnx_give_plain(b, node, ALX_WEIGHTS_OTHER);
}

static int add_max_pool(onnx_builder *b, const onnx_node *node)
{
    return add_pool(b, node, ALX_WEIGHTS_MAX_POOL);
}

static int add_average_pool(onnx_builder *b, const onnx_node *node)
{
    return add_pool(b, node, ALX_WEIGHTS_AVERAGE_POOL);
}

static int add_global_average(onnx_builder *b, const onnx_node *node)
{
    return io_onnx_give_plain(b, node, ALX_WEIGHTS_AVERAGE_POOL); /* kernel 0 */
}

static int add_dropout(onnx_builder *b, const onnx_node *node)
{
    alx_weights_layer layer = { .op = ALX_WEIGHTS_DROPOUT, .weight = -1, .bias = -1 };
    const onnx_flow *ratio = io_onnx_input(b, node, 1);

    layer.ratio = io_onnx_float(node, "ratio", 0.5);
    if (ratio->constant.next != NULL && !io_onnx_tensor_number(ratio->constant, &layer.ratio))
        return io_onnx_give_plain(b, node, ALX_WEIGHTS_OTHER);
    return io_onnx_give_layer(b, node, &layer);
}

/* ---- nodes that move numbers ---------------------------------------------------------------- */

static int pass_on(onnx_builder *b, const onnx_node *node)
{
    io_onnx_give(b, node, io_onnx_input(b, node, 0));
    return 0;
}

static int add_flatten(onnx_builder *b, const onnx_node *node)
{
    return io_onnx_give_plain(
        b, node, io_onnx_int(node, "axis", 1) == 1 ? ALX_WEIGHTS_FLATTEN : ALX_WEIGHTS_OTHER);
}

/* To (images, numbers), as far as the shape is a constant. */
static int add_reshape(onnx_builder *b, const onnx_node *node)
{
    const onnx_flow *shape = io_onnx_input(b, node, 1);
    int64_t dims[ALX_MAX_DIMS];
    const size_t count = io_onnx_tensor_ints(shape->constant, dims, ALX_MAX_DIMS);

    if (io_onnx_input(b, node, 0)->kind != ONNX_LIVE)
        return 0;
    return io_onnx_give_plain(b, node,
                              count == 2 || shape->kind == ONNX_UNKNOWN ? ALX_WEIGHTS_FLATTEN
                                                                        : ALX_WEIGHTS_OTHER);
}

static bool is_order(const int64_t *axes, size_t count, const char *order)
{
    size_t i = 0;

    while (i < count && axes[i] == order[i] - '0')
        ++i;
    return i == count && order[i] == '\0';
}

static bool is_permutation(const int64_t *axes, size_t count)
{
    unsigned seen = 0;

    for (size_t i = 0; i < count; ++i)
        if (axes[i] >= 0 && axes[i] < (int64_t)count)
            seen |= 1u << axes[i];
    return seen == (1u << count) - 1;
}

/* Weights that are turned are the same numbers by other strides. */
static int transpose_tensor(onnx_builder *b, const onnx_node *node, const int64_t *axes,
                            size_t count)
{
    const long from = io_onnx_input(b, node, 0)->tensor;
    io_tensor turned = from >= 0 ? b->file->tensors[from] : (io_tensor){ 0 };
    const alx_weights_tensor before = turned.about;
    onnx_flow out = { .kind = ONNX_TENSOR, .tensor = (long)b->file->count, .layer = -1 };

    if (from < 0 || before.dim_count != (int)count || before.count == 0 || turned.first == NULL ||
        node->output_count == 0)
        return 0;
    if (!is_permutation(axes, count))
        return alx_fail(ALX_E_DATA, "node %s (Transpose): perm does not name each axis once",
                        node->name);
    for (size_t i = 0; i < count; ++i) {
        turned.about.dims[i] = before.dims[axes[i]];
        turned.about.strides[i] = before.strides[axes[i]];
    }
    turned.about.name = b->graph->values[node->first_output].name;
    io_onnx_give(b, node, &out);
    return io_weights_add(b->file, &turned, true);
}

/* Between N, C, H, W and N, H, W, C: the order of the axes is kept in mind, nothing is computed. */
static int add_transpose(onnx_builder *b, const onnx_node *node)
{
    onnx_flow out = *io_onnx_input(b, node, 0);
    int64_t axes[ALX_MAX_DIMS];
    const size_t count = io_onnx_ints(node, "perm", axes, ALX_MAX_DIMS);

    if (out.kind == ONNX_TENSOR)
        return transpose_tensor(b, node, axes, count);
    if (out.kind != ONNX_LIVE)
        return 0;
    const bool to_chw = is_order(axes, count, "0312"), to_hwc = is_order(axes, count, "0231");

    if (to_chw && out.layer < 0 && !out.hwc)
        b->file->input.hwc = true;
    else if (!(to_chw && out.hwc) && !(to_hwc && !out.hwc))
        return io_onnx_give_plain(b, node, ALX_WEIGHTS_OTHER);
    out.hwc = to_hwc;
    io_onnx_give(b, node, &out);
    return 0;
}

static int give_tensor(onnx_builder *b, const onnx_node *node, long tensor, base_wire message)
{
    const onnx_flow out = {
        .kind = ONNX_TENSOR, .tensor = tensor, .constant = message, .layer = -1
    };

    io_onnx_give(b, node, &out);
    return 0;
}

static int add_constant(onnx_builder *b, const onnx_node *node)
{
    base_wire message = { 0 };
    double number = 0.0;
    int64_t whole = 0;
    long tensor = -1;

    if (node->output_count == 0 || !io_onnx_tensor(node, "value", &message))
        return 0;
    if (!io_onnx_tensor_number(message, &number) && io_onnx_tensor_ints(message, &whole, 1) == 0)
        TRY(io_onnx_add_tensor(b->file, b->outside, message,
                               b->graph->values[node->first_output].name, &tensor));
    return give_tensor(b, node, tensor, message);
}

static int add_filled(onnx_builder *b, const onnx_node *node)
{
    int64_t dims[ALX_MAX_DIMS + 1];
    const size_t count = io_onnx_tensor_ints(io_onnx_input(b, node, 0)->constant, dims,
                                             ALX_MAX_DIMS + 1);
    base_wire message = { 0 };
    long tensor = -1;

    if (node->output_count == 0 || count == 0)
        return 0;
    (void)io_onnx_tensor(node, "value", &message);
    TRY(io_onnx_add_filled(b->file, message, b->graph->values[node->first_output].name, dims, count,
                           &tensor));
    return give_tensor(b, node, tensor, (base_wire){ 0 });
}

static int add_concat(onnx_builder *b, const onnx_node *node)
{
    const int64_t axis = io_onnx_int(node, "axis", 1);
    const bool hwc = io_onnx_input(b, node, 0)->hwc;

    return io_onnx_give_plain(b, node,
                              axis == (hwc ? 3 : 1) ? ALX_WEIGHTS_CONCAT : ALX_WEIGHTS_OTHER);
}

/* Sizes are an input, before opset 13 an attribute; without any all parts are equal. */
static int add_split(onnx_builder *b, const onnx_node *node)
{
    enum { MOST = ALX_WEIGHTS_MAX_INPUTS };
    int64_t sizes[MOST + 1];
    const size_t count = has_input(node, 1)
                             ? io_onnx_tensor_ints(io_onnx_input(b, node, 1)->constant, sizes,
                                                   MOST + 1)
                             : io_onnx_ints(node, "split", sizes, MOST + 1);
    bool known = node->output_count <= MOST &&
                 (count == node->output_count || (count == 0 && !has_input(node, 1))) &&
                 io_onnx_int(node, "axis", 0) == (io_onnx_input(b, node, 0)->hwc ? 3 : 1);
    alx_weights_layer layer = {
        .op = ALX_WEIGHTS_SPLIT, .weight = -1, .bias = -1, .part_count = (int)node->output_count
    };

    for (size_t i = 0; known && i < count; ++i) {
        known = sizes[i] > 0 && sizes[i] <= INT_MAX;
        layer.parts[i] = (int)sizes[i];
    }
    return known ? io_onnx_give_layer(b, node, &layer)
                 : io_onnx_give_plain(b, node, ALX_WEIGHTS_OTHER);
}

/* What computes with what comes from the network's input; the rest is constant. */
static const struct {
    const char *type;
    bool constant; /* it gives tensors too */
    int (*add)(onnx_builder *b, const onnx_node *node);
} types[] = {
    { "Conv", false, add_conv },
    { "Gemm", false, add_gemm },
    { "MatMul", false, add_matmul },
    { "Add", false, add_sum },
    { "Relu", false, add_relu },
    { "LRN", false, add_lrn },
    { "MaxPool", false, add_max_pool },
    { "AveragePool", false, add_average_pool },
    { "GlobalAveragePool", false, add_global_average },
    { "Dropout", false, add_dropout },
    { "Softmax", false, add_softmax },
    { "Concat", false, add_concat },
    { "Split", false, add_split },
    { "Flatten", false, add_flatten },
    { "Reshape", false, add_reshape },
    { "Identity", true, pass_on },
    { "Cast", true, pass_on },
    { "Transpose", true, add_transpose },
    { "Constant", true, add_constant },
    { "ConstantOfShape", true, add_filled },
};

/* What asks for the shape of a value is not computed from its numbers. */
static bool asks_for_shape(const onnx_node *node)
{
    return strcmp(node->type, "Shape") == 0 || strcmp(node->type, "Size") == 0;
}

static int check_buried(const onnx_builder *b, const onnx_node *node)
{
    for (size_t i = 0; i < node->input_count; ++i)
        if (io_onnx_input(b, node, i)->kind == ONNX_BURIED)
            return alx_fail(ALX_E_DATA, "node %s (%s) takes what lies inside a normalisation",
                            node->name, node->type);
    return 0;
}

int io_onnx_add_node(onnx_builder *b, const onnx_node *node)
{
    const bool live = io_onnx_is_live(b, node);

    if (asks_for_shape(node))
        return 0;
    TRY(check_buried(b, node));
    for (size_t i = 0; i < ALX_COUNT(types); ++i)
        if (strcmp(types[i].type, node->type) == 0)
            return live || types[i].constant ? types[i].add(b, node) : 0;
    return live ? io_onnx_give_plain(b, node, ALX_WEIGHTS_OTHER) : 0;
}
