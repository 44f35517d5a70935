/* narrow.c - float32 to the types of two bytes, rounded to the nearest, ties to even. */
#include <math.h>
#include <string.h>

#include "alexnet/dev/io.h"

#define F32_INFINITY 0x7F800000u
#define F16_OVERFLOW 0x477FF000u /* 65520, half way from float16's largest to what is beyond it */
#define F16_NORMAL 0x38800000u   /* 2^-14 */
#define F16_REBIAS 0x38000000u   /* (127 - 15) << 23 */

static uint16_t narrow_f16(uint32_t bits, float value)
{
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    const uint32_t size = bits & 0x7FFFFFFF;

    if (size > F32_INFINITY)
        return sign | 0x7E00;
    if (size >= F16_OVERFLOW)
        return sign | 0x7C00;
    if (size < F16_NORMAL) /* multiples of 2^-24 */
        return sign | (uint16_t)lrintf(fabsf(value) * 0x1p24f);
    return sign | (uint16_t)((size - F16_REBIAS + 0xFFF + (size >> 13 & 1)) >> 13);
}

static uint16_t narrow_bf16(uint32_t bits)
{
    if ((bits & 0x7FFFFFFF) > F32_INFINITY)
        return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

void alx_narrow(uint16_t *out, const float *in, size_t count, alx_dtype dtype)
{
    for (size_t i = 0; i < count; ++i) {
        uint32_t bits = 0;

        memcpy(&bits, &in[i], sizeof bits);
        out[i] = dtype == ALX_F16 ? narrow_f16(bits, in[i]) : narrow_bf16(bits);
    }
}
