/* sgd.cl - stochastic gradient descent with momentum and weight decay
 * Layout   parameters (segments.clh): at w, v, g; a chunk is a multiple of VEC
 * Work     a group updates a chunk, a run of vectors per item
 * Launch   a group of WG for each chunk
 * -D       TORCH_FORM: sgd.clh   VEC, WG: vector.clh
 * Traffic  reads 3 and writes 2 floats per element
 * Checked  against src/ref/sgd.c, 1e-6 of the largest value */
#include "vector.clh"
#include "segments.clh"
#include "sgd.clh"

/* `rows` of the table, from row0 on; g is scaled by grad_scale[0], the rate by that of the slot, or
 * by 1 where these are NULL. */
__kernel GROUP void sgd_update(__global float *restrict w, __global float *restrict v,
                               __global const float *restrict g,
                               __global const struct segment *restrict table, const uint row0,
                               const uint rows, __global const float *restrict grad_scale,
                               __global const float *restrict rates,
                               const float lr, const float momentum, const float decay)
{
    uint chunk;
    const struct segment at = segment_of(table + row0, rows, get_group_id(0), &chunk);
    const uint first = chunk * (at.chunk / VEC), total = at.count / VEC + (at.count % VEC != 0);
    const uint end = min(first + at.chunk / VEC, total);
    const float factor = grad_scale != 0 ? grad_scale[0] : 1.0f;
    const float rate = rates != 0 ? lr * rates[at.slot] : lr;

    w += at.at[0];
    v += at.at[1];
    g += at.at[2];
    for (size_t i = first + get_local_id(0); i < end; i += WG) {
        const floatv gradient = factor * load_vector(g, i, at.count);
        floatv weight = load_vector(w, i, at.count), velocity = load_vector(v, i, at.count);

        SGD_STEP(floatv, weight, velocity, gradient, rate, momentum, decay);
        store_vector(velocity, v, i, at.count);
        store_vector(weight, w, i, at.count);
    }
}
