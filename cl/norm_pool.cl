/* norm_pool.cl - response normalisation and max-pooling in one pass, and back to before a ReLU
 * Layout   x, grad_x (images, X_H, X_W, C); y, grad_y (images, Y_H, Y_W, C); winner uint8 as y:
 *          place of the maximum in its window, row by row
 * Work     an item takes a run of rows of y (forward) or x (backward), row after row of x; what
 *          the norm makes never leaves the caches
 * Launch   ceil(total / run) groups of 1; total = rows of all images; for CPU devices
 * -D       X_H X_W Y_H Y_W C sizes (C a multiple of 16)   KERNEL STRIDE of the windows
 *          SIZE of the norm's window (odd), 0 = no norm   BETA_075 1: its exponent is 0.75
 *          WINNER 1: forward writes winner
 * Traffic  forward reads 1 float per input and writes 5 bytes per output; backward reads these and
 *          writes 1 float per input
 * Checked  against lrn.cl, maxpool.cl and activation.cl, bit for bit */
#ifndef C
#define X_H 13
#define X_W 13
#define Y_H 6
#define Y_W 6
#define C 32
#define KERNEL 3
#define STRIDE 2
#define SIZE 5
#define BETA_075 1
#define WINNER 1
#endif

#include "power.clh"

#define HALF (SIZE / 2)
#define PADDED (C + 2 * HALF)
/* Pixels that are normalised together: their buffers stay in the first-level cache, and what was
 * stored is read late enough. */
#define PIECE 8
#define EACH_CHANNEL for (int c = 0; c < C; c += 16)

typedef struct {
    float k, alpha, beta;
} norm_params;

POWERS(float16, int16)

static inline float16 window_sum(const float *p)
{
    float16 sum = vload16(0, p);

    for (int j = 1; j < SIZE; ++j)
        sum += vload16(0, p + j);
    return sum;
}

/* Zeros on both sides of the channels of each pixel. */
static inline void clear_margins(float *padded)
{
    for (int i = 0; i < PIECE; ++i, padded += PADDED)
        for (int c = 0; c < HALF; ++c)
            padded[c] = padded[HALF + C + c] = 0.0f;
}

static inline void load_squares(float *squares, __global const float *x, const int pixels)
{
    for (int i = 0; i < pixels; ++i, x += C, squares += PADDED)
        EACH_CHANNEL {
            const float16 value = vload16(0, x + c);

            vstore16(value * value, 0, squares + HALF + c);
        }
}

/* A row of x, normalised. */
static inline void normalise_row(float *line, float *squares, __global const float *x,
                                 const norm_params p)
{
    for (int first = 0; first < X_W; first += PIECE) {
        const int pixels = min(PIECE, X_W - first);

        load_squares(squares, x + first * C, pixels);
        for (int i = 0; i < pixels; ++i)
            EACH_CHANNEL {
                const float16 s = p.k + p.alpha * window_sum(squares + i * PADDED + c);
                const int at = (first + i) * C + c;
                float16 high, higher;

                powers_float16(&high, &higher, s, p.beta);
                vstore16(vload16(0, x + at) * high, 0, line + at);
            }
    }
}

/* Greater, or the first NaN. */
#define WINS(value, best) (((value) > (best)) | (((value) != (value)) & ((best) == (best))))

#if SIZE > 0
#define LINE_SPACE
#else
#define LINE_SPACE __global
#endif

/* Maxima of a row of windows take in row `row` of theirs, which is `line`. */
static inline void pool_row(__global float *y, __global uchar *winner, LINE_SPACE const float *line,
                            const int row)
{
    for (int column = 0; column < Y_W; ++column)
        EACH_CHANNEL {
            const int left = column * STRIDE, at = column * C + c;
            float16 best = row > 0 ? vload16(0, y + at) : (float16)(-INFINITY);
            int16 place = 0;

#if WINNER
            if (row > 0)
                place = convert_int16(vload16(0, winner + at));
#endif
            for (int j = 0; j < min(KERNEL, X_W - left); ++j) {
                const float16 value = vload16(0, line + (left + j) * C + c);
                const int16 wins = WINS(value, best);

                best = wins ? value : best;
                place = wins ? (int16)(row * KERNEL + j) : place;
            }
            vstore16(best, 0, y + at);
#if WINNER
            vstore16(convert_uchar16(place), 0, winner + at);
#endif
        }
}

/* First and last row (or column) of windows that hold row `place` of x. */
static inline int first_window(const int place)
{
    return place < KERNEL ? 0 : (place - KERNEL) / STRIDE + 1;
}

static inline int last_window(const int place, const int windows)
{
    return min(place / STRIDE, windows - 1);
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void norm_pool_forward(__global float *restrict y, __global uchar *restrict winner,
                       __global const float *restrict x, const float k, const float alpha,
                       const float beta, const uint total, const uint run)
{
    const size_t begin = get_global_id(0) * run, end = min(begin + run, (size_t)total);
#if SIZE > 0
    const norm_params p = { k, alpha, beta };
    float squares[PIECE * PADDED], line[X_W * C];

    clear_margins(squares);
#endif
    for (size_t first = begin; first < end;) {
        const size_t image = first / Y_H;
        const int top = first % Y_H, rows = min((size_t)(Y_H - top), end - first);
        const int bottom = min((top + rows - 1) * STRIDE + KERNEL, X_H);

        for (int r = top * STRIDE; r < bottom; ++r) {
            __global const float *in = x + (image * X_H + r) * (X_W * C);

#if SIZE > 0
            normalise_row(line, squares, in, p);
#else
            __global const float *line = in;
#endif
            for (int i = max(top, first_window(r)); i <= min(top + rows - 1, last_window(r, Y_H));
                 ++i) {
                const size_t out = (image * Y_H + i) * (Y_W * C);

                pool_row(y + out, winner + out, line, r - i * STRIDE);
            }
        }
        first += rows;
    }
}

/* Gradient of what was pooled, at channels c ... of pixel (row, column) of x. */
static inline float16 gather(__global const float *grad_y, __global const uchar *winner,
                             const int row, const int column, const int c)
{
    float16 sum = 0.0f;

    for (int i = first_window(row); i <= last_window(row, Y_H); ++i)
        for (int j = first_window(column); j <= last_window(column, Y_W); ++j) {
            const int at = (i * Y_W + j) * C + c;
            const uchar place = (row - i * STRIDE) * KERNEL + column - j * STRIDE;
            const int16 won = convert_int16(vload16(0, winner + at) == (uchar16)place);

            sum += won ? vload16(0, grad_y + at) : (float16)(0.0f);
        }
    return sum;
}

/* Back through the ReLU that left x. */
#define PASSED(gradient, x) ((x) > (float16)(0.0f) ? (gradient) : (float16)(0.0f))

/* Pixels first ... first+pixels-1 of a row of x: grad_y and winner at their image, x and grad_x at
 * the row. terms = gradient * x * s^(-beta-1), whose window sums pull each channel down. */
static inline void backward_piece(__global float *grad_x, __global const float *grad_y,
                                  __global const uchar *winner, __global const float *x,
                                  float *squares, float *terms, float *scaled, const int row,
                                  const int first, const int pixels, const norm_params p)
{
    load_squares(squares, x + first * C, pixels);
    for (int i = 0; i < pixels; ++i)
        EACH_CHANNEL {
            const float16 s = p.k + p.alpha * window_sum(squares + i * PADDED + c);
            const float16 gradient = gather(grad_y, winner, row, first + i, c);
            float16 high, higher;

            powers_float16(&high, &higher, s, p.beta);
            vstore16(gradient * high, 0, scaled + i * C + c);
            vstore16(gradient * vload16(0, x + (first + i) * C + c) * higher, 0,
                     terms + i * PADDED + HALF + c);
        }
    for (int i = 0; i < pixels; ++i)
        EACH_CHANNEL {
            const int at = (first + i) * C + c;
            const float16 value = vload16(0, x + at);
            const float16 pull = 2.0f * p.alpha * p.beta * value;
            const float16 gradient =
                vload16(0, scaled + i * C + c) - pull * window_sum(terms + i * PADDED + c);

            vstore16(PASSED(gradient, value), 0, grad_x + at);
        }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void norm_pool_backward(__global float *restrict grad_x, __global const float *restrict grad_y,
                        __global const uchar *restrict winner, __global const float *restrict x,
                        const float k, const float alpha, const float beta, const uint total,
                        const uint run)
{
    const size_t begin = get_global_id(0) * run, end = min(begin + run, (size_t)total);
#if SIZE > 0
    const norm_params p = { k, alpha, beta };
    float squares[PIECE * PADDED], terms[PIECE * PADDED], scaled[PIECE * C];

    clear_margins(squares);
    clear_margins(terms);
#endif
    for (size_t unit = begin; unit < end; ++unit) {
        const size_t at = unit * (X_W * C), out = unit / X_H * (Y_H * Y_W * C);
        const int row = unit % X_H;

#if SIZE > 0
        for (int first = 0; first < X_W; first += PIECE)
            backward_piece(grad_x + at, grad_y + out, winner + out, x + at, squares, terms, scaled,
                           row, first, min(PIECE, X_W - first), p);
#else
        for (int column = 0; column < X_W; ++column)
            EACH_CHANNEL {
                const size_t to = at + column * C + c;

                vstore16(PASSED(gather(grad_y + out, winner + out, row, column, c),
                                vload16(0, x + to)),
                         0, grad_x + to);
            }
#endif
    }
}
