/* spatial_norm.cl - response normalisation over SIZE x SIZE pixels of one map (2012's second norm)
 * Layout   NHWC float32; blocks = C / VEC vectors per pixel
 * Work     a column of one image and VEC channels, from top to bottom; the sums of the last SIZE
 *          rows of the window stay in registers
 * Launch   ceil(total / (WG * run)) groups of WG; total = N * W * blocks columns
 * -D       SIZE of the window (odd)   BETA_075: power.clh   VEC (divides C), WG: vector.clh
 * Traffic  forward reads SIZE and writes 1 float per element; backward reads 2 * SIZE * SIZE from
 *          the cache
 * Checked  against src/ref/spatial_norm.c, rtol 2e-6 */
#include "power.clh"
#include "vector.clh"

#ifndef SIZE
#define SIZE 5 /* side of the window; odd */
#endif
#define HALF (SIZE / 2)

/* A column of a map: where its top pixel lies in the tensor, and how far its neighbours are. */
typedef struct {
    size_t top;
    size_t pixel, row; /* floats from one pixel, one row to the next */
    int column, height, width;
} column_place;

static inline column_place column_of(const uint unit, const int height, const int width,
                                     const uint blocks)
{
    const uint line = unit / blocks;
    const size_t image = line / width, channels = (size_t)blocks * VEC;
    column_place at;

    at.pixel = channels;
    at.row = channels * width;
    at.column = line % width;
    at.height = height;
    at.width = width;
    at.top = image * height * at.row + at.column * channels + unit % blocks * VEC;
    return at;
}

/* Sum of squares of row `row` over the columns of the window around `column`; 0 outside. */
static inline floatv row_squares(__global const float *x, const column_place at, const int row,
                                 const int column)
{
    floatv sum = (floatv)(0.0f);

    if (row < 0 || row >= at.height)
        return sum;
    for (int j = max(column - HALF, 0); j <= min(column + HALF, at.width - 1); ++j) {
        const floatv value = LOAD(x + at.top + row * at.row + (j - at.column) * (long)at.pixel);

        sum += value * value;
    }
    return sum;
}

/* Moves the window's row sums up by one and returns the sum of all. */
static inline floatv slide(floatv rows[SIZE], const floatv entering)
{
    floatv sum = (floatv)(0.0f);

    for (int i = 0; i + 1 < SIZE; ++i) {
        rows[i] = rows[i + 1];
        sum += rows[i];
    }
    rows[SIZE - 1] = entering;
    return sum + entering;
}

__kernel GROUP void spatial_norm_forward(__global float *restrict y,
                                         __global const float *restrict x, const float k,
                                         const float alpha, const float beta, const int height,
                                         const int width, const uint blocks, const uint total,
                                         const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const column_place at = column_of(unit, height, width, blocks);
        floatv rows[SIZE];

        for (int i = 0; i < SIZE; ++i)
            rows[i] = (floatv)(0.0f);
        for (int entering = 0; entering < height + HALF; ++entering) {
            const floatv s = k + alpha * slide(rows, row_squares(x, at, entering, at.column));
            const int row = entering - HALF;

            if (row >= 0) {
                const size_t place = at.top + row * at.row;

                STORE(LOAD(x + place) * POWER(floatv, s, beta), y + place);
            }
        }
    }
}

/* grad_y x s^(-beta-1) summed over one row of the window around `at`; s of each column j of it is
 * from the sums in squares[j]. `*scaled` becomes grad_y s^-beta of the middle column. */
static inline floatv row_terms(floatv *scaled, floatv squares[SIZE][SIZE],
                               __global const float *grad_y, __global const float *x,
                               const column_place at, const int row, const float k,
                               const float alpha, const float beta)
{
    floatv sum = (floatv)(0.0f);

    for (int j = 0; j < SIZE; ++j) {
        const int column = at.column - HALF + j;
        const floatv entering = row_squares(x, at, row + HALF, column);
        const floatv s = k + alpha * slide(squares[j], entering);

        if (row >= 0 && row < at.height && column >= 0 && column < at.width) {
            const size_t place = at.top + row * at.row + (j - HALF) * (long)at.pixel;
            const floatv value = LOAD(grad_y + place) * POWER(floatv, s, beta);

            sum += value * LOAD(x + place) / s;
            if (j == HALF)
                *scaled = value;
        }
    }
    return sum;
}

__kernel GROUP void spatial_norm_backward(__global float *restrict grad_x,
                                          __global const float *restrict grad_y,
                                          __global const float *restrict x, const float k,
                                          const float alpha, const float beta, const int height,
                                          const int width, const uint blocks, const uint total,
                                          const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const column_place at = column_of(unit, height, width, blocks);
        floatv squares[SIZE][SIZE], terms[SIZE], scaled[HALF + 1];

        for (int i = 0; i < SIZE; ++i) {
            terms[i] = (floatv)(0.0f);
            for (int j = 0; j < SIZE; ++j)
                squares[i][j] = (floatv)(0.0f);
        }
        for (int row = -HALF; row < height + HALF; ++row) {
            for (int i = 0; i < HALF; ++i)
                scaled[i] = scaled[i + 1];
            const floatv entering =
                row_terms(&scaled[HALF], squares, grad_y, x, at, row, k, alpha, beta);
            const floatv sum = slide(terms, entering);

            if (row >= HALF) {
                const size_t place = at.top + (row - HALF) * at.row;

                STORE(scaled[0] - 2.0f * alpha * beta * LOAD(x + place) * sum, grad_x + place);
            }
        }
    }
}
