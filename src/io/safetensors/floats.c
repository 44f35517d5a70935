/* floats.c - elements of the floating-point types as float32. */
#include "io/safetensors/safetensors.h"

#include <math.h>
#include <string.h>

static float float_of_bits(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Exact: every float16 is a float32. 5 bits of exponent, 10 of fraction; a fraction without
 * exponent counts 2^-24. */
static float widen_f16(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, fraction = half & 0x3FF;
    const uint32_t exponent = half >> 10 & 0x1F;

    if (exponent == 0)
        return float_of_bits(sign) + (sign != 0 ? -0x1p-24f : 0x1p-24f) * (float)fraction;
    return float_of_bits(sign | (exponent == 0x1F ? 0xFF : exponent + 112) << 23 | fraction << 13);
}

static float widen_bf16(uint16_t upper)
{
    return float_of_bits((uint32_t)upper << 16);
}

static void widen(float *out, const alx_st_tensor *tensor, float (*element)(uint16_t))
{
    for (size_t i = 0; i < tensor->count; ++i) {
        uint16_t bits;

        memcpy(&bits, (const char *)tensor->data + i * sizeof bits, sizeof bits);
        out[i] = element(bits);
    }
}

/* To the nearest, ties to even. */
static int narrow(float *out, const alx_st_tensor *tensor)
{
    for (size_t i = 0; i < tensor->count; ++i) {
        double value;

        memcpy(&value, (const char *)tensor->data + i * sizeof value, sizeof value);
        out[i] = (float)value;
        if (isinf(out[i]) && !isinf(value))
            return alx_fail(ALX_E_DATA, "tensor %s: element %zu is %g, beyond the range of float32",
                            tensor->name, i, value);
    }
    return 0;
}

int alx_st_floats(float *out, const alx_st_tensor *tensor)
{
    switch (tensor->dtype) {
    case ALX_F32:
        memcpy(out, tensor->data, tensor->count * sizeof *out);
        return 0;
    case ALX_F16:
        widen(out, tensor, widen_f16);
        return 0;
    case ALX_BF16:
        widen(out, tensor, widen_bf16);
        return 0;
    case ALX_F64:
        return narrow(out, tensor);
    default:
        return alx_fail(ALX_E_DATA, "tensor %s is %s, want float32, float64, float16 or bfloat16",
                        tensor->name, alx_dtype_text(tensor->dtype));
    }
}
