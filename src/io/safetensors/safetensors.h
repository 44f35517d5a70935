/* safetensors.h - what reader and writer of the format share.
 *
 * A file: 8 bytes header length (uint64, little-endian), the header (JSON, padded with spaces), the
 * tensors' bytes without gaps. https://github.com/huggingface/safetensors#format */
#ifndef IO_SAFETENSORS_H
#define IO_SAFETENSORS_H

#include "alexnet/dev/io.h"

#define ST_METADATA "__metadata__"
#define ST_LENGTH_BYTES 8
#define ST_MAX_HEADER_BYTES 100000000 /* of the format's own library */

/* "F32", ... */
const char *io_st_dtype_name(alx_dtype dtype);

/* False if the format knows no such type or we do not read it. */
bool io_st_dtype_parse(alx_dtype *out, const char *name);

/* Product of dims and its bytes; false if one is negative or the product does not fit. */
bool io_st_size(size_t *count, size_t *bytes, alx_dtype dtype, const int *dims, int dim_count);

#endif
