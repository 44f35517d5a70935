/* sum_squares.cl - the global norm of the gradients: sums in two stages, factor of clipping
 * Layout   gradients, or their partial sums (segments.clh): at the first of `in`, of `out`
 * Work     one group per chunk. LANES sums run side by side, lane l over elements l, l + LANES,
 *          ..., then they are added in pairs: the order is the same for every WG and VEC
 * Launch   sum_chunks: a group of WG for each chunk; sum_all: one group; clip_scale: one item
 * -D       SQUARE 1: sum of squares   VEC, WG: vector.clh; WG * VEC divides LANES
 * Traffic  reads 1 float per element
 * Checked  against src/ref/sum_squares.c, rtol 1e-6 */
#include "vector.clh"
#include "segments.clh"

#ifndef SQUARE
#define SQUARE 1 /* 1: sums of squares, 0: sums */
#endif

#if WG > 1
#define MEET barrier(CLK_LOCAL_MEM_FENCE)
#else
#define MEET /* PoCL takes a second to compile loops around a barrier */
#endif

#define LANES 256
#define STEPS (LANES / (WG * VEC))

/* *out = the sum over `length` floats. */
static inline void sum_chunk(__global float *out, __global const float *in, const uint length,
                             __local float lanes[LANES])
{
    const size_t item = get_local_id(0);
    const uint whole = length - length % LANES;
    floatv sums[STEPS];

    for (int step = 0; step < STEPS; ++step)
        sums[step] = (floatv)(0.0f);
    for (uint base = 0; base < whole; base += LANES)
        for (int step = 0; step < STEPS; ++step) {
            const floatv value = LOAD(in + base + (step * WG + item) * VEC);

            sums[step] = SQUARE ? fma(value, value, sums[step]) : sums[step] + value;
        }
    for (int step = 0; step < STEPS; ++step)
        STORE(sums[step], lanes + (step * WG + item) * VEC);
    MEET;
    for (uint i = whole + item; i < length; i += WG)
        lanes[i - whole] = SQUARE ? fma(in[i], in[i], lanes[i - whole]) : lanes[i - whole] + in[i];
    for (int width = LANES / 2; width > 0; width /= 2) {
        MEET;
        for (int lane = item; lane < width; lane += WG)
            lanes[lane] += lanes[lane + width];
    }
    if (item == 0)
        *out = lanes[0];
}

/* Of `rows` of the table, from row0 on: a sum for each chunk, those of a segment one after the
 * other. */
__kernel GROUP void sum_chunks(__global float *restrict out, __global const float *restrict in,
                               __global const struct segment *restrict table, const uint row0,
                               const uint rows)
{
    __local float lanes[LANES];
    uint chunk;
    const struct segment at = segment_of(table + row0, rows, get_group_id(0), &chunk);
    const size_t first = (size_t)chunk * at.chunk;

    sum_chunk(out + at.at[1] + chunk, in + at.at[0] + first,
              min((size_t)at.chunk, at.count - first), lanes);
}

/* out[slot] = the sum of all. */
__kernel GROUP void sum_all(__global float *restrict out, __global const float *restrict in,
                            const uint count, const uint slot)
{
    __local float lanes[LANES];

    sum_chunk(out + slot, in, count, lanes);
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
