/* dtype.c - element types: names, sizes. */
#include "io/elements.h"
#include "io/safetensors/safetensors.h"

#include <string.h>

static const struct {
    const char *name, *text;
    size_t bits;
} dtypes[] = {
    [ALX_F32] = { "F32", "float32", 32 },
    [ALX_F64] = { "F64", "float64", 64 },
    [ALX_I64] = { "I64", "int64", 64 },
    [ALX_I32] = { "I32", "int32", 32 },
    [ALX_U8] = { "U8", "uint8", 8 },
    [ALX_F16] = { "F16", "float16", 16 },
    [ALX_BF16] = { "BF16", "bfloat16", 16 },
    [ALX_BOOL] = { "BOOL", "bool", 8 },
    [ALX_I8] = { "I8", "int8", 8 },
    [ALX_I16] = { "I16", "int16", 16 },
    [ALX_U16] = { "U16", "uint16", 16 },
    [ALX_U32] = { "U32", "uint32", 32 },
    [ALX_U64] = { "U64", "uint64", 64 },
    [ALX_C64] = { "C64", "complex64", 64 },
    [ALX_F8_E5M2] = { "F8_E5M2", "float8_e5m2", 8 },
    [ALX_F8_E4M3] = { "F8_E4M3", "float8_e4m3", 8 },
    [ALX_F8_E8M0] = { "F8_E8M0", "float8_e8m0", 8 },
    [ALX_F8_E4M3FNUZ] = { "F8_E4M3FNUZ", "float8_e4m3fnuz", 8 },
    [ALX_F8_E5M2FNUZ] = { "F8_E5M2FNUZ", "float8_e5m2fnuz", 8 },
    [ALX_F6_E2M3] = { "F6_E2M3", "float6_e2m3", 6 },
    [ALX_F6_E3M2] = { "F6_E3M2", "float6_e3m2", 6 },
    [ALX_F4] = { "F4", "float4", 4 },
};

size_t alx_dtype_bytes(alx_dtype dtype)
{
    return dtypes[dtype].bits / 8;
}

const char *alx_dtype_text(alx_dtype dtype)
{
    return dtypes[dtype].text;
}

const char *io_st_dtype_name(alx_dtype dtype)
{
    return dtypes[dtype].name;
}

bool io_st_dtype_parse(alx_dtype *out, const char *name)
{
    for (size_t i = 0; i < ALX_COUNT(dtypes); ++i) {
        if (strcmp(dtypes[i].name, name) == 0) {
            *out = (alx_dtype)i;
            return true;
        }
    }
    return false;
}

bool io_elements_size(size_t *count, size_t *bytes, alx_dtype dtype, const int *dims, int dim_count)
{
    size_t bits = 0;

    *count = 1;
    for (int i = 0; i < dim_count; ++i)
        if (dims[i] < 0 || __builtin_mul_overflow(*count, (size_t)dims[i], count))
            return false;
    if (__builtin_mul_overflow(*count, dtypes[dtype].bits, &bits) || bits % 8 != 0)
        return false;
    *bytes = bits / 8;
    return true;
}
