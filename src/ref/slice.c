/* slice.c - some images or filters of a pass, where the twin of all would take too long. */
#include "alexnet/dev/ref.h"

#include <string.h>

alx_ref_slice alx_ref_slice_ends(int count)
{
    const int wanted[] = { 0, count / 2, count - 1 };
    alx_ref_slice slice = { .count = 0 };

    for (size_t i = 0; i < ALX_COUNT(wanted); ++i)
        if (slice.count == 0 || wanted[i] > slice.picks[slice.count - 1])
            slice.picks[slice.count++] = wanted[i];
    return slice;
}

alx_ref_slice alx_ref_slice_one(int pick)
{
    return (alx_ref_slice){ .picks = { pick }, .count = 1 };
}

void alx_ref_take_rows(float *out, const float *data, const alx_ref_slice *slice, size_t width)
{
    for (int i = 0; i < slice->count; ++i)
        memcpy(out + (size_t)i * width, data + (size_t)slice->picks[i] * width,
               width * sizeof *out);
}

void alx_ref_take_columns(float *out, const float *data, const alx_ref_slice *slice, size_t rows,
                          int width)
{
    for (size_t row = 0; row < rows; ++row, data += width)
        for (int i = 0; i < slice->count; ++i)
            *out++ = data[slice->picks[i]];
}
