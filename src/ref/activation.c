/* activation.c - twin of the activations, value by value. */
#include "alexnet/dev/ref.h"

#include <math.h>

static double activation_value(double x, alx_activation f, double slope)
{
    switch (f) {
    case ALX_ACT_RELU:
        return x < 0.0 ? 0.0 : x; /* a NaN stays one */
    case ALX_ACT_TANH:
        return tanh(x);
    case ALX_ACT_SIGMOID:
        return 1.0 / (1.0 + exp(-x));
    case ALX_ACT_LEAKY:
        return x > 0.0 ? x : slope * x;
    case ALX_ACT_NONE:
        break;
    }
    return x;
}

static double activation_gradient(double g, double y, alx_activation f, double slope)
{
    switch (f) {
    case ALX_ACT_RELU:
        return y > 0.0 ? g : 0.0;
    case ALX_ACT_TANH:
        return g * (1.0 - y * y);
    case ALX_ACT_SIGMOID:
        return g * y * (1.0 - y);
    case ALX_ACT_LEAKY:
        return y > 0.0 ? g : slope * g;
    case ALX_ACT_NONE:
        break;
    }
    return g;
}

void alx_ref_activation_forward(float *y, const float *x, size_t count, alx_activation f,
                                float slope)
{
    for (size_t i = 0; i < count; ++i)
        y[i] = (float)activation_value((double)x[i], f, (double)slope);
}

void alx_ref_activation_backward(float *grad_x, const float *grad_y, const float *y, size_t count,
                                 alx_activation f, float slope)
{
    for (size_t i = 0; i < count; ++i)
        grad_x[i] = (float)activation_gradient((double)grad_y[i], (double)y[i], f, (double)slope);
}
