/* grad_bias.cl - gradient of the biases: sums over parts of the rows, which sum_parts.cl adds
 * Layout   grad_y (rows, channels); partial sums (parts, channels)
 * Work     part_rows rows of VECTORS * VEC channels
 * Launch   ceil(total / (WG * run)) groups of WG; total = parts * columns, columns of channels
 * -D       VECTORS * VEC divides the channels; VEC, WG: vector.clh
 * Traffic  reads 1 float per element; sums run over rows, then parts, whatever VECTORS, VEC and WG
 * Checked  against alx_ref_grad_bias, 4*sqrt(rows)*6e-8 of the maximum */
#include "vector.clh"

#ifndef VECTORS
#define VECTORS 2 /* of VEC channels that an item sums */
#endif

__kernel GROUP void grad_bias_partial(__global float *restrict partial,
                                      __global const float *restrict grad_y, const uint rows,
                                      const uint part_rows, const uint columns, const uint total,
                                      const uint run)
{
    const size_t channels = (size_t)columns * (VECTORS * VEC);

    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const uint part = (uint)unit / columns, column = (uint)unit % columns;
        const uint end = min((part + 1) * part_rows, rows);
        floatv sums[VECTORS];

        for (int i = 0; i < VECTORS; ++i)
            sums[i] = (floatv)(0.0f);
        for (uint row = part * part_rows; row < end; ++row) {
            __global const float *from = grad_y + row * channels + column * (VECTORS * VEC);

            for (int i = 0; i < VECTORS; ++i)
                sums[i] += LOAD(from + i * VEC);
        }
        for (int i = 0; i < VECTORS; ++i)
            STORE(sums[i], partial + part * channels + column * (VECTORS * VEC) + i * VEC);
    }
}
