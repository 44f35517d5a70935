/* header.c - reads the description of an array: formats 1.0 to 3.0. */
#include "io/npy/npy.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/elements.h"

#define NPY_START_BYTES 10 /* magic, version, length of the header in version 1 */

static int not_numpys(void)
{
    return alx_fail(ALX_E_DATA, "not a file of NumPy's (.npy), or cut");
}

/* Where the header's text starts and ends. */
static int find_header(const uint8_t *at, size_t count, size_t *start, size_t *end)
{
    if (count < NPY_START_BYTES + 2 || memcmp(at, NPY_MAGIC, 6) != 0 || at[6] < 1 || at[6] > 3)
        return not_numpys();
    *start = at[6] == 1 ? NPY_START_BYTES : NPY_START_BYTES + 2;
    size_t length = at[8] + 256u * at[9];

    if (at[6] > 1)
        length += 65536u * at[10] + ((size_t)at[11] << 24);
    if (length > NPY_MOST_HEADER_BYTES)
        return alx_fail(ALX_E_DATA, "a header of %zu bytes, at most %d are read", length,
                        NPY_MOST_HEADER_BYTES);
    *end = *start + length;
    return *end <= count ? 0 : not_numpys();
}

/* The value of a key of the header's dictionary, or NULL. */
static const char *find_value(const char *header, const char *key)
{
    const char *at = strstr(header, key);

    if (at == NULL)
        return NULL;
    at += strlen(key);
    while (*at == ' ' || *at == ':')
        ++at;
    return at;
}

/* "(10, 256, 6, 6)" */
static bool parse_shape(io_npy *out, const char *text)
{
    if (text == NULL || *text != '(')
        return false;
    for (++text; *text != ')'; text += *text == ',') {
        char *end = NULL;

        text += strspn(text, " ");
        if (*text == ')')
            break;
        const unsigned long long dim = isdigit((unsigned char)*text) ? strtoull(text, &end, 10) : 0;

        if (end == NULL || dim > INT_MAX || out->dim_count == ALX_MAX_DIMS)
            return false;
        out->dims[out->dim_count++] = (int)dim;
        text = end + strspn(end, " ");
        if (*text != ',' && *text != ')')
            return false;
    }
    return true;
}

/* "'<f4'": its word, and which of our types that is. */
static bool parse_type(io_npy *out, const char *text)
{
    static const struct {
        const char *word;
        alx_dtype dtype;
    } types[] = {
        { "f4", ALX_F32 }, { "f8", ALX_F64 }, { "f2", ALX_F16 }, { "i8", ALX_I64 },
        { "i4", ALX_I32 }, { "i2", ALX_I16 }, { "i1", ALX_I8 },  { "u8", ALX_U64 },
        { "u4", ALX_U32 }, { "u2", ALX_U16 }, { "u1", ALX_U8 },  { "b1", ALX_BOOL },
        { "c8", ALX_C64 },
    };
    const size_t length = text != NULL && (*text == '\'' || *text == '[') ? strcspn(text + 1, "'")
                                                                          : 0;

    if (length == 0)
        return false;
    memcpy(out->type, text + 1, length < sizeof out->type ? length : sizeof out->type - 1);
    out->big_endian = out->type[0] == '>';
    for (size_t i = 0; i < ALX_COUNT(types); ++i)
        if (*text == '\'' && strcmp(out->type + 1, types[i].word) == 0) {
            out->known = strchr("<>|=", out->type[0]) != NULL;
            out->dtype = types[i].dtype;
        }
    return true;
}

static int parse_text(io_npy *out, const char *header)
{
    const char *order = find_value(header, "'fortran_order'");

    if (order == NULL || !parse_type(out, find_value(header, "'descr'")))
        return alx_fail(ALX_E_DATA, "NumPy's header lacks 'descr' or 'fortran_order'");
    out->fortran = strncmp(order, "True", 4) == 0;
    if (!parse_shape(out, find_value(header, "'shape'")))
        return alx_fail(ALX_E_DATA, "NumPy's header has no 'shape' of at most %d dimensions",
                        ALX_MAX_DIMS);
    return 0;
}

/* The numbers end where the array does. */
static int check_size(io_npy *out, size_t whole)
{
    size_t bytes = 0;

    if (!out->known)
        return 0;
    if (!io_elements_size(&out->count, &bytes, out->dtype, out->dims, out->dim_count))
        return alx_fail(ALX_E_DATA, "NumPy's header has an impossible shape");
    if (bytes != whole - out->start)
        return alx_fail(ALX_E_DATA, "%zu bytes for %zu numbers of type '%s'", whole - out->start,
                        out->count, out->type);
    return 0;
}

int io_npy_parse(io_npy *out, const uint8_t *bytes, size_t count, size_t whole)
{
    size_t start = 0, end = 0;

    *out = (io_npy){ .known = false };
    TRY(find_header(bytes, count, &start, &end));
    char *header = malloc(end - start + 1);

    if (header == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory");
    memcpy(header, bytes + start, end - start);
    header[end - start] = '\0';
    int rc = parse_text(out, header);

    out->start = end;
    if (rc == 0)
        rc = check_size(out, whole);
    free(header);
    return rc;
}

/* The first index is the fastest. */
static void fortran_order(size_t *strides, const int *dims, int dim_count)
{
    size_t stride = 1;

    for (int i = 0; i < dim_count; ++i) {
        strides[i] = stride;
        stride *= (size_t)dims[i];
    }
}

void io_npy_tensor(io_tensor *out, const io_npy *npy)
{
    alx_weights_tensor *about = &out->about;

    about->dtype = npy->dtype;
    about->dim_count = npy->dim_count;
    memcpy(about->dims, npy->dims, sizeof npy->dims);
    about->offset = npy->start;
    out->big_endian = npy->big_endian;
    if (npy->fortran)
        fortran_order(about->strides, npy->dims, npy->dim_count);
    else
        io_elements_c_order(about->strides, npy->dims, npy->dim_count);
}
