/* conv2d_vec.cl - convolution on CPU devices: implicit GEMM on a register tile (tile.clh)
 * Layout   x (images, X_H, X_W, GROUPS*C) with its padding; w [GROUPS][panels][R][R][C][NR] from
 *          conv2d_vec_pack.cl; y (images, Y_H, Y_W, GROUPS*K)
 * Work     one item per image, panel of NR outputs and block of rows; tiles of MR pixels of a row,
 *          of which the last overlaps its neighbour
 * Launch   global {images, GROUPS*panels, blocks}   local {1, 1, 1}
 * -D       RELU   X_H X_W C Y_H Y_W K GROUPS R STRIDE: conv2d_sizes.clh   MR NV: tile.clh
 * Flops    2*R*R*C per output from L1 and L2; sums run over r, s, c
 * Checked  against src/ref/conv2d.c, 4*sqrt(R*R*C)*6e-8 of the maximum */
#include "conv2d_sizes.clh"

#ifndef RELU
#define RELU 0 /* 1: negative outputs become 0 */
#endif
#define A_ROW (STRIDE * GROUPS * C)
#define A_COL 1
#include "tile.clh"

#define PANELS ((K + NR - 1) / NR)
/* Without groups the R pixels under a filter row are one run of memory. */
#define RUN (GROUPS == 1 ? R * C : C)
#define RUNS (GROUPS == 1 ? 1 : R)

/* x_vectors16: where the images begin in x, in vectors of 16. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_vec(__global float *restrict y, __global const float *restrict x,
                __global const float *restrict w, __global const float *restrict bias,
                const uint x_vectors16, const int y_image, const int block_rows)
{
    const size_t image = get_global_id(0), panel = get_global_id(1);
    const int group = panel / PANELS, k = group * K + panel % PANELS * NR;
    const int columns = K - panel % PANELS * NR;
    const int begin = get_global_id(2) * block_rows, end = min(begin + block_rows, Y_H);
    tile sum;

    x += (size_t)x_vectors16 * 16 + image * (X_H * X_W * GROUPS * C) + group * C;
    w += panel * (R * R * C * NR);
    y += (y_image + image) * (Y_H * Y_W * GROUPS * K) + k;
    for (int row = begin; row < end; ++row)
        for (int first = 0; first < Y_W; first += MR) {
            const int pixel = min(first, Y_W - MR);
            __global const float *b = w;

            tile_clear(sum);
            for (int r = 0; r < R; ++r) {
                __global const float *a =
                    x + ((size_t)(row * STRIDE + r) * X_W + pixel * STRIDE) * (GROUPS * C);

                for (int s = 0; s < RUNS; ++s, a += GROUPS * C, b += RUN * NR)
                    tile_add(sum, a, b, RUN);
            }
            if (bias != 0)
                tile_add_row(sum, bias + k, columns);
            if (RELU)
                tile_relu(sum);
            tile_store(sum, y + ((size_t)row * Y_W + pixel) * (GROUPS * K), GROUPS * K, MR,
                       columns);
        }
}
