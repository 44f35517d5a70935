/* npy.c - float32 arrays in NumPy's files: formats 1.0 to 3.0 are read, 1.0 is written.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "base/file.h"
#include "base/try.h"

#define NPY_START_BYTES 10 /* magic, version, length of the header in version 1 */

/* ---- reading ------------------------------------------------------------------------------- */

/* Where the header's text starts and ends; false if the file is none of NumPy's. */
static bool npy_find_header(const char *file, size_t bytes, size_t *start, size_t *end)
{
    const unsigned char *at = (const unsigned char *)file;

    if (bytes < NPY_START_BYTES + 2 || memcmp(file, "\x93NUMPY", 6) != 0 || at[6] < 1 || at[6] > 3)
        return false;
    *start = at[6] == 1 ? NPY_START_BYTES : NPY_START_BYTES + 2;
    *end = *start + at[8] + 256u * at[9];
    if (at[6] > 1)
        *end += 65536u * at[10] + ((size_t)at[11] << 24);
    return *end <= bytes;
}

/* The value of a key of the header's dictionary, or NULL. */
static const char *npy_value(const char *header, const char *key)
{
    const char *at = strstr(header, key);

    if (at == NULL)
        return NULL;
    at += strlen(key);
    while (*at == ' ' || *at == ':')
        ++at;
    return at;
}

/* "(10, 256, 6, 6)": the first number is the rows, the product of the others the columns. */
static bool npy_parse_shape(alx_npy *out, const char *text)
{
    char *end = NULL;

    if (text == NULL || *text != '(' || !isdigit((unsigned char)text[1]))
        return false;
    out->rows = strtoull(text + 1, &end, 10);
    out->columns = 1;
    while (*end == ',' || *end == ' ') {
        text = end + 1;
        if (!isdigit((unsigned char)*text)) {
            ++end;
            continue;
        }
        const size_t dim = strtoull(text, &end, 10);

        if (dim > 0 && out->columns > SIZE_MAX / sizeof(float) / dim)
            return false;
        out->columns *= dim;
    }
    return *end == ')';
}

static int npy_parse(alx_npy *out, size_t bytes, const char *path)
{
    size_t start = 0, end = 0;

    if (!npy_find_header(out->file, bytes, &start, &end))
        return alx_fail(ALX_E_DATA, "%s: not a file of NumPy's (.npy), or cut", path);
    char *header = out->file + start;
    const char kept = out->file[end];

    out->file[end] = '\0';
    const char *type = npy_value(header, "'descr'"), *order = npy_value(header, "'fortran_order'");
    const bool right = type != NULL && strncmp(type, "'<f4'", 5) == 0 && order != NULL &&
                       strncmp(order, "False", 5) == 0 &&
                       npy_parse_shape(out, npy_value(header, "'shape'"));

    out->file[end] = kept;
    if (!right || end % sizeof(float) != 0)
        return alx_fail(ALX_E_DATA, "%s: not an array of float32 ('<f4') in C order", path);
    if (out->columns == 0 || out->rows > SIZE_MAX / sizeof(float) / out->columns ||
        bytes - end != out->rows * out->columns * sizeof(float))
        return alx_fail(ALX_E_DATA, "%s: %zu bytes for %zu x %zu numbers", path, bytes - end,
                        out->rows, out->columns);
    out->data = (const float *)(const void *)(out->file + end);
    return 0;
}

int alx_npy_read(alx_npy *out, const char *path)
{
    size_t bytes = 0;
    int rc = 0;

    *out = (alx_npy){ 0 };
    TRY_DONE(base_file_read(&out->file, &bytes, path));
    TRY_DONE(npy_parse(out, bytes, path));
done:
    if (rc != 0)
        alx_npy_free(out);
    return rc;
}

void alx_npy_free(alx_npy *npy)
{
    free(npy->file);
    *npy = (alx_npy){ 0 };
}

/* ---- writing ------------------------------------------------------------------------------- */

void alx_npy_header(char head[ALX_NPY_HEADER_BYTES], const size_t *dims, int dim_count)
{
    char text[ALX_NPY_HEADER_BYTES] = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
    size_t used = strlen(text);

    for (int i = 0; i < dim_count; ++i)
        used += (size_t)snprintf(text + used, sizeof text - used, "%zu%s", dims[i],
                                 i + 1 < dim_count ? ", "
                                 : dim_count == 1  ? ",), }"
                                                   : "), }");
    memset(head, ' ', ALX_NPY_HEADER_BYTES);
    memcpy(head, "\x93NUMPY\x01\x00\x76\x00", 10); /* 0x76: what follows, up to 128 */
    memcpy(head + 10, text, used);
    head[ALX_NPY_HEADER_BYTES - 1] = '\n';
}
