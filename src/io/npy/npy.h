/* npy.h - the description at the start of NumPy's arrays.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef IO_NPY_H
#define IO_NPY_H

#include "io/weights_list.h"

#define NPY_MAGIC "\x93NUMPY"
#define NPY_MOST_HEADER_BYTES 65536 /* NumPy itself reads 10,000 */

typedef struct io_npy {
    char type[16]; /**< NumPy's word, "<f4" */
    bool known;    /**< it is one of ours: */
    alx_dtype dtype;
    bool big_endian, fortran;
    int dims[ALX_MAX_DIMS], dim_count;
    size_t start; /**< of the numbers */
    size_t count; /**< of them */
} io_npy;

/** @param bytes  the first `count` of an array that has `whole` bytes: all of its header, if
 *                NPY_MOST_HEADER_BYTES + 12 are there
 *  @return 0; ALX_E_DATA, without a name; ALX_E_MEMORY */
int io_npy_parse(io_npy *out, const uint8_t *bytes, size_t count, size_t whole) ALX_MUST_USE;
/** Fills in what a tensor of a file is, but its name and where it lies. */
void io_npy_tensor(io_tensor *out, const io_npy *npy);

#endif
