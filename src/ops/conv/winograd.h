/* winograd.h - what the passes of the Winograd convolution share: how tiles cover the
 * images, as cl/winograd.clh says it. */
#ifndef OPS_WINOGRAD_H
#define OPS_WINOGRAD_H

#include "ops/conv/conv2d.h"
#include "ops/gemm/register_tile.h"

/** A convolution of x to y in tiles; one of a stride above 1 over folded images (winograd.clh). */
typedef struct winograd_tiles {
    int images, x_h, x_w, y_h, y_w;
    int c, k, groups;   /**< c, k of a group */
    int pad, taps;      /**< of the filter */
    int stride, kernel; /**< before folding, as are in_h, in_w, lead (the padding) */
    int in_h, in_w, lead;
    bool relu, prepared;     /**< as in conv2d_sizes */
    int outputs, side;       /**< of a tile */
    int image_rows, columns; /**< tiles in an image */
} winograd_tiles;

#define OPS_WINOGRAD_OPTIONS 96

/** Tiles of a convolution that has them (ops_winograd_pays). */
winograd_tiles ops_winograd_tiles(const conv2d_sizes *s);

/** Whether the tiles' transforms exist and a pass over them costs less than a direct one. */
bool ops_winograd_pays(alx_pass pass, const conv2d_sizes *s);

/** Vectors of 16 of the transformed inputs of `rows` rows of tiles, and of a worker's lines. */
size_t ops_winograd_input_vectors(const winograd_tiles *t, int rows);
size_t ops_winograd_lines_vectors(const winograd_tiles *t);

/** What the kernels are told: the same as in cl/winograd.clh. */
typedef struct winograd_sizes {
    int32_t x_h, x_w, c, y_h, y_w, k, groups, pad;
    int32_t filter, lead, in_h, in_w;
    int32_t tile_rows, tile_columns, rows, relu;
} winograd_sizes;

/** Sizes of a pass that multiplies `rows` rows of tiles at a time. */
winograd_sizes ops_winograd_sizes(const winograd_tiles *t, int rows);

/** The -D options that describe the tiles and the register tile. */
void ops_winograd_options(char options[OPS_WINOGRAD_OPTIONS], const winograd_tiles *t,
                          const ops_tile *tile);

/** The weight gradient where it pays (winograd_weight.c). */
size_t ops_conv2d_winograd_weight_scratch(const conv2d_sizes *s);
int ops_conv2d_winograd_weight(const alx_tensor *grad_w, const alx_tensor *x,
                               const alx_tensor *grad_y, const conv2d_sizes *s, bool accumulate,
                               const alx_tensor *scratch) ALX_MUST_USE;

#endif
