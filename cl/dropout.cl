/* dropout.cl - drops units by random words that belong to their place in the whole layer
 * Layout   pixels rows of C floats; element e of the layer takes word e % 4 of Philox block e / 4
 * Work     one block of four elements; blocks = ceil(C / 4) + 1 per row, the last one often empty
 * Launch   ceil(total / (WG * run)) groups of WG; total = rows * blocks
 * -D       WG: vector.clh
 * Traffic  reads 1 and writes 1 float per element
 * Checked  against src/ref/dropout.c: mask bit for bit, values rtol 1e-6 */
#include "rng.clh"
#include "vector.clh"

#define PURPOSE_DROPOUT 2 /* ALX_RNG_DROPOUT */

/* A row is pixel q of image n: its first element is (image0 + n) * units + q * units / pixels
 * + first_unit. A unit is dropped if its word is below `threshold`. No `restrict`: y may be x. */
__kernel GROUP void dropout_apply(__global float *y, __global const float *x, const int channels,
                                  const uint pixels, const uint units, const uint first_unit,
                                  const uint image0, const uint seed, const uint step,
                                  const uint layer, const uint threshold, const float scale,
                                  const uint blocks, const uint total, const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const size_t row = unit / blocks;
        const ulong first = (image0 + row / pixels) * (ulong)units +
                            row % pixels * (units / pixels) + first_unit;
        const ulong block = first / 4 + unit % blocks;
        const int c = (int)((long)(block * 4) - (long)first);
        __global const float *in = x + row * channels;
        __global float *out = y + row * channels;

        if (c >= channels)
            continue;
        const uint4 words = alx_philox(seed, PURPOSE_DROPOUT, step, (ulong)layer << 40 | block);
        const uint word[4] = { words.s0, words.s1, words.s2, words.s3 };

        for (int lane = max(-c, 0); lane < min(4, channels - c); ++lane)
            out[c + lane] = word[lane] < threshold ? 0.0f : scale * in[c + lane];
    }
}
