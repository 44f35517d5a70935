/* weights_read.c - numbers of a tensor, whole or in pieces. What lies in a file is read from it,
 * not from its map: pages that were looked at would count as this process's memory beside the
 * copy. */
#include <stdlib.h>

#include "base/try.h"
#include "io/elements.h"
#include "io/weights_list.h"

static io_elements elements_of(const io_tensor *tensor)
{
    return (io_elements){ .dtype = tensor->about.dtype,
                          .big_endian = tensor->big_endian,
                          .dim_count = tensor->about.dim_count,
                          .dims = tensor->about.dims,
                          .strides = tensor->about.strides,
                          .first = tensor->first };
}

/* From a copy of all that the elements lie in. */
static int read_strided(float *out, const io_tensor *tensor, io_elements elements)
{
    const size_t span = io_elements_span(elements.dims, elements.strides, elements.dim_count) *
                        alx_dtype_bytes(elements.dtype);
    uint8_t *copy = NULL;
    int rc = 0;

    if (tensor->map == NULL)
        return io_elements_floats(out, &elements, tensor->about.name);
    copy = malloc(span);
    if (copy == NULL)
        return alx_fail(ALX_E_MEMORY, "tensor %s: out of host memory for %zu bytes",
                        tensor->about.name, span);
    TRY_DONE(base_file_map_copy(tensor->map, copy, elements.first, span));
    elements.first = copy;
    TRY_DONE(io_elements_floats(out, &elements, tensor->about.name));
done:
    free(copy);
    return rc;
}

static bool has_pieces(const io_tensor *tensor)
{
    const io_elements elements = elements_of(tensor);

    return tensor->first != NULL && io_elements_are_run(&elements);
}

static int read_piece(const alx_weights_file *file, const io_tensor *tensor, size_t first,
                      size_t count, float *out)
{
    io_elements elements = elements_of(tensor);

    TRY(io_elements_check(elements.dtype, tensor->about.name));
    if (count == 0)
        return 0;
    TRY(base_file_map_check(&file->map));
    if (file->format->read != NULL)
        TRY(file->format->read(file, tensor, out));
    if (tensor->first == NULL)
        return 0;
    if (!has_pieces(tensor))
        return read_strided(out, tensor, elements);
    elements.first += first * alx_dtype_bytes(elements.dtype);
    elements.place = first;
    return io_elements_read(out, tensor->map, &elements, count, tensor->about.name);
}

bool alx_weights_file_reads(const alx_weights_file *file, size_t index)
{
    return io_elements_can(file->tensors[index].about.dtype);
}

bool alx_weights_file_has_pieces(const alx_weights_file *file, size_t index)
{
    return has_pieces(&file->tensors[index]);
}

int alx_weights_file_read_piece(const alx_weights_file *file, size_t index, size_t first,
                                size_t count, float *out)
{
    return alx_fail_context(read_piece(file, &file->tensors[index], first, count, out), "%s",
                            file->path);
}

int alx_weights_file_read(const alx_weights_file *file, size_t index, float *out)
{
    return alx_weights_file_read_piece(file, index, 0, file->tensors[index].about.count, out);
}
