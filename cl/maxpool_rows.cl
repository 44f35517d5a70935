/* maxpool_rows.cl - max-pooling on CPU devices, row by row, and back to before a ReLU: what
 * norm_pool.cl does where there is no normalisation
 * Layout   as in pool_rows.clh
 * Work     an item takes a run of rows of y (forward) or of x (backward)
 * Launch   ceil(total / run) groups of 1; total = rows of all images
 * -D       X_H X_W Y_H Y_W CHANNELS (a multiple of 16): pool_rows.clh
 *          KERNEL STRIDE: pool.clh
 * Traffic  forward reads 1 float per input and writes 5 bytes per output; backward reads these and
 *          writes 1 float per input
 * Checked  against maxpool.cl and activation.cl, bit for bit */
#define VEC 16
#define WG 1
#include "pool_rows.clh"
#include "vector.clh"

__kernel GROUP void maxpool_rows_forward(__global float *restrict y,
                                         __global uchar *restrict winner,
                                         __global const float *restrict x, const uint total,
                                         const uint run)
{
    const size_t end = unit_end(run, total);

    for (size_t first = unit_first(run); first < end;) {
        const pool_band band = band_of(first, end);

        for (int row = band.top * STRIDE; row < band.bottom; ++row)
            pool_line(y, winner, x + (band.image * X_H + row) * (X_W * CHANNELS), band, row);
        first += band.end - band.top;
    }
}

__kernel GROUP void maxpool_rows_backward(__global float *restrict grad_x,
                                          __global const float *restrict grad_y,
                                          __global const uchar *restrict winner,
                                          __global const float *restrict x, const uint total,
                                          const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); ++unit) {
        const size_t image = unit / X_H * (Y_H * Y_W * CHANNELS);
        const int row = unit % X_H;

        for (int column = 0; column < X_W; ++column)
            for (int c = 0; c < CHANNELS; c += VEC) {
                const size_t at = (unit * X_W + column) * CHANNELS + c;
                const floatv gradient = gather(grad_y + image, winner + image, row, column, c);

                STORE(passed(gradient, LOAD(x + at)), grad_x + at);
            }
    }
}
