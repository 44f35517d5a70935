/* im2col.cl - convolution as a matrix product: the matrix of windows, and back
 * Layout   x (images, X_H, X_W, GROUPS*C); columns (images*Y_H*Y_W, GROUPS, R, R, C)
 * Work     a unit is a vector of VEC channels of columns (im2col) or of x (col2im, which gathers
 *          from the up to ceil(R/STRIDE)^2 windows that hold the pixel, in order of r, s)
 * Launch   as in vector.clh
 * -D       X_H X_W C Y_H Y_W GROUPS R STRIDE PAD: conv2d_sizes.clh   VEC (divides C) WG: vector.clh
 * Traffic  im2col reads and writes 1 float per element of columns, memory bound
 * Checked  against src/ref/conv2d.c through the passes */
#include "conv2d_sizes.clh"
#include "vector.clh"

#define BLOCKS (C / VEC)

/* Columns of the windows of images from image0 on. */
__kernel GROUP void im2col(__global float *restrict columns, __global const float *restrict x,
                           const int image0, const uint total, const uint run)
{
    const size_t end = unit_end(run, total);

    x += (size_t)image0 * (X_H * X_W * GROUPS * C);
    for (size_t unit = unit_first(run); unit < end; unit += WG) {
        const uint s = (uint)unit / BLOCKS % R, r = (uint)unit / (BLOCKS * R) % R;
        const uint group = (uint)unit / (BLOCKS * R * R) % GROUPS;
        const uint window = (uint)unit / (BLOCKS * R * R * GROUPS);
        const int row = window / Y_W % Y_H * STRIDE + r - PAD;
        const int column = window % Y_W * STRIDE + s - PAD;
        const size_t image = window / (Y_W * Y_H);
        floatv value = 0.0f;

        if (row >= 0 && row < X_H && column >= 0 && column < X_W)
            value = LOAD(x + ((image * X_H + row) * X_W + column) * (GROUPS * C) + group * C +
                         (uint)unit % BLOCKS * VEC);
        STORE(value, columns + unit * VEC);
    }
}

/* The output whose window has `place` at tap r, or -1. */
static inline int output_of_tap(const int place, const int r, const int outputs)
{
    const int start = place + PAD - r;

    return start >= 0 && start % STRIDE == 0 && start / STRIDE < outputs ? start / STRIDE : -1;
}

__kernel GROUP void col2im(__global float *restrict x, __global const float *restrict columns,
                           const int image0, const uint total, const uint run)
{
    const size_t end = unit_end(run, total);

    x += (size_t)image0 * (X_H * X_W * GROUPS * C);
    for (size_t unit = unit_first(run); unit < end; unit += WG) {
        const uint block = (uint)unit % BLOCKS, group = (uint)unit / BLOCKS % GROUPS;
        const uint pixel = (uint)unit / (BLOCKS * GROUPS);
        const int row = pixel / X_W % X_H, column = pixel % X_W;
        const size_t image = pixel / (X_W * X_H);
        floatv sum = 0.0f;

        for (int r = 0; r < R; ++r)
            for (int s = 0; s < R; ++s) {
                const int i = output_of_tap(row, r, Y_H), j = output_of_tap(column, s, Y_W);

                if (i >= 0 && j >= 0)
                    sum += LOAD(columns +
                                ((((image * Y_H + i) * Y_W + j) * GROUPS + group) * R + r) *
                                    (R * C) +
                                s * C + block * VEC);
            }
        STORE(sum, x + unit * VEC);
    }
}
