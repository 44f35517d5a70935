/* gradient.c - central differences in double over float32 forward passes. */
#include "support/gradient.h"

#include <stdlib.h>
#include <string.h>

/* sum(grad_y * y(x)) with x[place] replaced by `value`. */
static double loss_at(test_forward forward, const void *context, float *x, size_t place,
                      float value, const float *grad_y, float *y, size_t y_count)
{
    const float kept = x[place];
    double loss = 0.0;

    x[place] = value;
    forward(y, x, context);
    x[place] = kept;
    for (size_t i = 0; i < y_count; ++i)
        loss += (double)grad_y[i] * (double)y[i];
    return loss;
}

void test_assert_gradient(const char *what, const float *grad_x, test_forward forward,
                          const void *context, const float *x, size_t x_count, const float *grad_y,
                          size_t y_count, float step, double limit)
{
    float *moved = test_alloc(x_count * sizeof *moved), *y = test_alloc(y_count * sizeof *y);
    float *measured = test_alloc(x_count * sizeof *measured);

    memcpy(moved, x, x_count * sizeof *moved);
    for (size_t i = 0; i < x_count; ++i) {
        const float high = x[i] + step, low = x[i] - step;
        const double difference = loss_at(forward, context, moved, i, high, grad_y, y, y_count) -
                                  loss_at(forward, context, moved, i, low, grad_y, y, y_count);

        measured[i] = (float)(difference / ((double)high - (double)low));
    }
    test_assert_rel_max(what, grad_x, measured, x_count, limit);
    free(measured);
    free(y);
    free(moved);
}
