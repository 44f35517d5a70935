/* elements.c - elements of the floating-point types as float32. */
#include "io/elements.h"

#include <math.h>
#include <string.h>

#include "base/try.h"

#define PIECE_BYTES 65536 /* a multiple of every element's */

/* ---- places -------------------------------------------------------------------------------- */

void io_elements_c_order(size_t *strides, const int *dims, int dim_count)
{
    size_t stride = 1;

    for (int i = dim_count - 1; i >= 0; --i) {
        strides[i] = stride;
        stride *= (size_t)dims[i];
    }
}

size_t io_elements_span(const int *dims, const size_t *strides, int dim_count)
{
    size_t last = 0;

    for (int i = 0; i < dim_count; ++i) {
        size_t step = 0;

        if (dims[i] == 0)
            return 0;
        if (__builtin_mul_overflow((size_t)dims[i] - 1, strides[i], &step) ||
            __builtin_add_overflow(last, step, &last))
            return SIZE_MAX;
    }
    return last < SIZE_MAX ? last + 1 : SIZE_MAX;
}

/* ---- one element, in the byte order of this machine ---------------------------------------- */

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

uint64_t io_element_bits(const uint8_t *at, size_t bytes, bool big_endian)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < bytes; ++i)
        bits |= (uint64_t)at[i] << 8 * (big_endian ? bytes - 1 - i : i);
    return bits;
}

static double double_of_bits(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

bool io_elements_are_floats(const io_elements *e)
{
    return e->dtype == ALX_F32 && !e->big_endian;
}

/* ---- rows of them -------------------------------------------------------------------------- */

/* `count` elements that lie `stride` apart. Returns how many there are before a finite number that
 * would become infinite. */
static size_t read_row(float *out, const io_elements *e, const uint8_t *from, size_t count,
                       size_t stride)
{
    const size_t bytes = alx_dtype_bytes(e->dtype);

    if (io_elements_are_floats(e) && stride == 1) {
        memcpy(out, from, count * sizeof *out);
        return count;
    }
    for (size_t i = 0; i < count; ++i) {
        const uint64_t bits = io_element_bits(from + i * stride * bytes, bytes, e->big_endian);

        if (e->dtype == ALX_F32)
            out[i] = float_of_bits((uint32_t)bits);
        else if (e->dtype == ALX_F16)
            out[i] = widen_f16((uint16_t)bits);
        else if (e->dtype == ALX_BF16)
            out[i] = widen_bf16((uint16_t)bits);
        else
            out[i] = (float)double_of_bits(bits); /* to the nearest, ties to even */
        if (bytes == 8 && isinf(out[i]) && !isinf(double_of_bits(bits)))
            return i;
    }
    return count;
}

static int out_of_range(const io_elements *e, const uint8_t *at, size_t place, const char *name)
{
    return alx_fail(ALX_E_DATA, "tensor %s: element %zu is %g, beyond the range of float32", name,
                    e->place + place,
                    double_of_bits(io_element_bits(at, sizeof(double), e->big_endian)));
}

bool io_elements_can(alx_dtype dtype)
{
    return dtype == ALX_F32 || dtype == ALX_F64 || dtype == ALX_F16 || dtype == ALX_BF16;
}

int io_elements_check(alx_dtype dtype, const char *name)
{
    if (io_elements_can(dtype))
        return 0;
    return alx_fail(ALX_E_DATA, "tensor %s is %s, want float32, float64, float16 or bfloat16", name,
                    alx_dtype_text(dtype));
}

int io_elements_run(float *out, const io_elements *e, size_t count, const char *name)
{
    TRY(io_elements_check(e->dtype, name));
    const size_t got = read_row(out, e, e->first, count, 1);

    return got == count ? 0 : out_of_range(e, e->first + got * sizeof(double), got, name);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Through a buffer, in which they become floats. */
static int convert(float *out, const base_file_map *map, const io_elements *e, size_t count,
                   const char *name)
{
    const size_t bytes = alx_dtype_bytes(e->dtype), most = PIECE_BYTES / bytes;
    uint8_t piece[PIECE_BYTES];
    io_elements now = *e;

    now.first = piece;
    for (size_t done = 0; done < count; done += least(most, count - done)) {
        const size_t some = least(most, count - done);

        TRY(base_file_map_copy(map, piece, e->first + done * bytes, some * bytes));
        now.place = e->place + done;
        TRY(io_elements_run(out + done, &now, some, name));
    }
    return 0;
}

int io_elements_read(float *out, const base_file_map *map, const io_elements *e, size_t count,
                     const char *name)
{
    TRY(io_elements_check(e->dtype, name));
    if (map == NULL)
        return io_elements_run(out, e, count, name);
    if (io_elements_are_floats(e))
        return base_file_map_copy(map, out, e->first, count * sizeof *out);
    return convert(out, map, e, count, name);
}

typedef struct shape {
    size_t dims[ALX_MAX_DIMS], strides[ALX_MAX_DIMS];
    int count;
} shape;

/* Without dimensions of 1, and with those joined that lie as one. */
static shape joined(const io_elements *e)
{
    size_t c_order[ALX_MAX_DIMS];
    const size_t *strides = e->strides != NULL ? e->strides : c_order;
    shape out = { .count = 0 };

    io_elements_c_order(c_order, e->dims, e->dim_count);
    for (int i = 0; i < e->dim_count; ++i) {
        const size_t dim = (size_t)e->dims[i];
        const int last = out.count - 1;

        if (dim == 1)
            continue;
        if (last >= 0 && out.strides[last] == dim * strides[i]) {
            out.dims[last] *= dim;
            out.strides[last] = strides[i];
            continue;
        }
        out.dims[out.count] = dim;
        out.strides[out.count++] = strides[i];
    }
    if (out.count == 0)
        out = (shape){ .dims = { 1 }, .strides = { 1 }, .count = 1 };
    return out;
}

/* To the next row: counts up, as an odometer does; false after the last. */
static bool next_row(const shape *s, size_t *at, size_t *offset)
{
    for (int i = s->count - 2; i >= 0; --i) {
        *offset += s->strides[i];
        if (++at[i] < s->dims[i])
            return true;
        *offset -= s->dims[i] * s->strides[i];
        at[i] = 0;
    }
    return false;
}

bool io_elements_are_run(const io_elements *e)
{
    const shape s = joined(e);

    return s.count == 1 && (s.strides[0] == 1 || s.dims[0] == 1);
}

int io_elements_floats(float *out, const io_elements *e, const char *name)
{
    const shape s = joined(e);
    const size_t row = s.dims[s.count - 1], stride = s.strides[s.count - 1];
    const size_t bytes = alx_dtype_bytes(e->dtype);
    size_t at[ALX_MAX_DIMS] = { 0 }, offset = 0, done = 0;

    TRY(io_elements_check(e->dtype, name));
    for (int i = 0; i < e->dim_count; ++i)
        if (e->dims[i] == 0)
            return 0;
    do {
        const uint8_t *from = e->first + offset * bytes;
        const size_t got = read_row(out + done, e, from, row, stride);

        if (got < row)
            return out_of_range(e, from + got * stride * bytes, done + got, name);
        done += row;
    } while (next_row(&s, at, &offset));
    return 0;
}
