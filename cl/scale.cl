/* scale.cl - multiplies by a constant
 * Layout   any; count floats
 * Work     a run of vectors per item
 * Launch   ceil(ceil(count / VEC) / (WG * run)) groups of WG
 * -D       VEC, WG: vector.clh
 * Traffic  reads 1 and writes 1 float per element
 * Checked  against src/ref/scale.c, exact to rounding */
#include "vector.clh"

/* No `restrict`: y may be x. */
__kernel GROUP void scale(__global float *y, __global const float *x, const uint count,
                          const float factor, const uint run)
{
    const uint total = count / VEC + (count % VEC != 0);

    for (size_t i = unit_first(run); i < unit_end(run, total); i += WG)
        store_vector(factor * load_vector(x, i, count), y, i, count);
}
