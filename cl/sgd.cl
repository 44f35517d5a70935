/* sgd.cl - stochastic gradient descent with momentum and weight decay
 * Layout   any; count floats
 * Work     a run of vectors per item
 * Launch   ceil(ceil(count / VEC) / (WG * run)) groups of WG
 * -D       TORCH_FORM: sgd.clh   VEC, WG: vector.clh
 * Traffic  reads 3 and writes 2 floats per element
 * Checked  against src/ref/sgd.c, 1e-6 of the largest value */
#include "vector.clh"
#include "sgd.clh"

/* g is scaled by grad_scale[0], or by 1 where that is NULL. */
__kernel GROUP void sgd_update(__global float *restrict w, __global float *restrict v,
                               __global const float *restrict g,
                               __global const float *restrict grad_scale, const uint count,
                               const float lr, const float momentum, const float decay,
                               const uint run)
{
    const uint total = count / VEC + (count % VEC != 0);
    const float factor = grad_scale != 0 ? grad_scale[0] : 1.0f;

    for (size_t i = unit_first(run); i < unit_end(run, total); i += WG) {
        const floatv gradient = factor * load_vector(g, i, count);
        floatv weight = load_vector(w, i, count), velocity = load_vector(v, i, count);

        SGD_STEP(floatv, weight, velocity, gradient, lr, momentum, decay);
        store_vector(velocity, v, i, count);
        store_vector(weight, w, i, count);
    }
}
