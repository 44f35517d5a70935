/* norm_pool.cl - response normalisation and max-pooling in one pass, and back to before a ReLU
 * Layout   x, grad_x, y, grad_y, winner as in pool_rows.clh
 * Work     an item takes a run of rows of y (forward) or of x (backward); what the norm makes never
 *          leaves the caches
 * Launch   ceil(total / run) groups of 1; total = rows of all images; for CPU devices
 * -D       X_H X_W Y_H Y_W CHANNELS (a multiple of 16): pool_rows.clh   KERNEL STRIDE:
 *          pool.clh   SIZE: norm.clh   BETA_075: power.clh
 * Traffic  forward reads 1 float per input and writes 5 bytes per output; backward reads these and
 *          writes 1 float per input
 * Checked  against lrn.cl, maxpool.cl and activation.cl, bit for bit
 * Runs in their place where src/net/fuse.c finds ReLU, norm and pool in a row (without
 * norm: maxpool_rows.cl); `alexnet check` and dump --stages run them one by one. */
#define VEC 16
#define WG 1
#define LINE_SPACE __private
#include "norm.clh"
#include "pool_rows.clh"
#include "vector.clh"

/* Pixels that are normalised together: their buffers stay in the first-level cache, and what was
 * stored is read late enough. */
#define PIECE 8

typedef struct {
    float k, alpha, beta;
} norm_params;

static inline void clear_piece(float *padded)
{
    for (int i = 0; i < PIECE; ++i)
        clear_margins(padded + i * PADDED);
}

static inline void load_piece(float *squares, __global const float *x, const int pixels)
{
    for (int i = 0; i < pixels; ++i)
        load_squares(squares + i * PADDED, x + i * CHANNELS);
}

/* A row of x, normalised. */
static inline void normalise_row(float *line, float *squares, __global const float *x,
                                 const norm_params p)
{
    for (int first = 0; first < X_W; first += PIECE) {
        const int pixels = min(PIECE, X_W - first);

        load_piece(squares, x + first * CHANNELS, pixels);
        for (int i = 0; i < pixels; ++i)
            for (int c = 0; c < CHANNELS; c += VEC) {
                const int at = (first + i) * CHANNELS + c;
                floatv high, higher;

                norm_powers(&high, &higher, squares + i * PADDED + c, p.k, p.alpha, p.beta);
                STORE(LOAD(x + at) * high, line + at);
            }
    }
}

__kernel GROUP void norm_pool_forward(__global float *restrict y, __global uchar *restrict winner,
                                      __global const float *restrict x, const uint total,
                                      const uint run, const float k, const float alpha,
                                      const float beta)
{
    const size_t end = unit_end(run, total);
    const norm_params p = { k, alpha, beta };
    float squares[PIECE * PADDED], line[X_W * CHANNELS];

    clear_piece(squares);
    for (size_t first = unit_first(run); first < end;) {
        const pool_band band = band_of(first, end);

        for (int row = band.top * STRIDE; row < band.bottom; ++row) {
            normalise_row(line, squares, x + (band.image * X_H + row) * (X_W * CHANNELS), p);
            pool_line(y, winner, line, band, row);
        }
        first += band.end - band.top;
    }
}

/* Pixels first ... first+pixels-1 of row `row` of x: grad_y and winner at their image, x and grad_x
 * at the row. terms = gradient * x * s^(-beta-1), whose window sums pull each channel down. */
static inline void backward_piece(__global float *grad_x, __global const float *grad_y,
                                  __global const uchar *winner, __global const float *x,
                                  float *squares, float *terms, float *scaled, const int row,
                                  const int first, const int pixels, const norm_params p)
{
    load_piece(squares, x + first * CHANNELS, pixels);
    for (int i = 0; i < pixels; ++i)
        for (int c = 0; c < CHANNELS; c += VEC) {
            const floatv gradient = gather(grad_y, winner, row, first + i, c);
            floatv high, higher;

            norm_powers(&high, &higher, squares + i * PADDED + c, p.k, p.alpha, p.beta);
            STORE(gradient * high, scaled + i * CHANNELS + c);
            STORE(gradient * LOAD(x + (first + i) * CHANNELS + c) * higher,
                  terms + i * PADDED + HALF + c);
        }
    for (int i = 0; i < pixels; ++i)
        for (int c = 0; c < CHANNELS; c += VEC) {
            const int at = (first + i) * CHANNELS + c;
            const floatv value = LOAD(x + at), pull = 2.0f * p.alpha * p.beta * value;
            const floatv gradient =
                LOAD(scaled + i * CHANNELS + c) - pull * window_sum(terms + i * PADDED + c);

            STORE(passed(gradient, value), grad_x + at);
        }
}

__kernel GROUP void norm_pool_backward(__global float *restrict grad_x,
                                       __global const float *restrict grad_y,
                                       __global const uchar *restrict winner,
                                       __global const float *restrict x, const uint total,
                                       const uint run, const float k, const float alpha,
                                       const float beta)
{
    const norm_params p = { k, alpha, beta };
    float squares[PIECE * PADDED], terms[PIECE * PADDED], scaled[PIECE * CHANNELS];

    clear_piece(squares);
    clear_piece(terms);
    for (size_t unit = unit_first(run); unit < unit_end(run, total); ++unit) {
        const size_t at = unit * (X_W * CHANNELS), image = unit / X_H * (Y_H * Y_W * CHANNELS);

        for (int first = 0; first < X_W; first += PIECE)
            backward_piece(grad_x + at, grad_y + image, winner + image, x + at, squares, terms,
                           scaled, unit % X_H, first, min(PIECE, X_W - first), p);
    }
}
