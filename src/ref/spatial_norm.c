/* spatial_norm.c - twin of response normalisation over a window of pixels of one map. */
#include "ref/place.h"

#include <math.h>

typedef struct spatial_place {
    int n, row, column, c;
} spatial_place;

typedef struct spatial_window {
    int row, row_end, column, column_end;
} spatial_window;

static spatial_window spatial_window_at(spatial_place at, alx_shape shape, int size)
{
    const int half = size / 2;

    return (spatial_window){
        .row = at.row > half ? at.row - half : 0,
        .row_end = at.row + half < shape.h ? at.row + half + 1 : shape.h,
        .column = at.column > half ? at.column - half : 0,
        .column_end = at.column + half < shape.w ? at.column + half + 1 : shape.w,
    };
}

static double spatial_sum(const float *x, spatial_place at, alx_shape shape,
                          const alx_lrn_params *p)
{
    const spatial_window w = spatial_window_at(at, shape, p->size);
    double squares = 0.0;

    for (int i = w.row; i < w.row_end; ++i)
        for (int j = w.column; j < w.column_end; ++j) {
            const double value = (double)x[ref_place(shape, at.n, i, j, at.c)];

            squares += value * value;
        }
    return (double)p->k + (double)p->alpha * squares;
}

/* sum over the window of grad_y[j] x[j] s[j]^(-beta-1) */
static double spatial_back_sum(const float *grad_y, const float *x, spatial_place at,
                               alx_shape shape, const alx_lrn_params *p)
{
    const spatial_window w = spatial_window_at(at, shape, p->size);
    double sum = 0.0;

    for (int i = w.row; i < w.row_end; ++i)
        for (int j = w.column; j < w.column_end; ++j) {
            const size_t from = ref_place(shape, at.n, i, j, at.c);
            const spatial_place there = { at.n, i, j, at.c };

            sum += (double)grad_y[from] * (double)x[from] *
                   pow(spatial_sum(x, there, shape, p), -(double)p->beta - 1.0);
        }
    return sum;
}

/* The place of flat element i. */
static spatial_place spatial_place_of(size_t i, alx_shape shape)
{
    const size_t c = (size_t)shape.c, w = (size_t)shape.w, h = (size_t)shape.h;

    return (spatial_place){
        .n = (int)(i / c / w / h),
        .row = (int)(i / c / w % h),
        .column = (int)(i / c % w),
        .c = (int)(i % c),
    };
}

void alx_ref_spatial_norm_forward(float *y, const float *x, alx_shape shape,
                                  const alx_lrn_params *p)
{
    const size_t count = alx_shape_count(shape);

    for (size_t i = 0; i < count; ++i) {
        const double s = spatial_sum(x, spatial_place_of(i, shape), shape, p);

        y[i] = (float)((double)x[i] * pow(s, -(double)p->beta));
    }
}

void alx_ref_spatial_norm_backward(float *grad_x, const float *grad_y, const float *x,
                                   alx_shape shape, const alx_lrn_params *p)
{
    const size_t count = alx_shape_count(shape);
    const double alpha = (double)p->alpha, beta = (double)p->beta;

    for (size_t i = 0; i < count; ++i) {
        const spatial_place at = spatial_place_of(i, shape);
        const double s = spatial_sum(x, at, shape, p);

        grad_x[i] = (float)((double)grad_y[i] * pow(s, -beta) -
                            2.0 * alpha * beta * (double)x[i] *
                                spatial_back_sum(grad_y, x, at, shape, p));
    }
}
