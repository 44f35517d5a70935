/* safetensors_dtype.c - element types: name and size. */
#include "io/safetensors.h"

#include <string.h>

static const struct {
    const char *name;
    size_t bytes;
} dtypes[] = {
    [ALX_F32] = { "F32", 4 }, [ALX_F64] = { "F64", 8 }, [ALX_I64] = { "I64", 8 },
    [ALX_I32] = { "I32", 4 }, [ALX_U8] = { "U8", 1 },
};

size_t alx_dtype_bytes(alx_dtype dtype)
{
    return dtypes[dtype].bytes;
}

const char *alx_st_dtype_name(alx_dtype dtype)
{
    return dtypes[dtype].name;
}

bool alx_st_dtype_parse(alx_dtype *out, const char *name)
{
    for (size_t i = 0; i < ALX_COUNT(dtypes); ++i) {
        if (strcmp(dtypes[i].name, name) == 0) {
            *out = (alx_dtype)i;
            return true;
        }
    }
    return false;
}

bool alx_st_size(size_t *count, size_t *bytes, alx_dtype dtype, const int *dims, int dim_count)
{
    *count = 1;
    for (int i = 0; i < dim_count; ++i)
        if (dims[i] < 0 || __builtin_mul_overflow(*count, (size_t)dims[i], count))
            return false;
    return !__builtin_mul_overflow(*count, alx_dtype_bytes(dtype), bytes);
}
