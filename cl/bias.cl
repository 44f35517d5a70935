/* bias.cl - y (rows, channels) = b in every row: what CLBlast's products are then added to
 * Layout   rows of blocks * VEC floats
 * Work     a vector of y
 * Launch   ceil(total / (WG * run)) groups of WG; total = rows * blocks
 * -D       VEC (divides the channels), WG: vector.clh
 * Traffic  writes 1 float per element
 * Checked  exact; through the products that follow */
#include "vector.clh"

__kernel GROUP void bias_rows(__global float *restrict y, __global const float *restrict b,
                              const uint blocks, const uint total, const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG)
        STORE(LOAD(b + (uint)unit % blocks * VEC), y + unit * VEC);
}
