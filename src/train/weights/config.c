/* config.c - the network that a file's layers are, written as a config and read as one. */
#include "train/weights/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/numbers.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"

#define TEXT_BYTES 8192
#define MOST_SIDE 65535 /* of planes and windows, strides, padding: products of two fit */

typedef struct config_text {
    const weights_file *file;
    char text[TEXT_BYTES];
    char order[96]; /* of the open layer */
    int layers, side, channels;
    bool open, active; /* a layer is open; it has an activation */
    bool full;         /* the text is cut */
    bool towers;       /* two, as a norm that stays in its half of the channels shows */
} config_text;

static void add(config_text *c, const char *format, ...)
{
    const size_t at = strlen(c->text);
    va_list args;

    va_start(args, format);
    const int length = base_vprint(c->text + at, sizeof c->text - at, format, args);

    va_end(args);
    c->full = c->full || length < 0 || (size_t)length >= sizeof c->text - at;
}

static int refuse(const config_text *c, const alx_weights_layer *layer, const char *why)
{
    return alx_fail(ALX_E_DATA, "%s: layer %.100s (%.60s): %s", c->file->path, layer->name,
                    layer->type, why);
}

static bool is_size(const int *numbers, size_t count)
{
    size_t i = 0;

    while (i < count && numbers[i] >= 0 && numbers[i] <= MOST_SIDE)
        ++i;
    return i == count;
}

/* Numbers of a file that can be computed with. */
static bool has_sizes(const alx_weights_layer *layer)
{
    return is_size(layer->kernel, 2) && is_size(layer->stride, 2) && is_size(layer->pad, 4);
}

/* ---- layers ---------------------------------------------------------------------------------- */

static void close_layer(config_text *c)
{
    if (!c->open)
        return;
    if (!c->active)
        add(c, "activation = none\n");
    if (c->order[0] != '\0')
        add(c, "order =%s\n", c->order);
    c->open = c->active = false;
    c->order[0] = '\0';
}

static void open_layer(config_text *c, const char *kind)
{
    close_layer(c);
    add(c, "[%s%d]\n", kind, ++c->layers);
    c->open = true;
}

static int add_stage(config_text *c, const alx_weights_layer *layer, const char *stage)
{
    const size_t at = strlen(c->order);
    char word[24];

    if (!c->open)
        return refuse(c, layer, "before any layer with weights");
    snprintf(word, sizeof word, " %s ", stage);
    if (strstr(c->order, word) != NULL)
        return refuse(c, layer, "the second of its kind after one layer with weights");
    snprintf(c->order + at, sizeof c->order - at, "%s", at > 0 ? word + 1 : word);
    return 0;
}

static int outputs_of(const config_text *c, const alx_weights_layer *layer)
{
    if (layer->outputs > 0 || layer->weight < 0)
        return layer->outputs;
    const alx_weights_tensor *weight = alx_weights_file_at(c->file->file, (size_t)layer->weight);
    int ones = 0;

    while (weight->dim_count - ones > 2 && layer->op == ALX_WEIGHTS_FC && weight->dims[ones] == 1)
        ++ones;
    return weight->dims[ones + (layer->in_out ? 1 : 0)];
}

/* Pixels on every side; -1: they differ. */
static int even_pad(const alx_weights_layer *layer)
{
    const int *pad = layer->pad;

    if (layer->same_pad)
        return layer->stride[0] == 1 && layer->kernel[0] % 2 == 1 ? layer->kernel[0] / 2 : -1;
    return pad[0] == pad[1] && pad[0] == pad[2] && pad[0] == pad[3] ? pad[0] : -1;
}

static int one_if_none(int number)
{
    return number > 0 ? number : 1;
}

/* Whether it has weights, here or in the model that a text without any describes. */
static bool has_weights(const weights_file *file, const alx_weights_layer *layer)
{
    return layer->weight >= 0 || (alx_weights_file_format(file->file) == ALX_WEIGHTS_PROTOTXT &&
                                  (layer->op == ALX_WEIGHTS_CONV || layer->op == ALX_WEIGHTS_FC));
}

static int add_conv(config_text *c, const alx_weights_layer *layer)
{
    const int kernel = layer->kernel[0], stride = one_if_none(layer->stride[0]);
    const int pad = even_pad(layer), groups = one_if_none(layer->groups);

    if (!has_weights(c->file, layer))
        return refuse(c, layer, "its weights are computed, not stored");
    if (layer->kernel[1] != kernel || layer->stride[0] != layer->stride[1])
        return refuse(c, layer, "windows that are not square");
    if (layer->dilation[0] > 1 || layer->dilation[1] > 1)
        return refuse(c, layer, "dilated windows");
    if (pad < 0)
        return refuse(c, layer, "other padding on one side than on the other");
    if (c->towers && groups > 2)
        return refuse(c, layer, "other groups than the two of the norms before or behind");
    open_layer(c, "conv");
    add(c, "filters = %d\nkernel = %d\nstride = %d\npad = %d\n", outputs_of(c, layer), kernel,
        stride, pad);
    if (!c->towers)
        add(c, "groups = %d\n", groups);
    else if (c->layers > 1)
        add(c, "sees = %s\n", groups == 2 ? "own" : "both");
    c->side = (c->side + 2 * pad - kernel) / stride + 1;
    c->channels = outputs_of(c, layer);
    return 0;
}

#define NOT_HALVES                                                                                 \
    "channels not divided into equal halves that are normalised alike and put together in order"

/* Both halves of a norm have been found to be the same. */
static int check_halves(const config_text *c, const alx_weights_layer *split)
{
    const int half = c->channels / 2, *parts = split->parts;

    if (split->part_count == 2 && c->channels % 2 == 0 && (parts[0] == 0 || parts[0] == half) &&
        (parts[1] == 0 || parts[1] == half))
        return 0;
    return refuse(c, split, NOT_HALVES);
}

static int add_lrn(config_text *c, const alx_weights_layer *layer)
{
    if (layer->size % 2 == 0)
        return refuse(c, layer, "a window of an even number of channels");
    TRY(add_stage(c, layer, "lrn"));
    add(c, "lrn = n=%d k=%.9g alpha=%.9g beta=%.9g alpha-over-n\n", layer->size, layer->k,
        layer->alpha, layer->beta);
    return 0;
}

/* Windows of a pool over so many pixels. */
static int windows(int pixels, int kernel, int stride)
{
    return (pixels - kernel) / stride + 1;
}

/* ONNX writes Caffe's rounding up as pixels below and to the right. False: other padding. */
static bool rounds_up(bool *up, const config_text *c, const alx_weights_layer *layer)
{
    const int *pad = layer->pad, kernel = layer->kernel[0], stride = one_if_none(layer->stride[0]);
    const int padded = windows(c->side + pad[2], kernel, stride);

    *up = layer->round_up || padded > windows(c->side, kernel, stride);
    return !layer->same_pad && pad[0] == 0 && pad[1] == 0 && pad[2] == pad[3] &&
           padded <= windows(c->side + stride - 1, kernel, stride);
}

static int add_pool(config_text *c, const alx_weights_layer *layer)
{
    const int kernel = layer->kernel[0], stride = one_if_none(layer->stride[0]);
    bool up = false;

    if (layer->kernel[1] != kernel || layer->stride[0] != layer->stride[1])
        return refuse(c, layer, "windows that are not square");
    if (kernel == 0 || !rounds_up(&up, c, layer))
        return refuse(c, layer, "a maximum of everything, or of padding");
    TRY(add_stage(c, layer, "pool"));
    add(c, "pool = max %d/%d%s\n", kernel, stride, up ? " ceil" : "");
    c->side = windows(c->side + (up ? stride - 1 : 0), kernel, stride);
    return 0;
}

/* Only what an adaptive pool does too: windows side by side, or one over everything. */
static int add_average(config_text *c, const alx_weights_layer *layer)
{
    const int kernel = layer->kernel[0] > 0 ? layer->kernel[0] : c->side;
    const int stride = layer->kernel[0] > 0 ? one_if_none(layer->stride[0]) : kernel;

    if (kernel == 1 && stride == 1)
        return 0;
    if (kernel != stride || c->side <= 0 || c->side % kernel != 0 || even_pad(layer) != 0)
        return refuse(c, layer, "average pooling with windows that overlap or leave pixels out");
    TRY(add_stage(c, layer, "adaptive-pool"));
    c->side /= kernel;
    add(c, "adaptive-pool = %d\n", c->side);
    return 0;
}

static int add_layer(config_text *c, const alx_weights_layer *layer)
{
    if (!has_sizes(layer) || c->side > MOST_SIDE || c->side < -MOST_SIDE)
        return refuse(c, layer, "impossible windows");
    switch (layer->op) {
    case ALX_WEIGHTS_CONV:
        return add_conv(c, layer);
    case ALX_WEIGHTS_FC:
        open_layer(c, "fc");
        add(c, "units = %d\n", outputs_of(c, layer));
        return 0;
    case ALX_WEIGHTS_RELU:
        c->active = true;
        return add_stage(c, layer, "activation");
    case ALX_WEIGHTS_LRN:
        return add_lrn(c, layer);
    case ALX_WEIGHTS_MAX_POOL:
        return add_pool(c, layer);
    case ALX_WEIGHTS_AVERAGE_POOL:
        return add_average(c, layer);
    case ALX_WEIGHTS_DROPOUT:
        if (c->open && layer->ratio > 0.0)
            add(c, "dropout = %.9g\n", layer->ratio);
        return 0;
    case ALX_WEIGHTS_SPLIT:
        return refuse(c, layer, NOT_HALVES);
    case ALX_WEIGHTS_FLATTEN:
    case ALX_WEIGHTS_SOFTMAX:
        return 0;
    default:
        return refuse(c, layer, "nothing that a network here can have");
    }
}

/* ---- towers ---------------------------------------------------------------------------------- */

enum { TOWER_NORM = 4 }; /* layers: channels are halved, each half normalised, both put together */

static const alx_weights_layer *nth_layer(const weights_file *file, size_t index)
{
    return index < alx_weights_file_layer_count(file->file)
               ? alx_weights_file_layer(file->file, index)
               : NULL;
}

static bool takes(const alx_weights_layer *layer, size_t only, int output)
{
    return layer != NULL && layer->input_count == 1 && layer->inputs[0] == (long)only &&
           layer->from[0] == output;
}

static bool same_norm(const alx_weights_layer *a, const alx_weights_layer *b)
{
    return a->op == ALX_WEIGHTS_LRN && b->op == ALX_WEIGHTS_LRN && a->size == b->size &&
           a->alpha == b->alpha && a->beta == b->beta && a->k == b->k;
}

/* As convert writes it, and others who build two towers as one. */
static bool is_tower_norm(const weights_file *file, size_t first)
{
    const alx_weights_layer *split = nth_layer(file, first), *all = nth_layer(file, first + 3);
    const alx_weights_layer *one = nth_layer(file, first + 1), *other = nth_layer(file, first + 2);

    return split->op == ALX_WEIGHTS_SPLIT && takes(one, first, 0) && takes(other, first, 1) &&
           same_norm(one, other) && all != NULL && all->op == ALX_WEIGHTS_CONCAT &&
           all->input_count == 2 && all->inputs[0] == (long)first + 1 &&
           all->inputs[1] == (long)first + 2;
}

static bool has_towers(const weights_file *file)
{
    size_t i = 0;

    while (i < alx_weights_file_layer_count(file->file) && !is_tower_norm(file, i))
        ++i;
    return i < alx_weights_file_layer_count(file->file);
}

/* ---- the network ----------------------------------------------------------------------------- */

static int add_layers(config_text *c)
{
    const size_t count = alx_weights_file_layer_count(c->file->file);

    for (size_t i = 0; i < count; ++i) {
        const alx_weights_layer *layer = alx_weights_file_layer(c->file->file, i);

        if (layer->input_count != 1 || layer->inputs[0] != (long)i - 1 || layer->from[0] != 0)
            return refuse(c, layer, "does not follow the layer before it: branches");
        if (c->towers && layer->op == ALX_WEIGHTS_LRN)
            return refuse(c, layer, "over all channels, where another stays in its half of them");
        if (is_tower_norm(c->file, i)) {
            TRY(check_halves(c, layer));
            layer = alx_weights_file_layer(c->file->file, i + 1);
            i += TOWER_NORM - 1;
        }
        TRY(add_layer(c, layer));
    }
    close_layer(c);
    return 0;
}

static int classes_of(const weights_file *file, int *classes, const config_text *c)
{
    size_t i = alx_weights_file_layer_count(file->file);

    while (i > 0 && !has_weights(file, alx_weights_file_layer(file->file, i - 1)))
        --i;
    if (i == 0 || alx_weights_file_layer(file->file, i - 1)->op != ALX_WEIGHTS_FC)
        return alx_fail(ALX_E_DATA, "%s: its last layer is not fully connected", file->path);
    *classes = outputs_of(c, alx_weights_file_layer(file->file, i - 1));
    return 0;
}

/* 256 for 224 and 227, as everybody has it. */
static int resize_of(int side)
{
    const int larger = side * 8 / 7 / 32 * 32;

    return larger > side ? larger : side;
}

int train_weights_config(alx_config *out, const weights_file *file, int channels)
{
    const alx_weights_input *input = alx_weights_file_input(file->file);
    const int side = input->height;
    config_text c = { .file = file, .side = side, .towers = has_towers(file) };
    int classes = 0;

    if (input->channels > 0)
        channels = input->channels;
    if (side == 0 || channels == 0)
        return alx_fail(ALX_E_DATA, "%s: does not say how large its input is", file->path);
    if (side > MOST_SIDE || input->width > MOST_SIDE)
        return alx_fail(ALX_E_DATA, "%s: an input of %dx%d", file->path, side, input->width);
    TRY(classes_of(file, &classes, &c));
    add(&c, "[net]\ninput = %dx%dx%d\nclasses = %d\ndropout-form = inverted\n", side, input->width,
        channels, classes);
    if (c.towers)
        add(&c, "towers = 2\n");
    TRY(add_layers(&c));
    add(&c, "[data]\nresize = %d\n", resize_of(side));
    if (c.full)
        return alx_fail(ALX_E_DATA, "%s: more layers than a network here can have", file->path);
    TRY(alx_fail_context(train_stored_config(out, c.text, "its layers"), "%s", file->path));
    snprintf(out->name, sizeof out->name, "%s", "imported");
    return 0;
}
