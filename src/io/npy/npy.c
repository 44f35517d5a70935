/* npy.c - float32 arrays in NumPy's files: read as rows, and what stands before them is written. */
#include "io/npy/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/try.h"

/* ---- reading ------------------------------------------------------------------------------- */

static int npy_parse(alx_npy *out, size_t bytes, const char *path)
{
    io_npy npy;

    TRY(alx_fail_context(io_npy_parse(&npy, (const uint8_t *)out->file, bytes, bytes), "%s", path));
    if (!npy.known || npy.dtype != ALX_F32 || npy.big_endian || npy.fortran || npy.dim_count == 0 ||
        npy.start % sizeof(float) != 0)
        return alx_fail(ALX_E_DATA, "%s: not an array of float32 ('<f4') in C order", path);
    out->rows = (size_t)npy.dims[0];
    out->columns = 1;
    for (int i = 1; i < npy.dim_count; ++i)
        out->columns *= (size_t)npy.dims[i];
    if (out->columns == 0)
        return alx_fail(ALX_E_DATA, "%s: rows of no numbers", path);
    out->data = (const float *)(const void *)(out->file + npy.start);
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
