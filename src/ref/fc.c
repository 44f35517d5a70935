/* fc.c - twin of the fully connected layer: y = x w^T + b and its gradients. */
#include "alexnet/dev/ref.h"

/* sum over k of a[k * a_step] * b[k * b_step] */
static double dot(const float *a, size_t a_step, const float *b, size_t b_step, int count)
{
    double sum = 0.0;

    for (size_t k = 0; k < (size_t)count; ++k)
        sum += (double)a[k * a_step] * (double)b[k * b_step];
    return sum;
}

void alx_ref_fc_forward(float *y, const float *x, const float *w, const float *b, int batch, int in,
                        int out)
{
    for (size_t n = 0; n < (size_t)batch; ++n)
        for (size_t o = 0; o < (size_t)out; ++o) {
            const double bias = b != NULL ? (double)b[o] : 0.0;

            y[n * (size_t)out + o] = (float)(bias +
                                             dot(x + n * (size_t)in, 1, w + o * (size_t)in, 1, in));
        }
}

void alx_ref_fc_grad_input(float *grad_x, const float *grad_y, const float *w, int batch, int in,
                           int out)
{
    for (size_t n = 0; n < (size_t)batch; ++n)
        for (size_t i = 0; i < (size_t)in; ++i)
            grad_x[n * (size_t)in + i] = (float)dot(grad_y + n * (size_t)out, 1, w + i, (size_t)in,
                                                    out);
}

void alx_ref_fc_grad_weight(float *grad_w, const float *x, const float *grad_y, int batch, int in,
                            int out)
{
    for (size_t o = 0; o < (size_t)out; ++o)
        for (size_t i = 0; i < (size_t)in; ++i)
            grad_w[o * (size_t)in + i] = (float)dot(grad_y + o, (size_t)out, x + i, (size_t)in,
                                                    batch);
}
