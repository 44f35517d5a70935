/* weights_list.c - the tensors and layers of a file of weights, as its format lists them. */
#include "io/weights_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/elements.h"

void *io_weights_grow(void *array, size_t count, size_t *room, size_t bytes)
{
    if (count < *room)
        return array;
    const size_t more = *room > 0 ? 2 * *room : 16;
    void *grown = realloc(array, more * bytes);

    if (grown != NULL)
        *room = more;
    return grown;
}

void *io_weights_keep(alx_weights_file *file, size_t bytes)
{
    void **grown = io_weights_grow(file->kept, file->kept_count, &file->kept_room, sizeof *grown);

    if (grown == NULL)
        return NULL;
    file->kept = grown;
    void *memory = calloc(1, bytes);

    if (memory != NULL)
        file->kept[file->kept_count++] = memory;
    return memory;
}

const char *io_weights_text(alx_weights_file *file, const char *text, size_t length)
{
    char *copy = io_weights_keep(file, length + 1);

    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

base_cell io_weights_shape(const alx_weights_tensor *about)
{
    const base_cell number = { "a number" };

    return about->dim_count > 0 ? base_format_dims(about->dims, about->dim_count) : number;
}

/* Whether all elements lie where the format says that there are bytes. */
static bool is_in_room(const io_tensor *tensor, const alx_weights_tensor *about, size_t bytes,
                       bool strided)
{
    const size_t width = alx_dtype_bytes(about->dtype);

    if (tensor->first == NULL || about->count == 0)
        return true;
    return strided ? io_elements_span(about->dims, about->strides, about->dim_count) <=
                         tensor->room / width
                   : bytes <= tensor->room;
}

int io_weights_add(alx_weights_file *file, const io_tensor *tensor, bool strided)
{
    io_tensor *grown = io_weights_grow(file->tensors, file->count, &file->room, sizeof *grown);
    alx_weights_tensor about = tensor->about;
    size_t bytes = 0;

    if (grown == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu tensors", file->count + 1);
    file->tensors = grown;
    if (!io_elements_size(&about.count, &bytes, about.dtype, about.dims, about.dim_count))
        return alx_fail(ALX_E_DATA, "tensor %s: impossible shape %s", about.name,
                        io_weights_shape(&about).text);
    if (!strided)
        io_elements_c_order(about.strides, about.dims, about.dim_count);
    if (!is_in_room(tensor, &about, bytes, strided))
        return alx_fail(ALX_E_DATA, "tensor %s lies outside its %zu bytes", about.name,
                        tensor->room);
    io_tensor *added = &file->tensors[file->count++];

    *added = *tensor;
    added->about = about;
    if (added->map == NULL && base_file_map_holds(&file->map, added->first))
        added->map = &file->map;
    return 0;
}

int io_weights_add_layer(alx_weights_file *file, const alx_weights_layer *layer)
{
    alx_weights_layer *grown = io_weights_grow(file->layers, file->layer_count, &file->layer_room,
                                               sizeof *grown);

    if (grown == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu layers", file->layer_count + 1);
    file->layers = grown;
    file->layers[file->layer_count++] = *layer;
    return 0;
}

/* ---- layers by names ----------------------------------------------------------------------- */

#define WEIGHT ".weight"

/* The tensor "X.bias" beside the tensor "X.weight", with as many numbers as that has rows. */
static long bias_of(const alx_weights_file *file, const alx_weights_tensor *weight)
{
    char name[512];
    const int length = (int)(strlen(weight->name) - strlen(WEIGHT));
    const int whole = snprintf(name, sizeof name, "%.*s.bias", length, weight->name);

    if (whole >= (int)sizeof name)
        return -1;
    const long place = base_lookup_find(file->lookup, name, (size_t)whole);
    const alx_weights_tensor *bias = place >= 0 ? &file->tensors[place].about : NULL;

    return bias != NULL && bias->dim_count == 1 && bias->dims[0] == weight->dims[0] ? place : -1;
}

/* X of a tensor called X.weight; NULL: out of memory. */
static const char *layer_name(alx_weights_file *file, const char *tensor)
{
    char *plain = alx_weights_plain_name(tensor);
    const size_t length = plain != NULL ? strlen(plain) : 0; /* "module.weight" is "weight" */
    const char *name = NULL;

    if (plain != NULL)
        name = io_weights_text(file, plain, length > strlen(WEIGHT) ? length - strlen(WEIGHT) : 0);
    free(plain);
    return name;
}

static bool is_weight(const alx_weights_tensor *tensor)
{
    const char *end = strrchr(tensor->name, '.');

    return end != NULL && end != tensor->name && strcmp(end, WEIGHT) == 0 &&
           (tensor->dim_count == 2 || tensor->dim_count == 4);
}

int io_weights_layers_by_name(alx_weights_file *file)
{
    for (size_t i = 0; i < file->count; ++i) {
        const alx_weights_tensor *weight = &file->tensors[i].about;

        if (!is_weight(weight))
            continue;
        const alx_weights_layer layer = {
            .name = layer_name(file, weight->name),
            .type = "",
            .op = weight->dim_count == 4 ? ALX_WEIGHTS_CONV : ALX_WEIGHTS_FC,
            .weight = (long)i,
            .bias = bias_of(file, weight),
        };

        if (layer.name == NULL)
            return alx_fail(ALX_E_MEMORY, "out of host memory");
        TRY(io_weights_add_layer(file, &layer));
    }
    return 0;
}
