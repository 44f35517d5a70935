/* conv2d_vec_weight.cl - convolution on CPU devices: gradient of the weights
 * Layout   x (images, X_H, X_W, GROUPS*C) with its padding; grad_y (images, Y_H, Y_W, GROUPS*K);
 *          sums [parts][GROUPS*PANELS][TAPS][TILES*MR][NR]; grad_w (TAPS, RUN, GROUPS*K). A tap is
 *          a filter row with RUN = R*C weights; with groups one of R*R pixels with RUN = C
 * Work     an item adds a part of the images to a panel of NR filters: it copies ROWS x COLUMNS
 *          pixels of grad_y to private memory and runs tiles of MR weights over them
 * Launch   global {GROUPS*PANELS, splits of TAPS, parts}, sum {GROUPS*PANELS, TAPS, TILES}; local 1
 * -D       ROWS COLUMNS   X_H X_W C Y_H Y_W K GROUPS R STRIDE: conv2d_sizes.clh   MR NV: tile.clh
 * Flops    2 per weight and output pixel; sums run over blocks, their rows and pixels; then parts
 * Checked  against src/ref/conv2d.c, 4*sqrt(images*Y_H*Y_W)*6e-8 of the maximum */
#include "conv2d_sizes.clh"

#ifndef ROWS
#define ROWS 13 /* of a block of pixels of grad_y */
#endif
#ifndef COLUMNS
#define COLUMNS 13 /* of such a block */
#endif
#define A_ROW 1
#define A_COL (STRIDE * GROUPS * C)
#define B_SPACE __private
#include "tile.clh"

#define PANELS ((K + NR - 1) / NR)
#define RUN (GROUPS == 1 ? R * C : C)
#define TAPS (GROUPS == 1 ? R : R * R)
#define TILES ((RUN + MR - 1) / MR)
/* The last tile overlaps its neighbour. */
#define TILE_FIRST(t) min((t) * MR, RUN - MR)

/* A block of grad_y from `from` on: rows x COLUMNS pixels x NR filters, of which k_left exist. */
static void copy_pixels(float16 *block, __global const float *from, const int rows,
                        const int columns, const int k_left)
{
    for (int row = 0; row < rows; ++row, from += Y_W * GROUPS * K, block += COLUMNS * NV)
        for (int i = 0; i < columns; ++i)
            EACH_VECTOR
                block[i * NV + j] = load_lanes(from + i * GROUPS * K + 16 * j, k_left - 16 * j);
}

/* sums += what the pixels of a block add to weights [tap][tile t]; x at the block's first pixel. */
static void add_block(__global float *sums, __global const float *x, float16 *block,
                      const int rows, const int columns, const int tap, const int t,
                      const bool first)
{
    const int r = GROUPS == 1 ? tap : tap / R, s = GROUPS == 1 ? 0 : tap % R;
    tile sum;

    x += ((size_t)r * X_W + s) * (GROUPS * C) + TILE_FIRST(t);
    sums += (tap * TILES + t) * (MR * NR);
    tile_clear(sum);
    for (int row = 0; row < rows; ++row, x += STRIDE * X_W * GROUPS * C)
        tile_add(sum, x, (const float *)(block + row * COLUMNS * NV), columns);
    if (!first)
        tile_add_stored(sum, sums, NR, MR, NR);
    tile_store(sum, sums, NR, MR, NR);
}

/* Images image0 ... image0+images-1, part_images for each part; `fresh` sums start from 0.
 * x_vectors16: where the images begin in x, in vectors of 16. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_vec_weight(__global float *restrict sums, __global const float *restrict x,
                       __global const float *restrict grad_y, const uint x_vectors16,
                       const int image0, const int images, const int part_images,
                       const int fresh)
{
    const size_t panel = get_global_id(0), part = get_global_id(2);
    const int group = panel / PANELS, k = panel % PANELS * NR;
    const int tap_begin = TAPS * get_global_id(1) / get_global_size(1);
    const int tap_end = TAPS * (get_global_id(1) + 1) / get_global_size(1);
    const int begin = part * part_images, end = min(begin + part_images, images);
    float16 block[ROWS * COLUMNS * NV];

    x += (size_t)x_vectors16 * 16 + group * C;
    grad_y += (size_t)image0 * (Y_H * Y_W * GROUPS * K) + group * K + k;
    sums += (part * GROUPS * PANELS + panel) * (TAPS * TILES * MR * NR);
    for (int image = begin; image < end; ++image)
        for (int top = 0; top < Y_H; top += ROWS)
            for (int left = 0; left < Y_W; left += COLUMNS) {
                const int rows = min(ROWS, Y_H - top), columns = min(COLUMNS, Y_W - left);
                const bool first = fresh && image == begin && top == 0 && left == 0;
                __global const float *at =
                    x + (((size_t)image * X_H + top * STRIDE) * X_W + left * STRIDE) * (GROUPS * C);

                copy_pixels(block,
                            grad_y + (((size_t)image * Y_H + top) * Y_W + left) * (GROUPS * K),
                            rows, columns, K - k);
                for (int tap = tap_begin; tap < tap_end; ++tap)
                    for (int t = 0; t < TILES; ++t)
                        add_block(sums, at, block, rows, columns, tap, t, first);
            }
}

/* grad_w = sum over the parts (+ grad_w with `accumulate`). */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_vec_weight_sum(__global float *restrict grad_w, __global const float *restrict sums,
                           const int parts, const int accumulate)
{
    const size_t panel = get_global_id(0), tap = get_global_id(1);
    const int t = get_global_id(2), first = TILE_FIRST(t);
    const int k = panel % PANELS * NR, group = panel / PANELS;
    const size_t part_floats = (size_t)GROUPS * PANELS * TAPS * TILES * MR * NR;

    sums += ((panel * TAPS + tap) * TILES + t) * (MR * NR);
    grad_w += (tap * RUN + first) * (GROUPS * K) + group * K + k;
    for (int i = t * MR - first; i < MR; ++i)
        EACH_VECTOR {
            __global float *to = grad_w + (size_t)i * (GROUPS * K) + 16 * j;
            const int lanes = K - k - 16 * j;
            float16 sum = 0.0f;

            if (accumulate)
                sum = load_lanes(to, lanes);
            for (int part = 0; part < parts; ++part)
                sum += vload16(0, sums + part * part_floats + i * NR + 16 * j);
            store_lanes(sum, to, lanes);
        }
}
