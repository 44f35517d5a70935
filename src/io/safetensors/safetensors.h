/* safetensors.h - what reader and writer of the format share.
 *
 * A file: 8 bytes header length (uint64, little-endian), the header (JSON, padded with spaces), the
 * tensors' bytes without gaps. https://github.com/huggingface/safetensors#format */
#ifndef IO_SAFETENSORS_H
#define IO_SAFETENSORS_H

#include "alexnet/dev/io.h"
#include "base/file_map.h"

#define ST_METADATA "__metadata__"
#define ST_LENGTH_BYTES 8
#define ST_MAX_HEADER_BYTES 100000000 /* of the format's own library */

/* "F32", ... */
const char *io_st_dtype_name(alx_dtype dtype);

/* False if the format knows no such type or we do not read it. */
bool io_st_dtype_parse(alx_dtype *out, const char *name);

/* A file that is mapped already; the map stays the caller's, and must live longer. Messages without
 * a name. */
int io_st_open_map(alx_safetensors **out, const base_file_map *map) ALX_MUST_USE;
/* Where a tensor's bytes begin in the file, and how many they are. */
size_t io_st_offset(const alx_safetensors *file, size_t index);
size_t io_st_bytes(const alx_safetensors *file, size_t index);

#endif
