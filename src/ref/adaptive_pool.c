/* adaptive_pool.c - twin of adaptive average pooling. */
#include "ref/place.h"

/* Cell i of n over `size` rows: first row and one past the last. */
static void adaptive_cell(int *first, int *end, int i, int n, int size)
{
    *first = (int)((int64_t)i * size / n);
    *end = (int)(((int64_t)(i + 1) * size + n - 1) / n);
}

static double adaptive_mean(const float *x, alx_shape out, alx_shape in, int n, int row, int column,
                            int c)
{
    int top, bottom, left, right;
    double sum = 0.0;

    adaptive_cell(&top, &bottom, row, out.h, in.h);
    adaptive_cell(&left, &right, column, out.w, in.w);
    for (int i = top; i < bottom; ++i)
        for (int j = left; j < right; ++j)
            sum += (double)x[ref_place(in, n, i, j, c)];
    return sum / ((double)(bottom - top) * (double)(right - left));
}

void alx_ref_adaptive_pool_forward(float *y, const float *x, alx_shape out, alx_shape in)
{
    for (int n = 0; n < out.n; ++n)
        for (int row = 0; row < out.h; ++row)
            for (int column = 0; column < out.w; ++column)
                for (int c = 0; c < out.c; ++c)
                    y[ref_place(out, n, row, column, c)] = (float)adaptive_mean(x, out, in, n, row,
                                                                                column, c);
}

/* Weight of input row (or column) `place` in the mean of cell i of n: 0 outside. */
static double adaptive_weight(int place, int i, int n, int size)
{
    int first, end;

    adaptive_cell(&first, &end, i, n, size);
    return place >= first && place < end ? 1.0 / (double)(end - first) : 0.0;
}

static double adaptive_gradient(const float *grad_y, alx_shape out, alx_shape in, int n, int row,
                                int column, int c)
{
    double sum = 0.0;

    for (int i = 0; i < out.h; ++i)
        for (int j = 0; j < out.w; ++j)
            sum += adaptive_weight(row, i, out.h, in.h) * adaptive_weight(column, j, out.w, in.w) *
                   (double)grad_y[ref_place(out, n, i, j, c)];
    return sum;
}

void alx_ref_adaptive_pool_backward(float *grad_x, const float *grad_y, alx_shape out, alx_shape in)
{
    for (int n = 0; n < in.n; ++n)
        for (int row = 0; row < in.h; ++row)
            for (int column = 0; column < in.w; ++column)
                for (int c = 0; c < in.c; ++c)
                    grad_x[ref_place(in, n, row, column, c)] = (float)adaptive_gradient(
                        grad_y, out, in, n, row, column, c);
}
