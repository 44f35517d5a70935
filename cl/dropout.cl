/* dropout.cl - drops units by random words that belong to their place in the whole layer
 * Layout   rows of C floats; element e of the layer takes word e % 4 of Philox block e / 4
 * Work     one span: eight blocks, 32 elements; `spans` cover a row wherever its blocks begin
 * Launch   ceil(total / (WG * run)) groups of WG; total = rows * spans
 * -D       WG: vector.clh
 * Traffic  reads 1 and writes 1 float per element
 * Checked  against src/ref/dropout.c: mask bit for bit, values to rounding */
#include "rng.clh"
#include "vector.clh"

#define PURPOSE_DROPOUT 2 /* BASE_RNG_DROPOUT */
#define SPAN 32

/* The words of SPAN elements in their order. */
static inline void span_words(uint16 words[2], const uint seed, const uint step,
                              const ulong first_item)
{
    ulong8 low, high;

    alx_philox8(&low, &high, seed, PURPOSE_DROPOUT, step, first_item);
    words[0] = as_uint16((ulong8)(low.s0, high.s0, low.s1, high.s1, low.s2, high.s2, low.s3,
                                  high.s3));
    words[1] = as_uint16((ulong8)(low.s4, high.s4, low.s5, high.s5, low.s6, high.s6, low.s7,
                                  high.s7));
}

static inline float16 masked(const uint16 words, const uint threshold, const float16 kept)
{
    return (words < (uint16)(threshold)) ? (float16)(0.0f) : kept;
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
        const uint row = unit / spans;
        const ulong first = (ulong)(image0 + row / pixels) * units +
                            row % pixels * (units / pixels) + first_unit;
        const ulong block = first / 4 + unit % spans * (SPAN / 4);
        const int c = (int)((long)(block * 4) - (long)first); /* negative: begins before the row */
        __global const float *in = x + (size_t)row * channels;
        __global float *out = y + (size_t)row * channels;
        uint16 words[2];

        span_words(words, seed, step, (ulong)layer << 40 | block);
        if (c >= 0 && c + SPAN <= channels) {
            vstore16(masked(words[0], threshold, scale * vload16(0, in + c)), 0, out + c);
            vstore16(masked(words[1], threshold, scale * vload16(1, in + c)), 1, out + c);
        } else {
            uint lanes[SPAN];

            vstore16(words[0], 0, lanes);
            vstore16(words[1], 1, lanes);
            for (int lane = max(-c, 0); lane < min(SPAN, channels - c); ++lane)
                out[c + lane] = lanes[lane] < threshold ? 0.0f : scale * in[c + lane];
        }
    }
}
