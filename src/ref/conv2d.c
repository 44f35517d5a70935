/* conv2d.c - twin of convolution: the formulas of ops.h, every result a sum of its own. */
#include "ref/place.h"

/* (R,S,C/groups,K): its w is the channels of a group, its c the filters. */
static alx_shape weight_shape(alx_shape out, alx_shape in, const alx_conv2d_params *p)
{
    return (alx_shape){ p->kernel, p->kernel, in.c / p->groups, out.c };
}

static bool shape_has_pixel(alx_shape shape, int row, int column)
{
    return row >= 0 && row < shape.h && column >= 0 && column < shape.w;
}

/* First input channel of the group of filter o. */
static int filter_first_channel(int o, alx_shape out, alx_shape in, const alx_conv2d_params *p)
{
    return o / (out.c / p->groups) * (in.c / p->groups);
}

static double forward_at(const float *x, const float *w, alx_shape out, alx_shape in, int n, int i,
                         int j, int o, const alx_conv2d_params *p)
{
    const alx_shape weight = weight_shape(out, in, p);
    const int first = filter_first_channel(o, out, in, p);
    double sum = 0.0;

    for (int r = 0; r < p->kernel; ++r)
        for (int s = 0; s < p->kernel; ++s) {
            const int row = i * p->stride + r - p->pad, column = j * p->stride + s - p->pad;

            for (int c = 0; c < weight.w && shape_has_pixel(in, row, column); ++c)
                sum += (double)w[ref_place(weight, r, s, c, o)] *
                       (double)x[ref_place(in, n, row, column, first + c)];
        }
    return sum;
}

void alx_ref_conv2d_forward(float *y, const float *x, const float *w, const float *b, alx_shape out,
                            alx_shape in, const alx_conv2d_params *p)
{
    for (int n = 0; n < out.n; ++n)
        for (int i = 0; i < out.h; ++i)
            for (int j = 0; j < out.w; ++j)
                for (int o = 0; o < out.c; ++o)
                    y[ref_place(out, n, i, j, o)] =
                        (float)((double)b[o] + forward_at(x, w, out, in, n, i, j, o, p));
}

/* The output whose window has input pixel `place` at tap r, along one side; false if none does. */
static bool output_of_tap(int *output, int place, int r, int outputs, const alx_conv2d_params *p)
{
    const int start = place + p->pad - r;

    *output = start / p->stride;
    return start >= 0 && start % p->stride == 0 && *output < outputs;
}

static double grad_input_at(const float *grad_y, const float *w, alx_shape out, alx_shape in, int n,
                            int row, int column, int c, const alx_conv2d_params *p)
{
    const alx_shape weight = weight_shape(out, in, p);
    const int group = c / weight.w, filters = out.c / p->groups;
    double sum = 0.0;

    for (int r = 0; r < p->kernel; ++r)
        for (int s = 0; s < p->kernel; ++s) {
            int i, j;

            if (!output_of_tap(&i, row, r, out.h, p) || !output_of_tap(&j, column, s, out.w, p))
                continue;
            for (int o = group * filters; o < (group + 1) * filters; ++o)
                sum += (double)w[ref_place(weight, r, s, c % weight.w, o)] *
                       (double)grad_y[ref_place(out, n, i, j, o)];
        }
    return sum;
}

void alx_ref_conv2d_grad_input(float *grad_x, const float *grad_y, const float *w, alx_shape out,
                               alx_shape in, const alx_conv2d_params *p)
{
    for (int n = 0; n < in.n; ++n)
        for (int row = 0; row < in.h; ++row)
            for (int column = 0; column < in.w; ++column)
                for (int c = 0; c < in.c; ++c)
                    grad_x[ref_place(in, n, row, column, c)] = (float)grad_input_at(
                        grad_y, w, out, in, n, row, column, c, p);
}

static double grad_weight_at(const float *x, const float *grad_y, alx_shape out, alx_shape in,
                             int r, int s, int c, int o, const alx_conv2d_params *p)
{
    const int channel = filter_first_channel(o, out, in, p) + c;
    double sum = 0.0;

    for (int n = 0; n < out.n; ++n)
        for (int i = 0; i < out.h; ++i)
            for (int j = 0; j < out.w; ++j) {
                const int row = i * p->stride + r - p->pad, column = j * p->stride + s - p->pad;

                if (shape_has_pixel(in, row, column))
                    sum += (double)x[ref_place(in, n, row, column, channel)] *
                           (double)grad_y[ref_place(out, n, i, j, o)];
            }
    return sum;
}

void alx_ref_conv2d_grad_weight(float *grad_w, const float *x, const float *grad_y, alx_shape out,
                                alx_shape in, const alx_conv2d_params *p)
{
    const alx_shape weight = weight_shape(out, in, p);

    for (int r = 0; r < p->kernel; ++r)
        for (int s = 0; s < p->kernel; ++s)
            for (int c = 0; c < weight.w; ++c)
                for (int o = 0; o < out.c; ++o)
                    grad_w[ref_place(weight, r, s, c, o)] = (float)grad_weight_at(
                        x, grad_y, out, in, r, s, c, o, p);
}

void alx_ref_grad_bias(float *grad_b, const float *grad_y, size_t rows, int channels)
{
    for (int c = 0; c < channels; ++c) {
        double sum = 0.0;

        for (size_t row = 0; row < rows; ++row)
            sum += (double)grad_y[row * (size_t)channels + (size_t)c];
        grad_b[c] = (float)sum;
    }
}
