/* layer.c - parameters of Caffe's layers, with Caffe's defaults. */
#include "io/caffe/layer.h"

#include <limits.h>
#include <string.h>

#include "base/try.h"
#include "io/fields.h"
#include "io/repeated.h"

typedef struct source {
    base_wire layer;
    const caffe_form *form;
} source;

/* A number from 0; -1: it is there and is none. */
static int get_int(base_wire message, uint64_t field, int otherwise)
{
    const int64_t number = io_field_int(message, field, otherwise);

    return number >= 0 && number <= INT_MAX ? (int)number : -1;
}

/* Height and width: one number for both, two, or a field for each. False if one is no size. */
static bool get_pair(int out[2], base_wire message, uint64_t both, uint64_t height, int otherwise)
{
    int64_t numbers[2] = { otherwise, otherwise };
    io_repeated repeated;

    if (!io_repeated_find(&repeated, message, both, 0))
        return false;
    const size_t count = io_repeated_ints(numbers, &repeated, 2);

    if (count == 1)
        numbers[1] = numbers[0];
    for (int i = 0; i < 2; ++i) {
        if (height != 0)
            numbers[i] = io_field_int(message, height + (uint64_t)i, numbers[i]);
        if (numbers[i] < 0 || numbers[i] > INT_MAX)
            return false;
        out[i] = (int)numbers[i];
    }
    return repeated.count <= 2;
}

static void set_pad(alx_weights_layer *out, const int pad[2])
{
    out->pad[0] = out->pad[2] = pad[0];
    out->pad[1] = out->pad[3] = pad[1];
}

/* ---- types --------------------------------------------------------------------------------- */

static bool describe_conv(alx_weights_layer *out, const source *from)
{
    const base_wire conv = io_field_bytes(from->layer, from->form->conv);
    int pad[2] = { 0 };
    const bool right = get_pair(out->kernel, conv, CONV_KERNEL, CONV_KERNEL_H, 0) &&
                       get_pair(out->stride, conv, CONV_STRIDE, CONV_STRIDE_H, 1) &&
                       get_pair(out->dilation, conv, CONV_DILATION, 0, 1) &&
                       get_pair(pad, conv, CONV_PAD, CONV_PAD_H, 0);

    set_pad(out, pad);
    out->op = ALX_WEIGHTS_CONV;
    out->outputs = get_int(conv, CONV_OUTPUTS, 0);
    out->groups = get_int(conv, CONV_GROUP, 1);
    return right && out->outputs > 0 && out->groups > 0;
}

static bool describe_fc(alx_weights_layer *out, const source *from)
{
    const base_wire fc = io_field_bytes(from->layer, from->form->fc);

    out->op = ALX_WEIGHTS_FC;
    out->outputs = get_int(fc, FC_OUTPUTS, 0);
    out->in_out = io_field_int(fc, FC_TRANSPOSE, 0) != 0;
    return out->outputs > 0;
}

/* Windows may hang over the edge, and averages count the padding. */
static bool describe_pool(alx_weights_layer *out, const source *from)
{
    const base_wire pool = io_field_bytes(from->layer, from->form->pool);
    const int64_t method = io_field_int(pool, POOL_METHOD, 0);
    int pad[2] = { 0 };
    const bool right = get_pair(out->kernel, pool, POOL_KERNEL, POOL_KERNEL_H, 0) &&
                       get_pair(out->stride, pool, POOL_STRIDE, POOL_STRIDE_H, 1) &&
                       get_pair(pad, pool, POOL_PAD, POOL_PAD_H, 0);

    set_pad(out, pad);
    out->op = method == 0 ? ALX_WEIGHTS_MAX_POOL : ALX_WEIGHTS_AVERAGE_POOL;
    out->round_up = io_field_int(pool, POOL_ROUND, 0) == 0;
    out->counts_pad = method == 1;
    if (io_field_int(pool, POOL_GLOBAL, 0) != 0)
        out->kernel[0] = out->kernel[1] = 0;
    else if (out->kernel[0] == 0)
        return false;
    return right && (method == 0 || method == 1);
}

static bool describe_lrn(alx_weights_layer *out, const source *from)
{
    const base_wire lrn = io_field_bytes(from->layer, from->form->lrn);

    out->op = ALX_WEIGHTS_LRN;
    out->size = get_int(lrn, LRN_SIZE, 5);
    out->alpha = io_field_float(lrn, LRN_ALPHA, 1.0);
    out->beta = io_field_float(lrn, LRN_BETA, 0.75);
    out->k = io_field_float(lrn, LRN_K, 1.0);
    return out->size > 0 && io_field_int(lrn, LRN_REGION, 0) == 0;
}

static bool describe_relu(alx_weights_layer *out, const source *from)
{
    const double slope = io_field_float(io_field_bytes(from->layer, from->form->relu), RELU_SLOPE,
                                        0.0);

    out->op = ALX_WEIGHTS_RELU;
    return slope >= 0.0 && slope <= 0.0;
}

static bool describe_dropout(alx_weights_layer *out, const source *from)
{
    out->op = ALX_WEIGHTS_DROPOUT;
    out->ratio = io_field_float(io_field_bytes(from->layer, from->form->dropout), DROPOUT_RATIO,
                                0.5);
    return true;
}

static bool describe_concat(alx_weights_layer *out, const source *from)
{
    const base_wire concat = io_field_bytes(from->layer, from->form->concat);

    out->op = ALX_WEIGHTS_CONCAT;
    return io_field_int(concat, CONCAT_AXIS, io_field_int(concat, CONCAT_DIM, 1)) == 1;
}

static int count_tops(const source *from)
{
    base_wire layer = from->layer;
    base_wire_field field;
    int count = 0;

    while (base_wire_next(&layer, &field) > 0)
        count += field.field == from->form->top && count < INT_MAX;
    return count;
}

/* Without points all parts are equal. */
static bool describe_slice(alx_weights_layer *out, const source *from)
{
    const base_wire slice = io_field_bytes(from->layer, from->form->slice);
    int64_t points[ALX_WEIGHTS_MAX_INPUTS], last = 0;
    io_repeated repeated;

    out->op = ALX_WEIGHTS_SPLIT;
    out->part_count = count_tops(from);
    if (!io_repeated_find(&repeated, slice, SLICE_POINT, 0))
        return false;
    const size_t count = io_repeated_ints(points, &repeated, ALX_WEIGHTS_MAX_INPUTS);

    for (size_t i = 0; i < count; last = points[i++]) {
        if (points[i] <= last || points[i] > INT_MAX)
            return false;
        out->parts[i] = (int)(points[i] - last);
    }
    return out->part_count <= ALX_WEIGHTS_MAX_INPUTS &&
           (count == 0 || (int)count + 1 == out->part_count) &&
           io_field_int(slice, SLICE_AXIS, io_field_int(slice, SLICE_DIM, 1)) == 1;
}

static bool describe_sum(alx_weights_layer *out, const source *from)
{
    const base_wire eltwise = io_field_bytes(from->layer, from->form->eltwise);

    out->op = ALX_WEIGHTS_ADD;
    return io_field_int(eltwise, ELTWISE_OPERATION, 1) == 1;
}

static bool describe_flatten(alx_weights_layer *out, const source *from)
{
    out->op = ALX_WEIGHTS_FLATTEN;
    return from->form->flatten == 0 ||
           io_field_int(io_field_bytes(from->layer, from->form->flatten), FLATTEN_AXIS, 1) == 1;
}

static bool describe_softmax(alx_weights_layer *out, const source *from)
{
    (void)from;
    out->op = ALX_WEIGHTS_SOFTMAX;
    return true;
}

static const struct {
    const char *type;
    bool (*describe)(alx_weights_layer *out, const source *from); /* false: not as we know it */
} types[] = {
    { "Convolution", describe_conv }, { "InnerProduct", describe_fc },
    { "Pooling", describe_pool },     { "LRN", describe_lrn },
    { "ReLU", describe_relu },        { "Dropout", describe_dropout },
    { "Concat", describe_concat },    { "Slice", describe_slice },
    { "Eltwise", describe_sum },      { "Flatten", describe_flatten },
    { "Softmax", describe_softmax },  { "SoftmaxWithLoss", describe_softmax },
};

void io_caffe_describe(alx_weights_layer *out, const char *type, const caffe_form *form,
                       base_wire layer)
{
    const source from = { layer, form };

    *out = (alx_weights_layer){ .type = type, .described = true, .weight = -1, .bias = -1 };
    for (size_t i = 0; i < ALX_COUNT(types); ++i)
        if (strcmp(types[i].type, type) == 0 && !types[i].describe(out, &from))
            *out = (alx_weights_layer){ .type = type, .described = true, .weight = -1, .bias = -1 };
}

bool io_caffe_is_data(const char *type)
{
    static const char *const data[] = { "Input",    "Data",       "ImageData", "MemoryData",
                                        "HDF5Data", "WindowData", "DummyData", "AnnotatedData" };
    size_t i = 0;

    while (i < ALX_COUNT(data) && strcmp(data[i], type) != 0)
        ++i;
    return i < ALX_COUNT(data);
}
