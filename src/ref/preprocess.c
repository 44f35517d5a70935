/* preprocess.c - twin of crop, mirror, colour shift and normalisation of stored images. */
#include "alexnet/dev/ref.h"

#include <math.h>

static bool preprocess_inside(int row, int column, int size)
{
    return row >= 0 && row < size && column >= 0 && column < size;
}

static int preprocess_clamp(int place, int size)
{
    return place < 0 ? 0 : place < size ? place : size - 1;
}

/* Pixel after the colour shift; 0 outside the stored image. */
static double preprocess_pixel(const uint8_t *image, const alx_crop *crop, int row, int column,
                               int c, const alx_preprocess_params *p)
{
    double value;

    if (!preprocess_inside(row, column, p->size))
        return 0.0;
    value = (double)image[((size_t)row * (size_t)p->size + (size_t)column) * 3 + (size_t)c] +
            (double)crop->shift[c];
    if (p->clip)
        value = fmin(fmax(value, 0.0), 255.0);
    return value / (double)p->divide;
}

/* Mean that belongs to output (i, j), which shows stored (row, column). */
static double preprocess_mean(const float *mean, alx_shape shape, int i, int j, int row, int column,
                              int c, const alx_preprocess_params *p)
{
    if (!p->mean_image)
        return (double)mean[c];
    if (p->mean_centre) {
        row = (p->size - shape.h) / 2 + i;
        column = (p->size - shape.w) / 2 + j;
    }
    row = preprocess_clamp(row, p->size);
    column = preprocess_clamp(column, p->size);
    return (double)mean[((size_t)row * (size_t)p->size + (size_t)column) * 3 + (size_t)c];
}

void alx_ref_preprocess(float *y, const uint8_t *images, const alx_crop *crops, const float *mean,
                        const float *inv_std, alx_shape shape, const alx_preprocess_params *p)
{
    const size_t image_bytes = (size_t)p->size * (size_t)p->size * 3;

    for (int n = 0; n < shape.n; ++n, images += image_bytes)
        for (int i = 0; i < shape.h; ++i)
            for (int j = 0; j < shape.w; ++j)
                for (int c = 0; c < 3; ++c) {
                    const alx_crop *crop = &crops[n];
                    const int row = crop->top + i;
                    const int column = crop->left + (crop->mirror ? shape.w - 1 - j : j);
                    const double value = preprocess_pixel(images, crop, row, column, c, p) *
                                             (double)p->inv_scale -
                                         preprocess_mean(mean, shape, i, j, row, column, c, p);

                    *y++ = (float)(value * (double)inv_std[c]);
                }
}
