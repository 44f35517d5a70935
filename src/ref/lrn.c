/* lrn.c - twin of local response normalisation across channels (paper, section 3.3). */
#include "alexnet/dev/ref.h"

#include <math.h>

/* First and one past the last channel that the window of channel c reaches inside c's range. */
static void lrn_window(int *first, int *end, int c, int channels, const alx_lrn_params *p)
{
    const int range = channels / p->ranges, start = c / range * range, half = p->size / 2;

    *first = c - half > start ? c - half : start;
    *end = c + half + 1 < start + range ? c + half + 1 : start + range;
}

static double lrn_sum(const float *x, int c, int channels, const alx_lrn_params *p)
{
    int first, end;
    double squares = 0.0;

    lrn_window(&first, &end, c, channels, p);
    for (int j = first; j < end; ++j)
        squares += (double)x[j] * (double)x[j];
    return (double)p->k + (double)p->alpha * squares;
}

void alx_ref_lrn_forward(float *y, const float *x, alx_shape shape, const alx_lrn_params *p)
{
    const size_t count = alx_shape_count(shape);

    for (size_t pixel = 0; pixel < count; pixel += (size_t)shape.c)
        for (int c = 0; c < shape.c; ++c)
            y[pixel + (size_t)c] = (float)((double)x[pixel + (size_t)c] *
                                           pow(lrn_sum(x + pixel, c, shape.c, p),
                                               -(double)p->beta));
}

static double lrn_gradient(const float *grad_y, const float *x, int c, int channels,
                           const alx_lrn_params *p)
{
    const double beta = (double)p->beta;
    int first, end;
    double sum = 0.0;

    lrn_window(&first, &end, c, channels, p);
    for (int j = first; j < end; ++j)
        sum += (double)grad_y[j] * (double)x[j] * pow(lrn_sum(x, j, channels, p), -beta - 1.0);
    return (double)grad_y[c] * pow(lrn_sum(x, c, channels, p), -beta) -
           2.0 * (double)p->alpha * beta * (double)x[c] * sum;
}

void alx_ref_lrn_backward(float *grad_x, const float *grad_y, const float *x, alx_shape shape,
                          const alx_lrn_params *p)
{
    const size_t count = alx_shape_count(shape);

    for (size_t pixel = 0; pixel < count; pixel += (size_t)shape.c)
        for (int c = 0; c < shape.c; ++c)
            grad_x[pixel + (size_t)c] = (float)lrn_gradient(grad_y + pixel, x + pixel, c, shape.c,
                                                            p);
}
