/* activation.cl - relu, tanh, sigmoid and leaky relu, forward and backward
 * Layout   any; count floats
 * Work     a run of vectors per item
 * Launch   ceil(ceil(count / VEC) / (WG * run)) groups of WG
 * -D       FUNCTION   RELU, TANH, SIGMOID or LEAKY   VEC, WG: vector.clh
 * Traffic  forward reads 1 and writes 1 float per element, backward reads 2 and writes 1
 * Checked  against src/ref/activation.c, rtol 1e-6 */
#include "vector.clh"

#ifndef FUNCTION
#define FUNCTION RELU /* RELU, TANH, SIGMOID or LEAKY */
#endif

#define ZERO ((floatv)(0.0f))
#define ONE ((floatv)(1.0f))

/* f(x); comparisons are written so that a NaN stays one */
#define RELU_VALUE(x) (((x) < ZERO) ? ZERO : (x))
#define TANH_VALUE(x) tanh(x)
#define SIGMOID_VALUE(x) (ONE / (ONE + exp(-(x))))
#define LEAKY_VALUE(x) (((x) > ZERO) ? (x) : slope * (x))

/* g * f'(x), where y = f(x) */
#define RELU_GRADIENT(g, y) (((y) > ZERO) ? (g) : ZERO)
#define TANH_GRADIENT(g, y) ((g) * (ONE - (y) * (y)))
#define SIGMOID_GRADIENT(g, y) ((g) * (y) * (ONE - (y)))
#define LEAKY_GRADIENT(g, y) (((y) > ZERO) ? (g) : slope * (g))

#define PASTE(a, b) a##b
#define PART(function, part) PASTE(function, part)

/* No `restrict` on the first two: y may be x. */
__kernel GROUP void activation_forward(__global float *y, __global const float *x,
                                       const uint count, const float slope, const uint run)
{
    const uint total = count / VEC + (count % VEC != 0);

    for (size_t i = unit_first(run); i < unit_end(run, total); i += WG) {
        const floatv value = load_vector(x, i, count);

        store_vector(PART(FUNCTION, _VALUE)(value), y, i, count);
    }
}

/* No `restrict` on the first two: grad_x may be grad_y. */
__kernel GROUP void activation_backward(__global float *grad_x, __global const float *grad_y,
                                        __global const float *restrict y, const uint count,
                                        const float slope, const uint run)
{
    const uint total = count / VEC + (count % VEC != 0);

    for (size_t i = unit_first(run); i < unit_end(run, total); i += WG) {
        const floatv value = load_vector(y, i, count);
        const floatv gradient = load_vector(grad_y, i, count);

        store_vector(PART(FUNCTION, _GRADIENT)(gradient, value), grad_x, i, count);
    }
}
