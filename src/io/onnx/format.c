/* format.c - ONNX among the formats of weights. */
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/fields.h"
#include "io/formats.h"
#include "io/onnx/graph.h"
#include "io/onnx/layers.h"
#include "io/onnx/tensor.h"

/* A model begins with the version of its representation, a small number, and then a field of those
 * that writers put there: the producer, its version, a domain, the graph, operators, metadata. */
static bool is_onnx(const base_file_map *map)
{
    static const char next[] = "\x12\x1a\x22\x28\x32\x3a\x42\x72";

    return map->count > 2 && map->bytes[0] == 0x08 && map->bytes[1] < 0x80 &&
           map->bytes[2] != '\0' && strchr(next, map->bytes[2]) != NULL;
}

static int open_onnx(alx_weights_file *file)
{
    onnx_graph graph;

    file->state = calloc(1, sizeof(onnx_outside));
    if (file->state == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory");
    int rc = io_onnx_graph(&graph, file);

    if (rc == 0)
        rc = io_onnx_list(file, file->state, &graph);
    io_onnx_graph_free(&graph);
    return rc;
}

static int read_onnx(const alx_weights_file *file, const io_tensor *tensor, float *out)
{
    if (tensor->about.part != NULL)
        TRY(io_onnx_outside_check(file->state, tensor->about.part));
    return tensor->first == NULL ? io_onnx_read_tensor(tensor, out) : 0;
}

enum { MODEL_METADATA = 14, PAIR_KEY = 1, PAIR_VALUE = 2 };

static int metadata(const char **out, alx_weights_file *file, const char *key)
{
    base_wire model = { file->map.bytes, file->map.bytes + file->map.count };
    base_wire_field field;

    while (base_wire_next(&model, &field) > 0) {
        const base_wire pair = field.field == MODEL_METADATA ? base_wire_inside(&field)
                                                             : (base_wire){ 0 };
        const base_wire found = io_field_bytes(pair, PAIR_KEY);

        if (io_field_length(found) == strlen(key) &&
            memcmp(found.next, key, io_field_length(found)) == 0) {
            *out = io_field_text(file, io_field_bytes(pair, PAIR_VALUE));
            return *out != NULL ? 0 : alx_fail(ALX_E_MEMORY, "out of host memory for %s", key);
        }
    }
    return 0;
}

static void close_onnx(alx_weights_file *file)
{
    if (file->state != NULL)
        io_onnx_outside_close(file->state);
    free(file->state);
}

const io_weights_format io_format_onnx = {
    .format = ALX_WEIGHTS_ONNX,
    .text = "an ONNX model",
    .is = is_onnx,
    .open = open_onnx,
    .read = read_onnx,
    .metadata = metadata,
    .close = close_onnx,
};
