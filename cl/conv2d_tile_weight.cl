/* conv2d_tile_weight.cl - gradient of a convolution's weights on GPUs: the matrix of windows,
 * transposed, times grad_y, in parts of the windows side by side
 * Layout   x (images, X_H, X_W, GROUPS*C); grad_y (images, Y_H, Y_W, GROUPS*K); grad_w, or parts of
 *          it one after the other, (R*R*C, GROUPS*K)
 * Work     a group makes BM weights x BN filters of one part and one group of the convolution
 * Launch   global {ITEMS * blocks of K, blocks of R*R*C, GROUPS * parts}   local {ITEMS, 1, 1}
 * -D       as in window.clh   BM BN BK TM TN: block.clh
 * Flops    2 per weight and window; reads (1/BM + 1/BN) floats of cached global memory per
 *          multiply-add; sums run over the windows, then over the parts (sum_parts.cl)
 * Checked  against src/ref/conv2d.c, 4*sqrt(windows)*6e-8 of the maximum */
#define A_ALONG_K 0
#define B_ALONG_K 0
#include "block.clh"
#include "window.clh"

struct operands {
    __global const float *x, *grad_y;
    int windows;
};

static inline float4 load_a(const struct operands *o, const int m, const int k)
{
    return k < o->windows ? window_quad(o->x, k, m) : (float4)(0.0f);
}

static inline float4 load_b(const struct operands *o, const int n, const int k)
{
    return load_quad(o->grad_y + (size_t)k * (GROUPS * K) + n, k < o->windows ? K - n : 0,
                     K % 4 == 0);
}

/* A part is part_windows, a multiple of BK, of the windows. */
__kernel BLOCK_GROUP
void conv2d_tile_weight(__global float *restrict grad_w, __global const float *restrict x,
                        __global const float *restrict grad_y, const int windows,
                        const int part_windows, const int accumulate)
{
    __local float4 tiles[BLOCK_LOCAL];
    const int group = (uint)get_group_id(2) % GROUPS;
    const size_t part = (uint)get_group_id(2) / GROUPS;
    const int row = get_group_id(1) * BM, column = get_group_id(0) * BN;
    const int begin = part * part_windows;
    const struct operands o = { x + group * C, grad_y + group * K, windows };
    block_sums sums;

    block_product(sums, tiles, &o, row, column, begin, min(begin + part_windows, windows));
    block_store(sums, grad_w + (part * (R * R * C) + row) * (GROUPS * K) + group * K + column,
                GROUPS * K, R * R * C - row, K - column, 0, accumulate, false, K % 4 == 0);
}
