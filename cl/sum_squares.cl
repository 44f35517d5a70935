/* sum_squares.cl - the global norm of the gradients: sums in two stages, factor of clipping
 * Layout   any; count floats, chunks of `chunk` floats
 * Work     one group per chunk. LANES sums run side by side, lane l over elements l, l + LANES,
 *          ..., then one item adds them in pairs: the order is the same for every WG and VEC
 * Launch   sum_chunks: ceil(count / chunk) groups of WG; clip_scale: one item
 * -D       SQUARE 1: sum of squares   VEC, WG: vector.clh; WG * VEC divides LANES
 * Traffic  reads 1 float per element
 * Checked  against src/ref/sum_squares.c, rtol 1e-6 */
#include "vector.clh"

#ifndef SQUARE
#define SQUARE 1 /* 1: sums of squares, 0: sums */
#endif

#define LANES 256
#define STEPS (LANES / (WG * VEC))

/* out[first + chunk] = sum over the chunk. */
__kernel GROUP void sum_chunks(__global float *restrict out, __global const float *restrict in,
                               const uint count, const uint chunk, const uint first)
{
    __local float lanes[LANES];
    const size_t group = get_group_id(0), item = get_local_id(0);
    const uint length = min((size_t)chunk, count - group * chunk);
    floatv sums[STEPS];

    in += group * chunk;
    for (int step = 0; step < STEPS; ++step)
        sums[step] = (floatv)(0.0f);
    for (uint base = 0; base < length; base += LANES)
        for (int step = 0; step < STEPS; ++step) {
            const floatv value = load_vector(in, base / VEC + step * WG + item, length);

            sums[step] = SQUARE ? fma(value, value, sums[step]) : sums[step] + value;
        }
    for (int step = 0; step < STEPS; ++step)
        STORE(sums[step], lanes + (step * WG + item) * VEC);
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item == 0) {
        for (int width = LANES / 2; width > 0; width /= 2)
            for (int lane = 0; lane < width; ++lane)
                lanes[lane] += lanes[lane + width];
        out[first + group] = lanes[0];
    }
}

/* out = { min(1, max_norm / (norm + 1e-6)), norm }; max_norm 0: no clipping. A NaN stays one. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void clip_scale(__global float *restrict out, __global const float *restrict sums, const uint count,
                const float max_norm)
{
    float sum = 0.0f;

    for (uint i = 0; i < count; ++i)
        sum += sums[i];
    const float norm = sqrt(sum), scale = max_norm / (norm + 1e-6f);

    out[0] = max_norm == 0.0f || scale > 1.0f ? 1.0f : scale;
    out[1] = norm;
}
