/* maxpool.cl - maximum over KERNEL x KERNEL windows, and the gather that is its gradient
 * Layout   NHWC float32, indices int32; blocks = C / VEC vectors per pixel
 * Work     forward VEC channels of an output pixel, backward VEC channels of an input pixel
 * Launch   ceil(total / (WG * run)) groups of WG; total = N * H * W * blocks of the written tensor
 * -D       INDEX   ALL_TIES   KERNEL STRIDE: pool.clh   VEC (divides C) WG: vector.clh
 * Traffic  forward reads each input about once and writes 2 words per output; backward reads 2
 *          words per window and pixel from the cache and writes 1 float per input
 * Checked  against src/ref/maxpool.c: forward bit for bit, backward too (same order of sums)
 * CPU devices run maxpool_rows.cl or norm_pool.cl instead where these fit. */
#include "pool.clh"
#include "vector.clh"

#ifndef INDEX
#define INDEX 1 /* 1: forward writes indices */
#endif
#ifndef ALL_TIES
#define ALL_TIES 0 /* 1: every tied maximum takes the whole gradient (2012) */
#endif

/* The pixel and first channel of a unit of a tensor of `height` x `width` pixels. */
typedef struct {
    size_t image;
    int row, column, channel;
} pool_place;

static inline pool_place place_of(const uint unit, const int height, const int width,
                                  const uint blocks)
{
    const uint pixel = unit / blocks, line = pixel / width;
    pool_place at;

    at.channel = unit % blocks * VEC;
    at.column = pixel % width;
    at.row = line % height;
    at.image = line / height;
    return at;
}

__kernel GROUP void maxpool_forward(__global float *restrict y, __global int *restrict index,
                                    __global const float *restrict x, const int height,
                                    const int width, const int out_height, const int out_width,
                                    const uint blocks, const uint total, const uint run)
{
    const size_t channels = (size_t)blocks * VEC;

    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const pool_place at = place_of(unit, out_height, out_width, blocks);
        const int top = at.row * STRIDE, left = at.column * STRIDE;
        __global const float *image = x + at.image * height * width * channels + at.channel;
        floatv best = (floatv)(-INFINITY);
        intv winner = (intv)(top * width + left);

        for (int i = top; i < min(top + KERNEL, height); ++i)
            for (int j = left; j < min(left + KERNEL, width); ++j) {
                const int pixel = i * width + j;
                const floatv value = LOAD(image + pixel * channels);
                const intv won = wins(value, best);

                best = won ? value : best;
                winner = won ? (intv)(pixel) : winner;
            }
        STORE(best, y + unit * VEC);
#if INDEX
        STORE(winner, index + unit * VEC);
#endif
    }
}

/* Whether this pixel, of value `value`, is a maximum of the window of output `from`. */
#if ALL_TIES
#define WON(from) (LOAD(y + (from)) == value)
#else
#define WON(from) (LOAD(index + (from)) == here)
#endif

/* grad_x = sum of grad_y over the windows that this pixel won; reads index, or else x and y */
__kernel GROUP void maxpool_backward(__global float *restrict grad_x,
                                     __global const float *restrict grad_y,
                                     __global const int *restrict index,
                                     __global const float *restrict x,
                                     __global const float *restrict y, const int height,
                                     const int width, const int out_height, const int out_width,
                                     const uint blocks, const uint total, const uint run)
{
    const size_t channels = (size_t)blocks * VEC;

    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const pool_place at = place_of(unit, height, width, blocks);
        const size_t image = at.image * out_height * out_width;
        floatv sum = (floatv)(0.0f);
#if ALL_TIES
        const floatv value = LOAD(x + unit * VEC);
#else
        const intv here = (intv)(at.row * width + at.column);
#endif

        for (int i = first_window(at.row); i <= last_window(at.row, out_height); ++i)
            for (int j = first_window(at.column); j <= last_window(at.column, out_width); ++j) {
                const size_t from = (image + i * out_width + j) * channels + at.channel;

                sum += WON(from) ? LOAD(grad_y + from) : (floatv)(0.0f);
            }
        STORE(sum, grad_x + unit * VEC);
    }
}
