/* outside.c - finds and maps the files in which a model keeps its weights. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "io/onnx/outside.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/try.h"

enum { EXTERNAL_DATA = 13, KEY = 1, VALUE = 2 };

typedef struct entry {
    char location[PATH_MAX];
    char offset[32], length[32];
} entry;

static void copy(char *out, size_t out_bytes, base_wire bytes)
{
    const size_t has = (size_t)(bytes.end - bytes.next);
    const size_t count = has < out_bytes ? has : out_bytes - 1;

    if (count > 0)
        memcpy(out, bytes.next, count);
    out[count] = '\0';
}

/* One of the pairs of texts that say where. */
static void parse_pair(entry *out, base_wire pair)
{
    base_wire_field field;
    char key[16] = "";
    base_wire value = { 0 };

    while (base_wire_next(&pair, &field) > 0) {
        if (field.field == KEY)
            copy(key, sizeof key, base_wire_inside(&field));
        else if (field.field == VALUE)
            value = base_wire_inside(&field);
    }
    if (strcmp(key, "location") == 0)
        copy(out->location, sizeof out->location, value);
    else if (strcmp(key, "offset") == 0)
        copy(out->offset, sizeof out->offset, value);
    else if (strcmp(key, "length") == 0)
        copy(out->length, sizeof out->length, value);
}

/* ---- the file ------------------------------------------------------------------------------ */

static bool goes_up(const char *path)
{
    while (*path != '\0') {
        const size_t length = strcspn(path, "/\\");

        if (length == 2 && strncmp(path, "..", 2) == 0)
            return true;
        path += length + (path[length] != '\0');
    }
    return false;
}

/* Whether the path, its links followed, lies in the folder. */
static bool is_inside(const char *path, const char *folder)
{
    char real_path[PATH_MAX], real_folder[PATH_MAX];

    if (realpath(path, real_path) == NULL || realpath(folder, real_folder) == NULL)
        return true; /* it is not there: opening it says so */
    const size_t length = strlen(real_folder);

    return strncmp(real_path, real_folder, length) == 0 &&
           (real_path[length] == '/' || strcmp(real_folder, "/") == 0);
}

static int find_path(char path[PATH_MAX], const alx_weights_file *file, const char *location,
                     const char *tensor)
{
    const int folder_length = (int)(base_path_base(file->path) - file->path);
    char folder[PATH_MAX];

    snprintf(folder, sizeof folder, "./");
    if (folder_length > 0)
        snprintf(folder, sizeof folder, "%.*s", folder_length, file->path);
    if (location[0] == '\0')
        return alx_fail(ALX_E_DATA, "tensor %s lies in a file without a name", tensor);
    if ((size_t)snprintf(path, PATH_MAX, "%.*s%s", folder_length, file->path, location) >= PATH_MAX)
        return alx_fail(ALX_E_DATA, "tensor %s lies in a file whose path is too long", tensor);
    if (location[0] == '/' || goes_up(location) || !is_inside(path, folder))
        return alx_fail(ALX_E_DATA,
                        "tensor %s lies in %s, which leaves the model's folder: it is not opened",
                        tensor, location);
    return 0;
}

static int open_file(alx_weights_file *file, onnx_outside *outside, const char *location,
                     const char *tensor)
{
    onnx_outside_file **grown = io_weights_grow(outside->files, outside->count, &outside->room,
                                                sizeof(onnx_outside_file *));
    onnx_outside_file *added = io_weights_keep(file, sizeof *added);
    char path[PATH_MAX];

    if (grown != NULL)
        outside->files = grown;
    if (grown == NULL || added == NULL ||
        (added->name = io_weights_text(file, location, strlen(location))) == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory");
    TRY(find_path(path, file, location, tensor));
    TRY(alx_fail_context(base_file_map_open(&added->map, path), "external data of tensor %s",
                         tensor));
    outside->files[outside->count++] = added;
    return 0;
}

static int find_file(const onnx_outside_file **out, alx_weights_file *file, onnx_outside *outside,
                     const char *location, const char *tensor)
{
    size_t i = 0;

    while (i < outside->count && strcmp(outside->files[i]->name, location) != 0)
        ++i;
    if (i == outside->count)
        TRY(open_file(file, outside, location, tensor));
    *out = outside->files[i];
    return 0;
}

int io_onnx_outside_check(const onnx_outside *outside, const char *name)
{
    for (size_t i = 0; i < outside->count; ++i)
        if (strcmp(outside->files[i]->name, name) == 0)
            return alx_fail_context(base_file_map_check(&outside->files[i]->map), "%s", name);
    return 0;
}

void io_onnx_outside_close(onnx_outside *outside)
{
    for (size_t i = 0; i < outside->count; ++i)
        base_file_map_close(&outside->files[i]->map);
    free(outside->files);
    *outside = (onnx_outside){ 0 };
}

/* ---- the place ----------------------------------------------------------------------------- */

/* A decimal number; `otherwise` for an empty text. */
static bool parse_size(size_t *out, const char *text, size_t otherwise)
{
    char *end = NULL;

    if (text[0] == '\0') {
        *out = otherwise;
        return true;
    }
    errno = 0;
    *out = isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;
    return end != NULL && *end == '\0' && errno == 0;
}

int io_onnx_outside_find(onnx_place *out, alx_weights_file *file, onnx_outside *outside,
                         base_wire message, const char *tensor)
{
    const onnx_outside_file *from = NULL;
    base_wire_field field;
    entry where = { .location = "" };

    while (base_wire_next(&message, &field) > 0)
        if (field.field == EXTERNAL_DATA)
            parse_pair(&where, base_wire_inside(&field));
    TRY(find_file(&from, file, outside, where.location, tensor));
    const size_t has = from->map.count;

    if (!parse_size(&out->offset, where.offset, 0) || out->offset > has ||
        !parse_size(&out->length, where.length, has - out->offset) ||
        out->length > has - out->offset)
        return alx_fail(ALX_E_DATA, "tensor %s: bytes %s + %s are not in %s, which has %zu", tensor,
                        where.offset, where.length, where.location, has);
    out->name = from->name;
    out->map = &from->map;
    out->bytes = from->map.bytes != NULL ? from->map.bytes + out->offset : NULL;
    return 0;
}
