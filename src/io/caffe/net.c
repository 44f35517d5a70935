/* net.c - walks the layers of a network in both forms that files have, and follows the names of
 * what they take and make. */
#include "io/caffe/net.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/caffe/layer.h"
#include "io/caffe/schema.h"
#include "io/fields.h"
#include "io/repeated.h"

#define MOST_LAYERS 10000
#define MOST_NAMES 20000 /* of what layers take and make, each looked for among the layers */
#define SOFTMAX_LOSS "SoftmaxWithLoss"

enum { OLDEST_LAYER = 1 }; /* in one of NET_LAYERS: the form before them both */

/* What a name stands for: the last layer that makes it. */
typedef struct top {
    const char *name;
    long layer; /* -1: the data */
    int output; /* of the layer's, which it is */
} top;

typedef struct walk {
    alx_weights_file *file;
    base_wire net;
    const caffe_form *form;
    top *tops;
    size_t top_count, top_room;
    size_t names; /* that were looked for */
} walk;

static int no_memory(void)
{
    return alx_fail(ALX_E_MEMORY, "out of host memory");
}

/* ---- names --------------------------------------------------------------------------------- */

static bool is_name(const top *t, base_wire name)
{
    return strlen(t->name) == io_field_length(name) &&
           (io_field_length(name) == 0 || memcmp(t->name, name.next, io_field_length(name)) == 0);
}

/* What nobody makes comes from outside. */
static top find_top(const walk *w, base_wire name)
{
    for (size_t i = w->top_count; i > 0; --i)
        if (is_name(&w->tops[i - 1], name))
            return w->tops[i - 1];
    return (top){ .layer = -1 };
}

static int set_top(walk *w, base_wire name, top made)
{
    for (size_t i = 0; i < w->top_count; ++i)
        if (is_name(&w->tops[i], name)) {
            made.name = w->tops[i].name;
            w->tops[i] = made;
            return 0;
        }
    if (w->top_count == MOST_LAYERS)
        return alx_fail(ALX_E_DATA, "a network of more than %d layers", MOST_LAYERS);
    top *grown = io_weights_grow(w->tops, w->top_count, &w->top_room, sizeof *grown);

    if (grown == NULL)
        return no_memory();
    w->tops = grown;
    made.name = io_field_text(w->file, name);
    w->tops[w->top_count] = made;
    return w->tops[w->top_count++].name != NULL ? 0 : no_memory();
}

static int count_name(walk *w)
{
    return ++w->names <= MOST_NAMES
               ? 0
               : alx_fail(ALX_E_DATA, "a network whose layers take and make more than %d values",
                          MOST_NAMES);
}

/* Outputs of a layer, the first of which is `made`; all of them, if they are one value. */
static int set_tops(walk *w, base_wire message, top made, bool one)
{
    base_wire_field field;

    while (base_wire_next(&message, &field) > 0)
        if (field.field == w->form->top && field.type == BASE_WIRE_BYTES) {
            TRY(count_name(w));
            TRY(set_top(w, base_wire_inside(&field), made));
            made.output += !one;
        }
    return 0;
}

static int find_inputs(walk *w, base_wire message, alx_weights_layer *layer)
{
    base_wire_field field;

    while (base_wire_next(&message, &field) > 0) {
        if (field.field != w->form->bottom || field.type != BASE_WIRE_BYTES ||
            layer->input_count == INT_MAX)
            continue;
        TRY(count_name(w));
        if (layer->input_count < ALX_WEIGHTS_MAX_INPUTS) {
            const top found = find_top(w, base_wire_inside(&field));

            layer->inputs[layer->input_count] = found.layer;
            layer->from[layer->input_count] = found.output;
        }
        ++layer->input_count;
    }
    return 0;
}

/* ---- the data ------------------------------------------------------------------------------ */

/* (images, channels, height, width) */
static void set_size(alx_weights_file *file, const io_repeated *dims)
{
    int64_t numbers[4] = { 0 };
    const size_t count = io_repeated_ints(numbers, dims, 4);

    for (size_t i = 0; i < count; ++i)
        if (numbers[i] < 0 || numbers[i] > INT_MAX)
            return;
    if (count == 4) {
        file->input.channels = (int)numbers[1];
        file->input.height = (int)numbers[2];
        file->input.width = (int)numbers[3];
    }
}

static void describe_shape(alx_weights_file *file, base_wire shape)
{
    io_repeated dims;

    if (io_repeated_find(&dims, shape, SHAPE_DIM, 0))
        set_size(file, &dims);
}

static int describe_transform(const walk *w, base_wire transform)
{
    alx_weights_input *input = &w->file->input;
    const base_wire mean_file = io_field_bytes(transform, TRANSFORM_MEAN_FILE);
    const int64_t crop = io_field_int(transform, TRANSFORM_CROP, 0);
    io_repeated means;

    input->scale = io_field_float(transform, TRANSFORM_SCALE, 1.0);
    if (crop > 0 && crop <= INT_MAX)
        input->height = input->width = (int)crop;
    if (mean_file.next != NULL && (input->mean_file = io_field_text(w->file, mean_file)) == NULL)
        return no_memory();
    if (io_repeated_find(&means, transform, TRANSFORM_MEAN, 4) &&
        (means.count == 1 || means.count == 3)) {
        float numbers[3] = { 0 };

        TRY(io_repeated_floats(numbers, &means, ALX_F32, "mean_value"));
        for (size_t i = 0; i < means.count; ++i)
            input->mean[i] = (double)numbers[i];
        input->mean_count = (int)means.count;
    }
    return 0;
}

static int add_data(walk *w, base_wire message)
{
    const base_wire transform = io_field_bytes(message, w->form->transform);
    const base_wire input = io_field_bytes(message, w->form->input);

    TRY(set_tops(w, message, (top){ .layer = -1 }, true));
    if (transform.next != NULL)
        TRY(describe_transform(w, transform));
    if (w->form->input != 0 && input.next != NULL)
        describe_shape(w->file, io_field_bytes(input, INPUT_SHAPE));
    return 0;
}

/* ---- weights ------------------------------------------------------------------------------- */

/* "conv1.weight", "conv1.bias"; of layers of other kinds "scale1.blob0". */
static const char *blob_name(alx_weights_file *file, const alx_weights_layer *layer, size_t index)
{
    const bool known = strcmp(layer->type, "Convolution") == 0 ||
                       strcmp(layer->type, "InnerProduct") == 0;
    char name[512];

    if (known && index < 2)
        snprintf(name, sizeof name, "%.400s.%s", layer->name, index == 0 ? "weight" : "bias");
    else
        snprintf(name, sizeof name, "%.400s.blob%zu", layer->name, index);
    return io_weights_text(file, name, strlen(name));
}

static int add_blobs(walk *w, base_wire message, alx_weights_layer *layer)
{
    const bool known = layer->op == ALX_WEIGHTS_CONV || layer->op == ALX_WEIGHTS_FC;
    base_wire_field field;
    size_t count = 0;

    while (base_wire_next(&message, &field) > 0) {
        long index = -1;

        if (field.field != w->form->blobs || field.type != BASE_WIRE_BYTES)
            continue;
        const int wanted = !known ? 0 : count == 1 ? 1 : layer->op == ALX_WEIGHTS_FC ? 2 : 0;

        TRY(io_caffe_add_blob(w->file, base_wire_inside(&field), blob_name(w->file, layer, count),
                              wanted, &index));
        if (known && count == 0)
            layer->weight = index;
        if (known && count == 1)
            layer->bias = index;
        ++count;
    }
    return 0;
}

/* ---- layers -------------------------------------------------------------------------------- */

static bool is_rule_of_tests(const base_wire_field *rule, int64_t otherwise)
{
    return rule->type == BASE_WIRE_BYTES &&
           io_field_int(base_wire_inside(rule), RULE_PHASE, otherwise) == 1;
}

/* Whether a layer is there for training only: it is included in that alone, or excluded from
 * tests. */
static bool is_for_training(const walk *w, base_wire message)
{
    base_wire_field field;
    size_t rules = 0, tests = 0;

    while (base_wire_next(&message, &field) > 0) {
        if (field.field == w->form->exclude && is_rule_of_tests(&field, 0))
            return true;
        if (field.field == w->form->include && field.type == BASE_WIRE_BYTES) {
            ++rules;
            tests += is_rule_of_tests(&field, 1);
        }
    }
    return rules > 0 && tests == 0;
}

static const char *type_of(const walk *w, base_wire message)
{
    const char *type = NULL;

    if (w->form == &io_caffe_layers)
        type = io_caffe_type(io_field_int(message, w->form->type, 0));
    if (type != NULL)
        return type;
    return io_field_text(w->file, io_field_bytes(message, w->form->type));
}

/* Copies of one value by several names are that value. */
static int add_split(walk *w, base_wire message)
{
    return set_tops(w, message, find_top(w, io_field_bytes(message, w->form->bottom)), true);
}

/* What compares the network's answers with labels; SOFTMAX_LOSS gives the answers too. */
static bool only_measures(const char *type)
{
    const size_t length = strlen(type);

    return strcmp(type, "Accuracy") == 0 || (length > 4 && strcmp(type + length - 4, "Loss") == 0 &&
                                             strcmp(type, SOFTMAX_LOSS) != 0);
}

static int add_layer(walk *w, base_wire message)
{
    const char *type = type_of(w, message);
    alx_weights_layer layer;

    if (type == NULL)
        return no_memory();
    if (io_caffe_is_data(type))
        return add_data(w, message);
    if (is_for_training(w, message) || only_measures(type))
        return 0;
    if (strcmp(type, "Split") == 0)
        return add_split(w, message);
    if (w->file->layer_count == MOST_LAYERS)
        return alx_fail(ALX_E_DATA, "a network of more than %d layers", MOST_LAYERS);
    io_caffe_describe(&layer, type, w->form, message);
    layer.name = io_field_text(w->file, io_field_bytes(message, w->form->name));
    if (layer.name == NULL)
        return no_memory();
    TRY(find_inputs(w, message, &layer));
    if (strcmp(type, SOFTMAX_LOSS) == 0 && layer.input_count > 1)
        layer.input_count = 1; /* the others are labels */
    TRY(add_blobs(w, message, &layer));
    TRY(set_tops(w, message, (top){ .layer = (long)w->file->layer_count }, false));
    return io_weights_add_layer(w->file, &layer);
}

static int walk_layers(walk *w)
{
    base_wire net = w->net;
    base_wire_field field;
    int more;

    while ((more = base_wire_next(&net, &field)) > 0) {
        const base_wire message = base_wire_inside(&field);

        if (field.type != BASE_WIRE_BYTES ||
            (field.field != NET_LAYER && field.field != NET_LAYERS))
            continue;
        w->form = field.field == NET_LAYER ? &io_caffe_layer : &io_caffe_layers;
        if (w->form == &io_caffe_layers && io_field_bytes(message, OLDEST_LAYER).next != NULL)
            return alx_fail(ALX_E_DATA, "a network in Caffe's form of 2013: Caffe's "
                                        "upgrade_net_proto_binary makes it a newer one");
        TRY(add_layer(w, message));
    }
    return more == 0 ? 0 : alx_fail(ALX_E_DATA, "a network of Caffe's that is damaged, or cut");
}

/* A layer of data tells how large its crops are, the first weights how many channels. */
static void find_channels(alx_weights_file *file)
{
    size_t i = 0;

    while (i < file->layer_count && file->layers[i].weight < 0)
        ++i;
    if (file->input.channels > 0 || i == file->layer_count ||
        file->layers[i].op != ALX_WEIGHTS_CONV)
        return;
    const alx_weights_tensor *weight = &file->tensors[file->layers[i].weight].about;
    const int groups = file->layers[i].groups;

    if (weight->dim_count == 4 && weight->dims[1] <= INT_MAX / groups)
        file->input.channels = weight->dims[1] * groups;
}

int io_caffe_list(alx_weights_file *file, base_wire net)
{
    walk w = { .file = file, .net = net };
    io_repeated dims;

    file->input.bgr = true;
    if (io_repeated_find(&dims, net, NET_INPUT_DIM, 0))
        set_size(file, &dims);
    if (io_field_bytes(net, NET_INPUT_SHAPE).next != NULL)
        describe_shape(file, io_field_bytes(net, NET_INPUT_SHAPE));
    const int rc = walk_layers(&w);

    find_channels(file);
    free(w.tops);
    return rc;
}
