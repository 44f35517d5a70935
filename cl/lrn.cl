/* lrn.cl - local response normalisation across channels (paper, section 3.3)
 * Layout   ranges of CHANNELS contiguous floats; no window leaves its range
 * Work     _rows: a run of ranges per item, squares of a range in private memory (CPU devices);
 *          _vectors: VEC channels, with what their windows' windows hold in registers (GPUs)
 * Launch   ceil(total / (WG * run)) groups of WG; total = ranges or vectors
 * -D       CHANNELS SIZE: norm.clh   BETA_075: power.clh   VEC WG: vector.clh
 * Traffic  forward reads 1 and writes 1 float per element, backward reads 2 and writes 1
 * Checked  against src/ref/lrn.c, rtol 2e-6
 * Between a convolution's ReLU and a max pool, CPU devices run norm_pool.cl instead, unless the
 * outputs between are wanted: src/net/fuse.c */
#include "each.clh"
#include "norm.clh"
#include "vector.clh"

__kernel GROUP void lrn_forward_rows(__global float *restrict y, __global const float *restrict x,
                                     const float k, const float alpha, const float beta,
                                     const uint total, const uint run)
{
    float squares[PADDED];

    clear_margins(squares);
    for (size_t row = unit_first(run); row < unit_end(run, total); row += WG) {
        __global const float *in = x + row * CHANNELS;
        __global float *out = y + row * CHANNELS;

        load_squares(squares, in);
        for (int c = 0; c < CHANNELS; c += VEC) {
            floatv high, higher;

            norm_powers(&high, &higher, squares + c, k, alpha, beta);
            STORE(LOAD(in + c) * high, out + c);
        }
    }
}

/* terms[j] = grad_y[j] x[j] s[j]^(-beta-1), whose window sums the gradient needs */
__kernel GROUP void lrn_backward_rows(__global float *restrict grad_x,
                                      __global const float *restrict grad_y,
                                      __global const float *restrict x, const float k,
                                      const float alpha, const float beta, const uint total,
                                      const uint run)
{
    float squares[PADDED], terms[PADDED], scaled[CHANNELS];

    clear_margins(squares);
    clear_margins(terms);
    for (size_t row = unit_first(run); row < unit_end(run, total); row += WG) {
        __global const float *in = x + row * CHANNELS, *gradient = grad_y + row * CHANNELS;
        __global float *out = grad_x + row * CHANNELS;

        load_squares(squares, in);
        for (int c = 0; c < CHANNELS; c += VEC) {
            floatv high, higher;

            norm_powers(&high, &higher, squares + c, k, alpha, beta);
            STORE(LOAD(gradient + c) * high, scaled + c);
            STORE(LOAD(gradient + c) * LOAD(in + c) * higher, terms + HALF + c);
        }
        for (int c = 0; c < CHANNELS; c += VEC) {
            const floatv pull = 2.0f * alpha * beta * LOAD(in + c);

            STORE(LOAD(scaled + c) - pull * window_sum(terms + c), out + c);
        }
    }
}

/* ---- vectors ------------------------------------------------------------------------------- */

/* An item makes again the terms that its neighbours make, too: that is fewer instructions than to
 * pass them on through local memory. */

/* Vectors on either side of one that hold all within `reach` channels of it, and floats of all. */
#define SIDES(reach) (((reach) + VEC - 1) / VEC)
#define AROUND(reach) (VEC * (1 + 2 * SIDES(reach)))

/* Windows longer than anybody's would unroll to thousands of instructions. */
#if SIZE > 15
#define EACH_NEAR(i, count) for (int i = 0; i < (count); ++i)
#else
#define EACH_NEAR EACH
#endif

/* The vector at channel c of a range and `sides` on either side, 0 outside of the range. */
static inline void load_around(float *around, __global const float *range, const int c,
                               const int sides)
{
    EACH_NEAR(i, 1 + 2 * sides) {
        const int at = c + (i - sides) * VEC;
        const floatv value = at >= 0 && at < CHANNELS ? *(__global const floatv *)(range + at)
                                                      : (floatv)(0.0f);

        STORE(value, around + i * VEC);
    }
}

/* s of the channel whose window begins at x */
static inline float scale_of(const float *x, const float k, const float alpha)
{
    float squares = 0.0f;

    EACH_NEAR(j, SIZE)
        squares += x[j] * x[j];
    return k + alpha * squares;
}

__kernel GROUP void lrn_forward_vectors(__global float *restrict y,
                                        __global const float *restrict x, const float k,
                                        const float alpha, const float beta, const uint total,
                                        const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const int c = (uint)unit % (CHANNELS / VEC) * VEC;
        float in[AROUND(HALF)], out[VEC];

        load_around(in, x + (unit * VEC - c), c, SIDES(HALF));
        EACH(i, VEC) {
            const int at = SIDES(HALF) * VEC + i;

            out[i] = in[at] * POWER(float, scale_of(in + at - HALF, k, alpha), beta);
        }
        STORE(LOAD(out), y + unit * VEC);
    }
}

__kernel GROUP void lrn_backward_vectors(__global float *restrict grad_x,
                                         __global const float *restrict grad_y,
                                         __global const float *restrict x, const float k,
                                         const float alpha, const float beta, const uint total,
                                         const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const int c = (uint)unit % (CHANNELS / VEC) * VEC;
        float in[AROUND(2 * HALF)], gradient[AROUND(HALF)];
        float scaled[VEC + 2 * HALF], terms[VEC + 2 * HALF], out[VEC];

        load_around(in, x + (unit * VEC - c), c, SIDES(2 * HALF));
        load_around(gradient, grad_y + (unit * VEC - c), c, SIDES(HALF));
        EACH_NEAR(i, VEC + 2 * HALF) {
            const int at = SIDES(2 * HALF) * VEC + i - HALF;
            const float2 powers = both_powers(scale_of(in + at - HALF, k, alpha), beta);
            const float above = gradient[SIDES(HALF) * VEC + i - HALF];

            scaled[i] = above * powers.x;
            terms[i] = above * in[at] * powers.y;
        }
        EACH(i, VEC) {
            float sum = 0.0f;

            EACH_NEAR(j, SIZE)
                sum += terms[i + j];
            out[i] = scaled[i + HALF] - 2.0f * alpha * beta * in[SIDES(2 * HALF) * VEC + i] * sum;
        }
        STORE(LOAD(out), grad_x + unit * VEC);
    }
}
