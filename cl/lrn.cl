/* lrn.cl - local response normalisation across channels (paper, section 3.3)
 * Layout   ranges of CHANNELS contiguous floats; no window leaves its range
 * Work     _rows: a run of ranges per item, squares of a range in private memory (CPU devices);
 *          _elements: one element after the other, windows read through the cache (GPUs)
 * Launch   ceil(total / (WG * run)) groups of WG; total = ranges or elements
 * -D       CHANNELS SIZE: norm.clh   BETA_075: power.clh   VEC WG: vector.clh
 * Traffic  forward reads 1 and writes 1 float per element, backward reads 2 and writes 1
 * Checked  against src/ref/lrn.c, rtol 2e-6
 * Between a convolution's ReLU and a max pool, CPU devices run norm_pool.cl instead, unless the
 * outputs between are wanted: src/net/fuse.c */
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

/* s of channel c of the range at x */
static inline float scale_at(__global const float *x, const int c, const float k,
                             const float alpha)
{
    float squares = 0.0f;

    for (int j = c - HALF; j <= c + HALF; ++j)
        squares += j >= 0 && j < CHANNELS ? x[j] * x[j] : 0.0f;
    return k + alpha * squares;
}

__kernel GROUP void lrn_forward_elements(__global float *restrict y,
                                         __global const float *restrict x, const float k,
                                         const float alpha, const float beta, const uint total,
                                         const uint run)
{
    for (size_t i = unit_first(run); i < unit_end(run, total); i += WG) {
        const int c = i % CHANNELS;
        const float s = scale_at(x + (i - c), c, k, alpha);

        y[i] = x[i] * POWER(float, s, beta);
    }
}

__kernel GROUP void lrn_backward_elements(__global float *restrict grad_x,
                                          __global const float *restrict grad_y,
                                          __global const float *restrict x, const float k,
                                          const float alpha, const float beta, const uint total,
                                          const uint run)
{
    for (size_t i = unit_first(run); i < unit_end(run, total); i += WG) {
        const int c = i % CHANNELS;
        __global const float *in = x + (i - c), *gradient = grad_y + (i - c);
        float sum = 0.0f, scaled = 0.0f;

        for (int j = max(c - HALF, 0); j <= min(c + HALF, CHANNELS - 1); ++j) {
            const float s = scale_at(in, j, k, alpha);
            const float value = gradient[j] * POWER(float, s, beta);

            sum += value * in[j] / s;
            scaled = j == c ? value : scaled;
        }
        grad_x[i] = scaled - 2.0f * alpha * beta * in[c] * sum;
    }
}
