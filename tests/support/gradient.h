/* gradient.h - backward passes of the twins against finite differences of their forward passes. */
#ifndef TEST_GRADIENT_H
#define TEST_GRADIENT_H

#include "support/test.h"

/** y as a function of x; `context` holds shapes and parameters. */
typedef void (*test_forward)(float *y, const float *x, const void *context);

/**
 * Fails unless grad_x is the gradient of sum(grad_y * y(x)), measured by central differences of
 * width 2 * step, to `limit` of its largest value. Kinks are the caller's to avoid: no x may lie
 * within `step` of one.
 */
void test_assert_gradient(const char *what, const float *grad_x, test_forward forward,
                          const void *context, const float *x, size_t x_count, const float *grad_y,
                          size_t y_count, float step, double limit);

#endif
