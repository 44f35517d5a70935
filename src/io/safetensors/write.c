/* write.c - collects tensors, then writes header and data in one go. */
#include "io/safetensors/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_writer.h"
#include "base/json.h"
#include "base/name_write.h"
#include "base/try.h"
#include "io/elements.h"

typedef struct st_pending {
    alx_st_tensor tensor;
    size_t bytes;
    void *copy; /* owned data, or NULL if borrowed */
} st_pending;

struct alx_safetensors_writer {
    st_pending *pending; /* in the order added until the write */
    size_t count, room;
    cJSON *metadata; /* NULL = none */
};

/* Element sizes in the order of the file, so that every tensor is aligned. */
static const size_t element_sizes[] = { 8, 4, 2, 1 };

int alx_safetensors_writer_create(alx_safetensors_writer **out)
{
    *out = calloc(1, sizeof **out);
    return *out != NULL ? 0 : alx_fail(ALX_E_MEMORY, "out of host memory");
}

void alx_safetensors_writer_free(alx_safetensors_writer *writer)
{
    if (writer == NULL)
        return;
    for (size_t i = 0; i < writer->count; ++i)
        free(writer->pending[i].copy);
    free(writer->pending);
    cJSON_Delete(writer->metadata);
    free(writer);
}

static int grow(alx_safetensors_writer *writer)
{
    const size_t room = writer->room > 0 ? 2 * writer->room : 32;
    st_pending *pending = realloc(writer->pending, room * sizeof *pending);

    if (pending == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu tensors", room);
    writer->pending = pending;
    writer->room = room;
    return 0;
}

/* Fills the slot after the last; the caller counts it once it is complete. */
static int describe(alx_safetensors_writer *writer, const char *name, alx_dtype dtype,
                    const int *dims, int dim_count, const void *data)
{
    st_pending next = { .tensor = { .dtype = dtype, .dim_count = dim_count, .data = data } };

    if (strlen(name) >= sizeof next.tensor.name || strcmp(name, ST_METADATA) == 0 ||
        !base_name_is_utf8(name))
        return alx_fail(ALX_E_USAGE, "%.32s...: not a usable tensor name", name);
    if (dim_count < 0 || dim_count > ALX_MAX_DIMS ||
        !io_elements_size(&next.tensor.count, &next.bytes, dtype, dims, dim_count))
        return alx_fail(ALX_E_USAGE, "tensor %s: impossible shape", name);
    if (alx_dtype_bytes(dtype) == 0)
        return alx_fail(ALX_E_USAGE, "tensor %s: %s is not written", name, alx_dtype_text(dtype));
    for (size_t i = 0; i < writer->count; ++i)
        if (strcmp(writer->pending[i].tensor.name, name) == 0)
            return alx_fail(ALX_E_USAGE, "tensor %s: added twice", name);
    if (writer->count == writer->room)
        TRY(grow(writer));
    memcpy(next.tensor.name, name, strlen(name) + 1);
    if (dim_count > 0)
        memcpy(next.tensor.dims, dims, (size_t)dim_count * sizeof *dims);
    writer->pending[writer->count] = next;
    return 0;
}

int alx_safetensors_writer_add(alx_safetensors_writer *writer, const char *name, alx_dtype dtype,
                               const int *dims, int dim_count, const void *data)
{
    const int rc = describe(writer, name, dtype, dims, dim_count, data);

    if (rc == 0)
        ++writer->count;
    return rc;
}

int alx_safetensors_writer_add_copy(alx_safetensors_writer *writer, const char *name,
                                    alx_dtype dtype, const int *dims, int dim_count,
                                    const void *data)
{
    TRY(describe(writer, name, dtype, dims, dim_count, data));
    st_pending *next = &writer->pending[writer->count];
    next->copy = malloc(next->bytes > 0 ? next->bytes : 1);
    if (next->copy == NULL)
        return alx_fail(ALX_E_MEMORY, "tensor %s: out of host memory for %zu bytes", name,
                        next->bytes);
    if (next->bytes > 0)
        memcpy(next->copy, data, next->bytes);
    next->tensor.data = next->copy;
    ++writer->count;
    return 0;
}

int alx_safetensors_writer_metadata(alx_safetensors_writer *writer, const char *key,
                                    const char *value)
{
    if (!base_name_is_utf8(key) || !base_name_is_utf8(value))
        return alx_fail(ALX_E_USAGE, "metadata of a safetensors file must be UTF-8");
    if (writer->metadata == NULL)
        writer->metadata = cJSON_CreateObject();
    if (!base_json_add_text(writer->metadata, key, value))
        return alx_fail(ALX_E_MEMORY, "out of host memory");
    return 0;
}

/* ---- the write ------------------------------------------------------------------------------ */

static void header_add(cJSON *header, const st_pending *pending, size_t begin)
{
    const alx_st_tensor *tensor = &pending->tensor;
    const double offsets[2] = { (double)begin, (double)(begin + pending->bytes) };
    cJSON *item = base_json_add_object(header, tensor->name);

    base_json_add_text(item, "dtype", io_st_dtype_name(tensor->dtype));
    base_json_add(item, "shape", cJSON_CreateIntArray(tensor->dims, tensor->dim_count));
    base_json_add(item, "data_offsets", cJSON_CreateDoubleArray(offsets, 2));
}

/* Tensors in the order of the file; NULL if out of memory. */
static const st_pending **file_order(const alx_safetensors_writer *writer)
{
    const st_pending **order = calloc(writer->count + 1, sizeof *order);
    size_t next = 0;

    if (order == NULL)
        return NULL;
    for (size_t s = 0; s < ALX_COUNT(element_sizes); ++s)
        for (size_t i = 0; i < writer->count; ++i)
            if (alx_dtype_bytes(writer->pending[i].tensor.dtype) == element_sizes[s])
                order[next++] = &writer->pending[i];
    return order;
}

/* JSON text, NUL-terminated, the caller's (cJSON_free); NULL if out of memory. */
static char *header_text(const alx_safetensors_writer *writer, const st_pending *const *order)
{
    cJSON *header = cJSON_CreateObject();
    char *text = NULL;
    size_t begin = 0;
    const bool good = writer->metadata == NULL ||
                      cJSON_AddItemReferenceToObject(header, ST_METADATA, writer->metadata);

    for (size_t i = 0; i < writer->count; ++i) {
        header_add(header, order[i], begin);
        begin += order[i]->bytes;
    }
    if (good)
        text = cJSON_PrintUnformatted(header);
    cJSON_Delete(header);
    return text;
}

static int write_header(base_file_writer *file, const char *text)
{
    static const char spaces[] = "       ";
    const size_t bytes = strlen(text), padding = (8 - bytes % 8) % 8;
    unsigned char length[ST_LENGTH_BYTES];

    for (size_t i = 0; i < sizeof length; ++i)
        length[i] = (unsigned char)((bytes + padding) >> 8 * i & 0xff);
    TRY(base_file_writer_write(file, length, sizeof length));
    TRY(base_file_writer_write(file, text, bytes));
    return base_file_writer_write(file, spaces, padding);
}

int alx_safetensors_writer_write(const alx_safetensors_writer *writer, const char *path)
{
    const st_pending **order = file_order(writer);
    char *text = order != NULL ? header_text(writer, order) : NULL;
    base_file_writer *file = NULL;
    int rc = 0;

    if (text == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
        goto done;
    }
    TRY_DONE(base_file_writer_open(&file, path));
    TRY_DONE(write_header(file, text));
    for (size_t i = 0; i < writer->count; ++i)
        TRY_DONE(base_file_writer_write(file, order[i]->tensor.data, order[i]->bytes));
    TRY_DONE(base_file_writer_commit(&file));
done:
    base_file_writer_abort(&file);
    cJSON_free(text);
    free(order);
    return rc;
}
