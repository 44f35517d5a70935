/* npy.h - the header of NumPy's files. */
#ifndef BASE_NPY_H
#define BASE_NPY_H

#include <stddef.h>

#define BASE_NPY_HEADER_BYTES 128
/** What stands before the numbers in a NumPy file: float32 in C order, up to 4 dimensions. */
void base_npy_header(char head[BASE_NPY_HEADER_BYTES], const size_t *dims, int dim_count);

#endif
