/* format.c - Caffe's files among the formats of weights. */
#include <stdlib.h>

#include "base/try.h"
#include "io/caffe/net.h"
#include "io/caffe/schema.h"
#include "io/caffe/text.h"
#include "io/fields.h"
#include "io/formats.h"

static base_wire whole(const base_file_map *map)
{
    return (base_wire){ map->bytes, map->bytes + map->count };
}

/* ---- .caffemodel --------------------------------------------------------------------------- */

/* A mean image: an array begins with its number of images, 1, and its channels. */
static bool is_blob(const base_file_map *map)
{
    return map->count > 4 && map->bytes[0] == 0x08 && map->bytes[2] == 0x10;
}

/* The first field has a number and a type that are a network's, and is whole; a layer follows. */
static bool is_caffe(const base_file_map *map)
{
    base_wire in = whole(map);
    base_wire_field field;

    if (is_blob(map))
        return true;
    while (base_wire_next(&in, &field) > 0) {
        if (field.type == BASE_WIRE_BYTES &&
            (field.field == NET_LAYER || field.field == NET_LAYERS))
            return true;
        if (field.field == 0 || field.field > NET_LAYER)
            return false;
    }
    return false;
}

static int open_caffe(alx_weights_file *file)
{
    long index = -1;

    return is_blob(&file->map) ? io_caffe_add_blob(file, whole(&file->map), "mean", 0, &index)
                               : io_caffe_list(file, whole(&file->map));
}

static int read_caffe(const alx_weights_file *file, const io_tensor *tensor, float *out)
{
    (void)file;
    return tensor->first == NULL ? io_caffe_read_blob(tensor, out) : 0;
}

const io_weights_format io_format_caffe = {
    .format = ALX_WEIGHTS_CAFFE,
    .text = "weights of Caffe's (.caffemodel)",
    .is = is_caffe,
    .open = open_caffe,
    .read = read_caffe,
};

/* ---- .prototxt ----------------------------------------------------------------------------- */

static int open_prototxt(alx_weights_file *file)
{
    uint8_t *bytes = NULL;
    base_wire net = { 0 };
    const int rc = io_caffe_text_read(&bytes, &net, &file->map);

    file->state = bytes;
    return rc != 0 ? rc : io_caffe_list(file, net);
}

static void close_prototxt(alx_weights_file *file)
{
    free(file->state);
}

const io_weights_format io_format_prototxt = {
    .format = ALX_WEIGHTS_PROTOTXT,
    .text = "a network of Caffe's (.prototxt)",
    .is = io_caffe_text_is,
    .open = open_prototxt,
    .close = close_prototxt,
};
