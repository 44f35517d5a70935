/* blob.c - arrays of Caffe's: floats or doubles, packed or one by one, with a shape or the four
 * numbers that files before 2015 have. */
#include <limits.h>

#include "base/try.h"
#include "io/caffe/net.h"
#include "io/caffe/schema.h"
#include "io/elements.h"
#include "io/fields.h"
#include "io/repeated.h"

static int find_dims(alx_weights_tensor *about, base_wire blob)
{
    static const uint64_t old[] = { BLOB_NUM, BLOB_CHANNELS, BLOB_HEIGHT, BLOB_WIDTH };
    const base_wire shape = io_field_bytes(blob, BLOB_SHAPE);
    int64_t dims[ALX_MAX_DIMS + 1] = { 0 };
    io_repeated numbers;
    size_t count = ALX_COUNT(old);

    for (size_t i = 0; i < ALX_COUNT(old); ++i)
        dims[i] = io_field_int(blob, old[i], 0);
    if (shape.next != NULL)
        count = io_repeated_find(&numbers, shape, SHAPE_DIM, 0)
                    ? io_repeated_ints(dims, &numbers, ALX_MAX_DIMS + 1)
                    : ALX_MAX_DIMS + 1;
    for (size_t i = 0; i < count; ++i) {
        if (count > ALX_MAX_DIMS || dims[i] < 0 || dims[i] > INT_MAX)
            return alx_fail(ALX_E_DATA, "blob %s has an impossible shape", about->name);
        about->dims[i] = (int)dims[i];
    }
    about->dim_count = (int)count;
    return 0;
}

static void drop_ones(alx_weights_tensor *about, int wanted)
{
    while (wanted > 0 && about->dim_count > wanted && about->dims[0] == 1) {
        --about->dim_count;
        for (int i = 0; i < about->dim_count; ++i)
            about->dims[i] = about->dims[i + 1];
    }
}

int io_caffe_add_blob(alx_weights_file *file, base_wire blob, const char *name, int wanted,
                      long *index)
{
    io_repeated *numbers = io_weights_keep(file, sizeof *numbers);
    io_tensor tensor = { .about.name = name, .source = numbers };
    size_t count = 0, bytes = 0;

    if (numbers == NULL || name == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory");
    TRY(find_dims(&tensor.about, blob));
    drop_ones(&tensor.about, wanted);
    if (!io_repeated_find(numbers, blob, BLOB_DATA, 4))
        return alx_fail(ALX_E_DATA, "blob %s is damaged", name);
    if (numbers->count == 0) {
        if (!io_repeated_find(numbers, blob, BLOB_DOUBLES, 8))
            return alx_fail(ALX_E_DATA, "blob %s is damaged", name);
        if (numbers->count > 0)
            tensor.about.dtype = ALX_F64;
    }
    if (!io_elements_size(&count, &bytes, tensor.about.dtype, tensor.about.dims,
                          tensor.about.dim_count) ||
        count != numbers->count)
        return alx_fail(ALX_E_DATA, "blob %s has %zu numbers, which its shape does not", name,
                        numbers->count);
    tensor.first = numbers->run;
    tensor.room = bytes;
    if (numbers->run != NULL)
        tensor.about.offset = (size_t)(numbers->run - file->map.bytes);
    *index = (long)file->count;
    return io_weights_add(file, &tensor, false);
}

int io_caffe_read_blob(const io_tensor *tensor, float *out)
{
    return io_repeated_floats(out, tensor->source, tensor->about.dtype, tensor->about.name);
}
