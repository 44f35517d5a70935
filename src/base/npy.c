/* npy.c - the header of NumPy's files (format 1.0). */
#include <stdio.h>
#include <string.h>

#include "base/npy.h"

void base_npy_header(char head[BASE_NPY_HEADER_BYTES], const size_t *dims, int dim_count)
{
    char text[BASE_NPY_HEADER_BYTES] = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
    size_t used = strlen(text);

    for (int i = 0; i < dim_count; ++i)
        used += (size_t)snprintf(text + used, sizeof text - used, "%zu%s", dims[i],
                                 i + 1 < dim_count ? ", "
                                 : dim_count == 1  ? ",), }"
                                                   : "), }");
    memset(head, ' ', BASE_NPY_HEADER_BYTES);
    memcpy(head, "\x93NUMPY\x01\x00\x76\x00", 10); /* 0x76: what follows, up to 128 */
    memcpy(head + 10, text, used);
    head[BASE_NPY_HEADER_BYTES - 1] = '\n';
}
