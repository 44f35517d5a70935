/* resize.c - Pillow's BILINEAR with antialiasing: a triangle as wide as the ratio, columns first,
 * then rows, 8 bits between the two, weights of 22 fractional bits. Same arithmetic as Pillow's
 * Resample.c, so the same bytes; only what the centre crop shows is computed. */
#include "alexnet/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

#define RESIZE_BITS 22
#define RESIZE_HALF (1 << (RESIZE_BITS - 1))

/** Weights of one axis: output i is made of the `taps` inputs from first[i] on. */
typedef struct resize_axis {
    int *first;      /* (outputs) */
    int32_t *weight; /* (outputs, taps) */
    int outputs, taps;
} resize_axis;

static void resize_axis_free(resize_axis *axis)
{
    free(axis->first);
    free(axis->weight);
}

static double resize_triangle(int x, double centre, double width)
{
    return fmax(0.0, 1.0 - fabs((x - centre + 0.5) * (1.0 / width)));
}

/* Of one output: the triangle's values, normalised, then in fixed point. */
static void resize_weigh(resize_axis *axis, int i, int in, double centre, double width)
{
    const int low = (int)(centre - width + 0.5), high = (int)(centre + width + 0.5);
    const int start = low > 0 ? low : 0, end = high < in ? high : in;
    const int first = start < in - axis->taps ? start : in - axis->taps;
    int32_t *weight = axis->weight + (size_t)i * (size_t)axis->taps;
    double sum = 0.0;

    for (int x = start; x < end; ++x)
        sum += resize_triangle(x, centre, width);
    for (int x = start; x < end; ++x)
        weight[x - first] = (int32_t)(0.5 +
                                      resize_triangle(x, centre, width) / sum * (1 << RESIZE_BITS));
    axis->first[i] = first;
}

/* Outputs [start, start + outputs) of `in` pixels resized to `out`. Of the last pixel only a part
 * may count: 513 pixels at 1/2 are 257, their `extent` 256.5. */
static int resize_axis_plan(resize_axis *axis, int in, double extent, int64_t out, int64_t start,
                            int outputs)
{
    const double ratio = extent / (double)out;
    const double width = ratio > 1.0 ? ratio : 1.0;
    const int taps = (int)(2.0 * width) + 1; /* the same for all: a steady count predicts well */

    axis->outputs = outputs;
    axis->taps = taps < in ? taps : in;
    axis->first = malloc((size_t)outputs * sizeof *axis->first);
    axis->weight = calloc((size_t)outputs * (size_t)axis->taps, sizeof *axis->weight);
    if (axis->first == NULL || axis->weight == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory to resize an image");
    for (int i = 0; i < outputs; ++i)
        resize_weigh(axis, i, in, ((double)(start + i) + 0.5) * ratio, width);
    return 0;
}

static uint8_t resize_round(int32_t sum)
{
    const int32_t value = sum >> RESIZE_BITS;

    return (uint8_t)(value > 255 ? 255 : value);
}

/* One row: in (any, 3) -> out (outputs, 3) */
static void resize_row(uint8_t *restrict out, const uint8_t *restrict in, const resize_axis *axis)
{
    const int taps = axis->taps;
    const int32_t *weight = axis->weight;

    for (int i = 0; i < axis->outputs; ++i, out += 3, weight += taps) {
        const uint8_t *pixel = in + (size_t)axis->first[i] * 3;
        int32_t red = RESIZE_HALF, green = RESIZE_HALF, blue = RESIZE_HALF;

        for (int k = 0; k < taps; ++k, pixel += 3) {
            red += weight[k] * pixel[0];
            green += weight[k] * pixel[1];
            blue += weight[k] * pixel[2];
        }
        out[0] = resize_round(red);
        out[1] = resize_round(green);
        out[2] = resize_round(blue);
    }
}

/* out[x] = sum over rows of weight * in[row][x]; `sum` is scratch of `count` */
static void resize_mix_rows(uint8_t *restrict out, int32_t *restrict sum,
                            const uint8_t *restrict in, const int32_t *weight, int rows,
                            size_t count)
{
    for (size_t x = 0; x < count; ++x)
        sum[x] = RESIZE_HALF;
    for (int k = 0; k < rows; ++k, in += count)
        for (size_t x = 0; x < count; ++x)
            sum[x] += weight[k] * in[x];
    for (size_t x = 0; x < count; ++x)
        out[x] = resize_round(sum[x]);
}

static int resize_apply(uint8_t *out, const alx_image *image, const resize_axis *across,
                        const resize_axis *down)
{
    const int first_row = down->first[0];
    const int rows = down->first[down->outputs - 1] + down->taps - first_row;
    const size_t row_bytes = (size_t)across->outputs * 3, in_bytes = (size_t)image->width * 3;
    uint8_t *narrow = malloc((size_t)rows * row_bytes); /* (rows, outputs, 3) */
    int32_t *sum = malloc(row_bytes * sizeof *sum);
    int rc = 0;

    if (narrow == NULL || sum == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory to resize an image");
        goto done;
    }
    for (int y = 0; y < rows; ++y)
        resize_row(narrow + (size_t)y * row_bytes, image->rgb + (size_t)(first_row + y) * in_bytes,
                   across);
    for (int i = 0; i < down->outputs; ++i)
        resize_mix_rows(out + (size_t)i * row_bytes, sum,
                        narrow + (size_t)(down->first[i] - first_row) * row_bytes,
                        down->weight + (size_t)i * (size_t)down->taps, down->taps, row_bytes);
done:
    free(narrow);
    free(sum);
    return rc;
}

int alx_image_resize_crop(uint8_t *out, const alx_image *image, int size)
{
    const int64_t w = image->fraction > 0 ? image->full_width : image->width;
    const int64_t h = image->fraction > 0 ? image->full_height : image->height;
    const double part = image->fraction > 0 ? 1.0 / image->fraction : 1.0;
    const int64_t shorter = w < h ? w : h;
    const int64_t wide = w * size / shorter, high = h * size / shorter;
    resize_axis across = { 0 }, down = { 0 };
    int rc = 0;

    if (w == size && h == size) {
        memcpy(out, image->rgb, (size_t)size * (size_t)size * 3);
        return 0;
    }
    TRY_DONE(
        resize_axis_plan(&across, image->width, (double)w * part, wide, (wide - size) / 2, size));
    TRY_DONE(
        resize_axis_plan(&down, image->height, (double)h * part, high, (high - size) / 2, size));
    TRY_DONE(resize_apply(out, image, &across, &down));
done:
    resize_axis_free(&across);
    resize_axis_free(&down);
    return rc;
}
