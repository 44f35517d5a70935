/* read.c - a file in memory, every claim of its header checked before use. */
#include "io/safetensors/safetensors.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/file_map.h"
#include "base/try.h"
#include "io/elements.h"

typedef struct st_entry {
    alx_st_tensor tensor;
    size_t begin, end; /* in the data part */
    void *aligned;     /* own copy of data that the file does not align, else NULL */
} st_entry;

struct alx_safetensors {
    base_file_map own;        /* the map of a file that was opened here */
    const base_file_map *map; /* that, or one that was given; NULL: bytes were */
    char *path;               /* of the file */
    uint8_t *copy;            /* of bytes that were given */
    cJSON *header;
    st_entry *entries;
    st_entry **order; /* first by place, to find gaps; then by name, to find tensors */
    size_t count, data_start;
};

/* ---- one entry of the header ---------------------------------------------------------------- */

/* JSON numbers are doubles: integers are exact up to 2^53. */
static bool parse_size(size_t *out, const cJSON *number)
{
    const double value = cJSON_IsNumber(number) ? number->valuedouble : -1.0;

    if (!(value >= 0.0 && value <= 0x1p53 && value == floor(value)))
        return false;
    *out = (size_t)value;
    return true;
}

static int parse_shape(alx_st_tensor *tensor, const cJSON *shape)
{
    const cJSON *item = NULL;

    if (!cJSON_IsArray(shape))
        return alx_fail(ALX_E_DATA, "tensor %s: no shape", tensor->name);
    cJSON_ArrayForEach(item, shape)
    {
        size_t size = 0;

        if (tensor->dim_count == ALX_MAX_DIMS)
            return alx_fail(ALX_E_DATA, "tensor %s: more than %d dimensions", tensor->name,
                            ALX_MAX_DIMS);
        if (!parse_size(&size, item) || size > INT_MAX)
            return alx_fail(ALX_E_DATA, "tensor %s: dimension %d is not an integer in 0..%d",
                            tensor->name, tensor->dim_count, INT_MAX);
        tensor->dims[tensor->dim_count++] = (int)size;
    }
    return 0;
}

static int parse_dtype(alx_st_tensor *tensor, const cJSON *dtype)
{
    if (!cJSON_IsString(dtype))
        return alx_fail(ALX_E_DATA, "tensor %s: no dtype", tensor->name);
    if (!io_st_dtype_parse(&tensor->dtype, dtype->valuestring))
        return alx_fail(ALX_E_DATA, "tensor %s: dtype %.16s is not supported; convert it to F32",
                        tensor->name, dtype->valuestring);
    return 0;
}

static int parse_offsets(st_entry *entry, const cJSON *offsets, size_t data_bytes)
{
    const alx_st_tensor *tensor = &entry->tensor;

    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !parse_size(&entry->begin, cJSON_GetArrayItem(offsets, 0)) ||
        !parse_size(&entry->end, cJSON_GetArrayItem(offsets, 1)) || entry->begin > entry->end)
        return alx_fail(ALX_E_DATA, "tensor %s: data_offsets are not two ascending integers",
                        tensor->name);
    if (entry->end > data_bytes)
        return alx_fail(ALX_E_DATA, "tensor %s: ends at byte %zu of %zu: truncated file?",
                        tensor->name, entry->end, data_bytes);
    return 0;
}

static int parse_entry(st_entry *entry, const cJSON *item, const char *data, size_t data_bytes)
{
    alx_st_tensor *tensor = &entry->tensor;
    const size_t length = strlen(item->string);
    size_t bytes = 0;

    if (length >= sizeof tensor->name)
        return alx_fail(ALX_E_DATA, "tensor %.32s...: name longer than %zu bytes", item->string,
                        sizeof tensor->name - 1);
    memcpy(tensor->name, item->string, length + 1);
    if (!cJSON_IsObject(item) || cJSON_GetArraySize(item) != 3)
        return alx_fail(ALX_E_DATA, "tensor %s: not an object of dtype, shape, data_offsets",
                        tensor->name);
    TRY(parse_dtype(tensor, cJSON_GetObjectItemCaseSensitive(item, "dtype")));
    TRY(parse_shape(tensor, cJSON_GetObjectItemCaseSensitive(item, "shape")));
    TRY(parse_offsets(entry, cJSON_GetObjectItemCaseSensitive(item, "data_offsets"), data_bytes));
    if (!io_elements_size(&tensor->count, &bytes, tensor->dtype, tensor->dims, tensor->dim_count) ||
        bytes != entry->end - entry->begin)
        return alx_fail(ALX_E_DATA, "tensor %s: shape and data_offsets (%zu bytes) disagree",
                        tensor->name, entry->end - entry->begin);
    tensor->data = data + entry->begin;
    /* The format promises no alignment; whoever reads floats through the pointer needs it. */
    const size_t alignment = alx_dtype_bytes(tensor->dtype);

    if (alignment > 1 && (uintptr_t)tensor->data % alignment != 0) {
        entry->aligned = malloc(bytes > 0 ? bytes : 1);
        if (entry->aligned == NULL)
            return alx_fail(ALX_E_MEMORY, "tensor %s: out of host memory for %zu bytes",
                            tensor->name, bytes);
        memcpy(entry->aligned, tensor->data, bytes);
        tensor->data = entry->aligned;
    }
    return 0;
}

/* ---- the header ----------------------------------------------------------------------------- */

static int check_metadata(const cJSON *metadata)
{
    const cJSON *item = NULL;

    if (!cJSON_IsObject(metadata))
        return alx_fail(ALX_E_DATA, ST_METADATA " is not an object");
    cJSON_ArrayForEach(item, metadata)
    {
        if (!cJSON_IsString(item))
            return alx_fail(ALX_E_DATA, ST_METADATA ": the value of %.64s is not a string",
                            item->string);
    }
    return 0;
}

static int by_place(const void *a, const void *b)
{
    const st_entry *x = *(st_entry *const *)a, *y = *(st_entry *const *)b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end); /* empty ones before the one that starts here */
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(st_entry *const *)a)->tensor.name, (*(st_entry *const *)b)->tensor.name);
}

/* Tensors must cover the data part without gap or overlap. */
static int check_places(alx_safetensors *file, size_t data_bytes)
{
    size_t end = 0;

    qsort(file->order, file->count, sizeof(st_entry *), by_place);
    for (size_t i = 0; i < file->count; ++i) {
        const st_entry *entry = file->order[i];

        if (entry->begin != end)
            return alx_fail(ALX_E_DATA, "tensor %s: starts at byte %zu, the one before ends at %zu",
                            entry->tensor.name, entry->begin, end);
        end = entry->end;
    }
    if (end != data_bytes)
        return alx_fail(ALX_E_DATA, "%zu bytes belong to no tensor", data_bytes - end);
    return 0;
}

static int check_names(alx_safetensors *file)
{
    qsort(file->order, file->count, sizeof(st_entry *), by_name);
    for (size_t i = 1; i < file->count; ++i)
        if (by_name(&file->order[i - 1], &file->order[i]) == 0)
            return alx_fail(ALX_E_DATA, "tensor %s: stored twice", file->order[i]->tensor.name);
    return 0;
}

static int parse_entries(alx_safetensors *file, const char *data, size_t data_bytes)
{
    const size_t most = (size_t)cJSON_GetArraySize(file->header);
    const cJSON *item = NULL;

    file->entries = calloc(most + 1, sizeof *file->entries);
    file->order = calloc(most + 1, sizeof(st_entry *));
    if (file->entries == NULL || file->order == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu tensors", most);
    cJSON_ArrayForEach(item, file->header)
    {
        if (strcmp(item->string, ST_METADATA) == 0) {
            TRY(check_metadata(item));
            continue;
        }
        file->order[file->count] = &file->entries[file->count];
        TRY(parse_entry(file->order[file->count++], item, data, data_bytes));
    }
    TRY(check_places(file, data_bytes));
    return check_names(file);
}

static int parse_file(alx_safetensors *file, const uint8_t *bytes, size_t count)
{
    if (count < ST_LENGTH_BYTES)
        return alx_fail(ALX_E_DATA, "%zu bytes are too few for a safetensors file", count);
    const char *text = (const char *)bytes + ST_LENGTH_BYTES, *parsed = NULL;
    const size_t length = io_element_bits(bytes, ST_LENGTH_BYTES, false);
    if (length > count - ST_LENGTH_BYTES && length > ST_MAX_HEADER_BYTES)
        return alx_fail(ALX_E_DATA, "not a safetensors file: it does not begin with the length of "
                                    "a header");
    if (length > count - ST_LENGTH_BYTES)
        return alx_fail(ALX_E_DATA,
                        "not a safetensors file, or truncated: a header of %zu bytes in a file of "
                        "%zu",
                        length, count);
    if (length > ST_MAX_HEADER_BYTES)
        return alx_fail(ALX_E_DATA, "a header of %zu bytes: at most %d are allowed", length,
                        ST_MAX_HEADER_BYTES);
    file->header = cJSON_ParseWithLengthOpts(text, length, &parsed, 0);
    if (!cJSON_IsObject(file->header) || text[0] != '{')
        return alx_fail(ALX_E_DATA, "the header is not a JSON object");
    while (parsed < text + length && *parsed == ' ')
        ++parsed;
    if (parsed != text + length)
        return alx_fail(ALX_E_DATA, "byte %zu of the header follows the JSON object's end",
                        (size_t)(parsed - text));
    file->data_start = ST_LENGTH_BYTES + length;
    return parse_entries(file, text + length, count - ST_LENGTH_BYTES - length);
}

/* ---- public --------------------------------------------------------------------------------- */

static int open_file(alx_safetensors *file, const char *path)
{
    TRY(base_file_map_open(&file->own, path));
    file->map = &file->own;
    file->path = strdup(path);
    if (file->path == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    return alx_fail_context(parse_file(file, file->own.bytes, file->own.count), "%s", path);
}

static int open_copy(alx_safetensors *file, const void *bytes, size_t count, const char *name)
{
    file->copy = malloc(count + 1);
    if (file->copy == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for %zu bytes", name, count);
    memcpy(file->copy, bytes, count);
    return alx_fail_context(parse_file(file, file->copy, count), "%s", name);
}

static int create(alx_safetensors **out, const char *name)
{
    *out = calloc(1, sizeof **out);
    return *out != NULL ? 0 : alx_fail(ALX_E_MEMORY, "%s: out of host memory", name);
}

/* Closes it if it could not be read. */
static int finish(alx_safetensors **out, int rc)
{
    if (rc != 0) {
        alx_safetensors_close(*out);
        *out = NULL;
    }
    return rc;
}

int alx_safetensors_open(alx_safetensors **out, const char *path)
{
    TRY(create(out, path));
    return finish(out, open_file(*out, path));
}

int io_st_open_map(alx_safetensors **out, const base_file_map *map)
{
    TRY(create(out, "safetensors"));
    (*out)->map = map;
    return finish(out, parse_file(*out, map->bytes, map->count));
}

int alx_safetensors_parse(alx_safetensors **out, const void *bytes, size_t count, const char *name)
{
    TRY(create(out, name));
    return finish(out, open_copy(*out, bytes, count, name));
}

void alx_safetensors_close(alx_safetensors *file)
{
    if (file == NULL)
        return;
    for (size_t i = 0; i < file->count; ++i)
        free(file->entries[i].aligned);
    cJSON_Delete(file->header);
    free(file->entries);
    free(file->order);
    base_file_map_close(&file->own);
    free(file->path);
    free(file->copy);
    free(file);
}

/* A message with the file's name, if that is known. */
static int in_file(const alx_safetensors *file, int rc)
{
    return file->path != NULL ? alx_fail_context(rc, "%s", file->path) : rc;
}

int alx_safetensors_check(const alx_safetensors *file)
{
    return in_file(file, file->map != NULL ? base_file_map_check(file->map) : 0);
}

/* What an address lies in; NULL: memory of its own. */
static const base_file_map *map_of(const alx_safetensors *file, const uint8_t *at)
{
    return file->map != NULL && base_file_map_holds(file->map, at) ? file->map : NULL;
}

int alx_safetensors_copy(void *out, const alx_safetensors *file, const alx_st_tensor *tensor,
                         size_t first, size_t count)
{
    const size_t width = alx_dtype_bytes(tensor->dtype);
    const uint8_t *at = (const uint8_t *)tensor->data + first * width;

    if (count == 0)
        return 0;
    const base_file_map *map = map_of(file, at);

    if (map != NULL)
        return in_file(file, base_file_map_copy(map, out, at, count * width));
    memcpy(out, at, count * width);
    return 0;
}

int alx_safetensors_floats(float *out, const alx_safetensors *file, const alx_st_tensor *tensor,
                           size_t first, size_t count)
{
    const size_t width = alx_dtype_bytes(tensor->dtype);
    const io_elements elements = { .dtype = tensor->dtype,
                                   .first = (const uint8_t *)tensor->data + first * width,
                                   .place = first };

    return io_elements_read(out, file != NULL ? map_of(file, elements.first) : NULL, &elements,
                            count, tensor->name);
}

size_t alx_safetensors_count(const alx_safetensors *file)
{
    return file->count;
}

const alx_st_tensor *alx_safetensors_at(const alx_safetensors *file, size_t index)
{
    return &file->entries[index].tensor;
}

size_t io_st_offset(const alx_safetensors *file, size_t index)
{
    return file->data_start + file->entries[index].begin;
}

size_t io_st_bytes(const alx_safetensors *file, size_t index)
{
    return file->entries[index].end - file->entries[index].begin;
}

const alx_st_tensor *alx_safetensors_find(const alx_safetensors *file, const char *name)
{
    size_t first = 0, last = file->count;

    while (first < last) {
        const size_t middle = first + (last - first) / 2;
        const int side = strcmp(name, file->order[middle]->tensor.name);

        if (side == 0)
            return &file->order[middle]->tensor;
        if (side < 0)
            last = middle;
        else
            first = middle + 1;
    }
    return NULL;
}

const char *alx_safetensors_metadata(const alx_safetensors *file, const char *key)
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(file->header, ST_METADATA);

    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, key));
}

/* The header's length (64 bits, small), and its opening brace. */
bool alx_safetensors_begins(const char *path)
{
    unsigned char head[9] = { 0 };

    return base_file_head(head, sizeof head, path) == sizeof head && head[8] == '{' &&
           (head[4] | head[5] | head[6] | head[7]) == 0;
}
