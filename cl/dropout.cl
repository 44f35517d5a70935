/* dropout.cl - drops units by random words that belong to their place in the whole layer
 * Layout   rows of C floats; element e of the layer takes word e % 4 of Philox block e / 4
 * Work     one span of a row; `spans` cover it wherever its blocks begin
 * Launch   ceil(total / (WG * run)) groups of WG; total = rows * spans
 * -D       VEC (4 or 16), WG: vector.clh
 * Traffic  reads 1 and writes 1 float per element
 * Checked  against src/ref/dropout.c: mask bit for bit, values to rounding */
#include "each.clh"
#include "rng.clh"
#include "vector.clh"

#define PURPOSE_DROPOUT 2 /* BASE_RNG_DROPOUT */

/* A span: of VEC 16 eight blocks, whose words are made in lanes of 64 bits; else one. */
#if VEC == 16
#define SPAN 32
typedef uint16 uintv;
#else
#define SPAN 4
typedef uint4 uintv;
#endif
#define VECTORS (SPAN / VEC)

/* The words of a span in their order. */
static inline void span_words(uintv words[VECTORS], const uint seed, const uint step,
                              const ulong first_block)
{
#if VEC == 16
    ulong8 low, high;

    alx_philox8(&low, &high, seed, PURPOSE_DROPOUT, step, first_block);
    words[0] = as_uint16((ulong8)(low.s0, high.s0, low.s1, high.s1, low.s2, high.s2, low.s3,
                                  high.s3));
    words[1] = as_uint16((ulong8)(low.s4, high.s4, low.s5, high.s5, low.s6, high.s6, low.s7,
                                  high.s7));
#else
    words[0] = alx_philox(seed, PURPOSE_DROPOUT, step, first_block);
#endif
}

static inline floatv masked(const uintv words, const uint threshold, const floatv kept)
{
    return (words < (uintv)(threshold)) ? (floatv)(0.0f) : kept;
}

/* A row is pixel q of image n: its first element is (image0 + n) * units + q * units / pixels
 * + first_unit. A unit is dropped if its word is below `threshold`. No `restrict`: y may be x. */
__kernel GROUP void dropout_apply(__global float *y, __global const float *x, const int channels,
                                  const uint pixels, const uint units, const uint first_unit,
                                  const uint image0, const uint seed, const uint step,
                                  const uint layer, const uint threshold, const float scale,
                                  const uint spans, const uint total, const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const uint row = (uint)unit / spans;
        const ulong first = (ulong)(image0 + row / pixels) * units +
                            row % pixels * (units / pixels) + first_unit;
        const ulong block = first / 4 + (uint)unit % spans * (SPAN / 4);
        const int c = (int)((long)(block * 4) - (long)first); /* negative: begins before the row */
        __global const float *in = x + (size_t)row * channels;
        __global float *out = y + (size_t)row * channels;
        uintv words[VECTORS];

        span_words(words, seed, step, (ulong)layer << 40 | block);
        if (c >= 0 && c + SPAN <= channels) {
            EACH(i, VECTORS)
                STORE(masked(words[i], threshold, scale * LOAD(in + c + i * VEC)),
                      out + c + i * VEC);
        } else {
            uint lanes[SPAN];

            EACH(i, VECTORS)
                STORE(words[i], lanes + i * VEC);
            EACH(lane, SPAN)
                if (c + lane >= 0 && c + lane < channels)
                    out[c + lane] = lanes[lane] < threshold ? 0.0f : scale * in[c + lane];
        }
    }
}
