/* sum_parts.cl - the last stage of sums that were made in parts side by side
 * Layout   parts [count] of (rows, channels); out (rows, channels)
 * Work     a vector of out: the parts in ascending order
 * Launch   as in vector.clh; total = rows * blocks, blocks of VEC in the channels
 * -D       RELU   VEC (divides the channels), WG: vector.clh
 * Traffic  reads 1 float per element of the parts, memory bound
 * Checked  through the sums that it ends */
#include "vector.clh"

#ifndef RELU
#define RELU 0 /* 1: negative sums become 0 */
#endif

/* out = sum of the parts (+ out with `accumulate`) (+ bias in every row where there is one). */
__kernel GROUP void sum_parts(__global float *restrict out, __global const float *restrict parts,
                              __global const float *restrict bias, const uint count,
                              const uint blocks, const int accumulate, const uint total,
                              const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        floatv sum = (floatv)(0.0f);

        if (accumulate)
            sum = LOAD(out + unit * VEC);
        for (uint part = 0; part < count; ++part)
            sum += LOAD(parts + ((size_t)part * total + unit) * VEC);
        if (bias != 0)
            sum += LOAD(bias + (uint)unit % blocks * VEC);
#if RELU
        sum = sum < 0.0f ? (floatv)(0.0f) : sum;
#endif
        STORE(sum, out + unit * VEC);
    }
}
