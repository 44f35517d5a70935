/* maxpool.c - twin of max pooling; the backward pass scatters, where the kernel gathers. */
#include "ref/place.h"

#include <math.h>
#include <string.h>

static int maxpool_end(int first, int kernel, int size)
{
    return first + kernel < size ? first + kernel : size;
}

/* Row and column of the first maximum of the window of output (row, column). */
static void maxpool_winner(int *win_row, int *win_column, const float *x, alx_shape in, int n,
                           int row, int column, int c, const alx_pool_params *p)
{
    const int top = row * p->stride, left = column * p->stride;
    double best = -INFINITY;

    *win_row = top;
    *win_column = left;
    for (int i = top; i < maxpool_end(top, p->kernel, in.h); ++i)
        for (int j = left; j < maxpool_end(left, p->kernel, in.w); ++j) {
            const double value = (double)x[ref_place(in, n, i, j, c)];

            if (value > best || (isnan(value) && !isnan(best))) {
                best = value;
                *win_row = i;
                *win_column = j;
            }
        }
}

void alx_ref_maxpool_forward(float *y, int32_t *index, const float *x, alx_shape out, alx_shape in,
                             const alx_pool_params *p)
{
    for (int n = 0; n < out.n; ++n)
        for (int row = 0; row < out.h; ++row)
            for (int column = 0; column < out.w; ++column)
                for (int c = 0; c < out.c; ++c) {
                    const size_t at = ref_place(out, n, row, column, c);
                    int i, j;

                    maxpool_winner(&i, &j, x, in, n, row, column, c, p);
                    y[at] = x[ref_place(in, n, i, j, c)];
                    if (index != NULL)
                        index[at] = i * in.w + j;
                }
}

/* Whether input pixel (i, j) takes the gradient of the output at `at`. */
static bool maxpool_takes(const int32_t *index, const float *x, const float *y, size_t at,
                          size_t from, int pixel, const alx_pool_params *p)
{
    return p->all_ties ? x[from] == y[at] : index[at] == pixel;
}

void alx_ref_maxpool_backward(float *grad_x, const float *grad_y, const int32_t *index,
                              const float *x, const float *y, alx_shape out, alx_shape in,
                              const alx_pool_params *p)
{
    memset(grad_x, 0, alx_shape_count(in) * sizeof *grad_x);
    for (int n = 0; n < out.n; ++n)
        for (int row = 0; row < out.h; ++row)
            for (int column = 0; column < out.w; ++column)
                for (int c = 0; c < out.c; ++c) {
                    const size_t at = ref_place(out, n, row, column, c);
                    const int top = row * p->stride, left = column * p->stride;

                    for (int i = top; i < maxpool_end(top, p->kernel, in.h); ++i)
                        for (int j = left; j < maxpool_end(left, p->kernel, in.w); ++j) {
                            const size_t from = ref_place(in, n, i, j, c);

                            if (maxpool_takes(index, x, y, at, from, i * in.w + j, p))
                                grad_x[from] += grad_y[at];
                        }
                }
}
