/* grad_bias.cl - gradient of the biases: sums over parts of the rows, which sum_parts.cl adds, or
 * where there are few of them the group that made them
 * Layout   grad_y (rows, channels); partial sums (parts, channels)
 * Work     part_rows rows of VECTORS * VEC channels
 * Launch   ceil(total / (WG * run)) groups of WG; total = parts * columns, columns of channels;
 *          grad_bias_few, VECTORS 1: ceil(columns / (WG / MOST_PARTS)) groups of WG
 * -D       VECTORS * VEC divides the channels; MOST_PARTS divides WG; VEC, WG: vector.clh
 * Traffic  reads 1 float per element; sums run over rows, then parts, whatever VECTORS, VEC and WG
 * Checked  against alx_ref_grad_bias, 4*sqrt(rows)*6e-8 of the maximum */
#include "vector.clh"

#ifndef VECTORS
#define VECTORS 2 /* of VEC channels that an item sums */
#endif
#ifndef MOST_PARTS
#define MOST_PARTS 16 /* that grad_bias_few adds up */
#endif

/* The sums of a part of the rows over a column of channels. */
static inline void sum_part(floatv sums[VECTORS], __global const float *grad_y, const uint part,
                            const uint part_rows, const uint rows, const uint column,
                            const size_t channels)
{
    const uint end = min((part + 1) * part_rows, rows);

    for (int i = 0; i < VECTORS; ++i)
        sums[i] = (floatv)(0.0f);
    for (uint row = part * part_rows; row < end; ++row) {
        __global const float *from = grad_y + row * channels + column * (VECTORS * VEC);

        for (int i = 0; i < VECTORS; ++i)
            sums[i] += LOAD(from + i * VEC);
    }
}

__kernel GROUP void grad_bias_partial(__global float *restrict partial,
                                      __global const float *restrict grad_y, const uint rows,
                                      const uint part_rows, const uint columns, const uint total,
                                      const uint run)
{
    const size_t channels = (size_t)columns * (VECTORS * VEC);

    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const uint part = (uint)unit / columns, column = (uint)unit % columns;
        floatv sums[VECTORS];

        sum_part(sums, grad_y, part, part_rows, rows, column, channels);
        for (int i = 0; i < VECTORS; ++i)
            STORE(sums[i], partial + part * channels + column * (VECTORS * VEC) + i * VEC);
    }
}

/* Of at most MOST_PARTS parts, all at once; + grad_b with `accumulate`. */
#if VECTORS == 1 && WG >= MOST_PARTS
__kernel GROUP void grad_bias_few(__global float *restrict grad_b,
                                  __global const float *restrict grad_y, const uint rows,
                                  const uint part_rows, const uint parts, const uint columns,
                                  const int accumulate)
{
    __local floatv local_sums[MOST_PARTS][WG / MOST_PARTS];
    const uint at = get_local_id(0) % (WG / MOST_PARTS), part = get_local_id(0) / (WG / MOST_PARTS);
    const uint column = get_group_id(0) * (WG / MOST_PARTS) + at;
    floatv sum[1];

    if (part < parts && column < columns) {
        sum_part(sum, grad_y, part, part_rows, rows, column, (size_t)columns * VEC);
        local_sums[part][at] = sum[0];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (part > 0 || column >= columns)
        return; /* no barrier follows */
    sum[0] = accumulate ? LOAD(grad_b + column * VEC) : (floatv)(0.0f);
    for (uint i = 0; i < parts; ++i)
        sum[0] += local_sums[i][at];
    STORE(sum[0], grad_b + column * VEC);
}
#endif
