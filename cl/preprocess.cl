/* preprocess.cl - stored uint8 images into the network's input: colour shift, crop, mirror,
 *                 normalisation
 * Layout   images uint8 (n,size,size,3), y NHWC float32 with 3 channels; crops 8 words per image:
 *          top, left, mirror, -, shift[3] (float), -
 * Work     `span` pixels of one row of y
 * Launch   ceil(total / (WG * run)) groups of WG; total = n * height * ceil(width / span)
 * -D       MEAN  0: three floats   1: the mean image's part under the crop   2: its centre
 *          CLIP 1: to 0..255 after the shift   WG: vector.clh
 * Traffic  reads 3 bytes and writes 12 per pixel
 * Checked  against src/ref/preprocess.c, 1e-6 of the largest value */
#include "vector.clh"

#ifndef MEAN
#define MEAN 0 /* 0: three floats, 1: the mean image under the crop, 2: its centre */
#endif
#ifndef CLIP
#define CLIP 0 /* 1: to 0..255 after the shift of colour */
#endif

/* Where the mean of output pixel (i, j), which shows stored pixel (row, column), lies. */
static inline size_t mean_place(const int size, const int height, const int width, const int i,
                                const int j, const int row, const int column)
{
#if MEAN == 1
    return ((size_t)clamp(row, 0, size - 1) * size + clamp(column, 0, size - 1)) * 3;
#elif MEAN == 2
    return ((size_t)((size - height) / 2 + i) * size + (size - width) / 2 + j) * 3;
#else
    return 0;
#endif
}

__kernel GROUP void preprocess(__global float *restrict y, __global const uchar *restrict images,
                               __global const int *restrict crops,
                               __global const float *restrict mean,
                               __global const float *restrict inv_std, const int size,
                               const int height, const int width, const float factor,
                               const int span, const uint total, const uint run)
{
    const uint spans = (width + span - 1) / span;
    const float3 deviation = vload3(0, inv_std);

    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const uint line = (uint)unit / spans;
        const size_t n = line / height;
        const int i = line % height, first = (uint)unit % spans * span;
        __global const int *crop = crops + n * 8;
        const int row = crop[0] + i, left = crop[1];
        const bool mirror = crop[2] != 0, row_inside = row >= 0 && row < size;
        const float3 shift = as_float3(vload3(0, crop + 4));
        __global const uchar *stored = images + (n * size + (row_inside ? row : 0)) * size * 3;

        for (int j = first; j < min(first + span, width); ++j) {
            const int column = left + (mirror ? width - 1 - j : j);
            float3 value = (float3)(0.0f);

            if (row_inside && column >= 0 && column < size) {
                value = convert_float3(vload3(column, stored)) + shift;
#if CLIP
                value = clamp(value, 0.0f, 255.0f);
#endif
            }
            value = value * factor -
                    vload3(0, mean + mean_place(size, height, width, i, j, row, column));
            vstore3(value * deviation, line * width + j, y);
        }
    }
}
