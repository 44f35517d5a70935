/* conv2d_tile.cl - convolution on GPUs: implicit GEMM, the matrix of windows times the weights
 * Layout   x (images, X_H, X_W, GROUPS*C); y (images, Y_H, Y_W, GROUPS*K); w (R*R, C, GROUPS*K),
 *          or, FLIPPED, those of the convolution whose grad-input this is: (R*R, K, GROUPS*C) with
 *          the taps in reverse
 * Work     a group makes BM windows x BN filters of one group of the convolution; sums run over
 *          r, s, c
 * Launch   global {ITEMS * blocks of K, blocks of windows, GROUPS}   local {ITEMS, 1, 1}
 * -D       FLIPPED   RELU   as in window.clh   BM BN BK TM TN: block.clh
 * Flops    2*R*R*C per output; reads (1/BM + 1/BN) floats of cached global memory per multiply-add
 * Checked  against src/ref/conv2d.c, 4*sqrt(R*R*C)*6e-8 of the maximum */
#ifndef FLIPPED
#define FLIPPED 0 /* 1: w is of the convolution whose grad-input this is */
#endif
#ifndef RELU
#define RELU 0 /* 1: negative outputs become 0 */
#endif
#define A_ALONG_K 1
#define B_ALONG_K FLIPPED
#include "block.clh"
#include "window.clh"

struct operands {
    __global const float *x, *w;
    int windows;
};

static inline float4 load_a(const struct operands *o, const int m, const int k)
{
    return m < o->windows ? window_quad(o->x, m, k) : (float4)(0.0f);
}

#if FLIPPED
static inline float flipped_weight(const struct operands *o, const int n, const int k)
{
    if (n >= K || k >= R * R * C)
        return 0.0f;
    return o->w[((size_t)(R * R - 1 - k / C) * K + n) * (GROUPS * C) + k % C];
}

static inline float4 load_b(const struct operands *o, const int n, const int k)
{
#if C % 4 == 0
    if (n >= K || k >= R * R * C)
        return 0.0f;
    return *(__global const float4 *)(o->w + ((size_t)(R * R - 1 - k / C) * K + n) * (GROUPS * C) +
                                      k % C);
#else
    return (float4)(flipped_weight(o, n, k), flipped_weight(o, n, k + 1),
                    flipped_weight(o, n, k + 2), flipped_weight(o, n, k + 3));
#endif
}
#else
static inline float4 load_b(const struct operands *o, const int n, const int k)
{
    return load_quad(o->w + (size_t)k * (GROUPS * K) + n, k < R * R * C ? K - n : 0, K % 4 == 0);
}
#endif

/* Intel's compiler puts the sums into memory where it knows how often the loop over k runs, so
 * there it does not; `depth` is R*R*C. */
#define DEPTH (SUB_GROUP > 0 ? depth : R * R * C)

__kernel BLOCK_GROUP
void conv2d_tile(__global float *restrict y, __global const float *restrict x,
                 __global const float *restrict w, __global const float *restrict bias,
                 const int windows, const int depth)
{
    __local float4 tiles[BLOCK_LOCAL];
    const int group = get_group_id(2);
    const int row = get_group_id(1) * BM, column = get_group_id(0) * BN;
    const int first = group * K + column;
    const struct operands o = { x + group * C, w + (FLIPPED ? group * C : group * K), windows };
    block_sums sums;

    block_product(sums, tiles, &o, row, column, 0, DEPTH);
    block_store(sums, y + (size_t)row * (GROUPS * K) + first, GROUPS * K, windows - row,
                K - column, bias != 0 ? bias + first : 0, 0, RELU, K % 4 == 0);
}
