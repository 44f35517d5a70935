/* format_npz.c - arrays of NumPy's in a ZIP, stored or packed, among the formats of weights. */
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/try.h"
#include "io/elements.h"
#include "io/formats.h"
#include "io/npy/npy.h"
#include "io/zip/zip.h"

#define HEAD_BYTES (NPY_MOST_HEADER_BYTES + 12)

/* Any ZIP that is not PyTorch's: it says what is wrong with it. */
static bool is_npz(const base_file_map *map)
{
    return io_zip_is(map->bytes, map->count);
}

typedef struct npz {
    io_zip zip;
    const char *notes; /* as alx_npz_write writes them; kept by the file */
} npz;

/* ---- listing ------------------------------------------------------------------------------- */

static int add_array(alx_weights_file *file, const io_zip_entry *entry, const io_npy *npy)
{
    const size_t length = strlen(entry->name) - strlen(".npy");
    io_tensor tensor = { .source = entry };

    io_npy_tensor(&tensor, npy);
    tensor.about.part = entry->name;
    tensor.about.name = io_weights_text(file, entry->name, length);
    if (entry->method == 0) {
        tensor.first = entry->data + npy->start;
        tensor.room = entry->bytes - npy->start;
    }
    if (tensor.about.name == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory");
    return io_weights_add(file, &tensor, true);
}

static int list_entry(alx_weights_file *file, const io_zip_entry *entry, uint8_t *head)
{
    size_t got = 0;
    io_npy npy;

    TRY(io_zip_head(entry, head, HEAD_BYTES, &got));
    TRY(alx_fail_context(io_npy_parse(&npy, head, got, entry->bytes), "%s", entry->name));
    if (npy.known)
        return add_array(file, entry, &npy);
    alx_warn("%s: %s has type '%s': left out", file->path, entry->name, npy.type);
    return 0;
}

static bool is_array(const io_zip_entry *entry)
{
    const size_t length = strlen(entry->name);

    return length > 4 && strcmp(entry->name + length - 4, ".npy") == 0;
}

static int open_npz(alx_weights_file *file)
{
    npz *state = calloc(1, sizeof *state);
    uint8_t *head = malloc(HEAD_BYTES);
    int rc = 0;

    file->state = state;
    if (state == NULL || head == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory");
        goto done;
    }
    io_zip *zip = &state->zip;

    TRY_DONE(io_zip_open(zip, file->map.bytes, file->map.count));
    state->notes = io_weights_text(file, (const char *)zip->comment, zip->comment_bytes);
    if (state->notes == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory");
        goto done;
    }
    for (size_t i = 0; i < zip->count; ++i)
        if (is_array(&zip->entries[i]))
            TRY_DONE(list_entry(file, &zip->entries[i], head));
    if (file->count == 0)
        rc = alx_fail(ALX_E_DATA, "a ZIP that holds neither PyTorch's data.pkl nor arrays (.npy)");
done:
    free(head);
    return rc;
}

static void close_npz(alx_weights_file *file)
{
    npz *state = file->state;

    if (state != NULL)
        io_zip_close(&state->zip);
    free(state);
}

/* ---- notes --------------------------------------------------------------------------------- */

static int find_note(const char **out, alx_weights_file *file, const char *key)
{
    const npz *state = file->state;
    const char *at = state->notes, *end = at + state->zip.comment_bytes;

    while (at < end) {
        const char *text = at + strlen(at) + 1;

        if (text < end && strcmp(at, key) == 0) {
            *out = text;
            return 0;
        }
        at = text < end ? text + strlen(text) + 1 : end;
    }
    return 0;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Numbers that come in pieces, each of whole elements. */
typedef struct stream {
    io_elements elements;
    const char *name;
    float *out; /* of the next */
} stream;

static int take_numbers(void *user, const uint8_t *bytes, size_t count)
{
    stream *s = user;
    const size_t numbers = count / alx_dtype_bytes(s->elements.dtype);

    s->elements.first = bytes;
    TRY(io_elements_run(s->out, &s->elements, numbers, s->name));
    s->out += numbers;
    return 0;
}

typedef struct buffer {
    uint8_t *next;
} buffer;

static int take_bytes(void *user, const uint8_t *bytes, size_t count)
{
    buffer *to = user;

    memcpy(to->next, bytes, count);
    to->next += count;
    return 0;
}

/* In Fortran's order no piece is a run of C's: all of it is unpacked before. */
static int read_whole(const base_file_map *map, const io_tensor *tensor,
                      const io_elements *elements, float *out)
{
    const io_zip_entry *entry = tensor->source;
    uint8_t *bytes = malloc(entry->bytes);
    buffer to = { bytes };
    io_elements there = *elements;
    int rc = 0;

    if (bytes == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for %zu bytes", entry->name,
                        entry->bytes);
    TRY_DONE(io_zip_unpack(entry, map, tensor->about.offset, take_bytes, &to));
    there.first = bytes;
    TRY_DONE(io_elements_floats(out, &there, tensor->about.name));
done:
    free(bytes);
    return rc;
}

static bool is_c_order(const alx_weights_tensor *about)
{
    size_t strides[ALX_MAX_DIMS];

    io_elements_c_order(strides, about->dims, about->dim_count);
    return memcmp(strides, about->strides, (size_t)about->dim_count * sizeof *strides) == 0;
}

static int read_npz(const alx_weights_file *file, const io_tensor *tensor, float *out)
{
    const io_elements elements = { .dtype = tensor->about.dtype,
                                   .big_endian = tensor->big_endian,
                                   .dim_count = tensor->about.dim_count,
                                   .dims = tensor->about.dims,
                                   .strides = tensor->about.strides };
    stream s = { .elements = elements, .name = tensor->about.name, .out = out };

    npz *state = file->state;

    if (tensor->first != NULL)
        return io_zip_check(&state->zip, tensor->source, &file->map);
    return is_c_order(&tensor->about)
               ? io_zip_unpack(tensor->source, &file->map, tensor->about.offset, take_numbers, &s)
               : read_whole(&file->map, tensor, &elements, out);
}

const io_weights_format io_format_npz = {
    .format = ALX_WEIGHTS_NPZ,
    .text = "arrays of NumPy's (.npz)",
    .is = is_npz,
    .open = open_npz,
    .read = read_npz,
    .metadata = find_note,
    .close = close_npz,
};
