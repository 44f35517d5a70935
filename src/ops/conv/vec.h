/* vec.h - what the passes of the vec convolution share: images as its kernels want them. */
#ifndef OPS_VEC_H
#define OPS_VEC_H

#include "ops/conv/conv2d.h"
#include "ops/gemm/register_tile.h"

/** Stored images, and the padded ones that windows never leave: row v (column v) of an image goes
 *  to row lead + v * dilation, the rest is zeros, what falls outside is dropped. */
typedef struct conv2d_images {
    int stored_h, stored_w, channels;
    int lead, dilation;
    int h, w;      /**< padded, or stored where that does */
    bool spread;   /**< must be padded */
    size_t floats; /**< of one padded image */
} conv2d_images;

/** Of x, for windows of the forward pass. */
conv2d_images ops_conv2d_images_of_x(const conv2d_sizes *s);
/** Of grad_y, for the windows that a flipped filter moves over it with stride 1. */
conv2d_images ops_conv2d_images_of_grad_y(const conv2d_sizes *s);

/** How many of `count` images to pad at a time so that they stay in a cache: a multiple of `step`
 *  unless that is more than `count`. All of them where they need no padding. */
int ops_conv2d_images_chunk(const conv2d_images *images, int count, int step);

/** Pads images first ... first+count-1 of x into scratch, from element `offset` (a multiple of 16)
 *  on; does nothing where they need no padding. */
int ops_conv2d_images_spread(const conv2d_images *images, const alx_tensor *scratch, size_t offset,
                             const alx_tensor *x, int first, int count) ALX_MUST_USE;

/** The weight gradient (vec_weight.c). */
size_t ops_conv2d_vec_weight_scratch(const conv2d_sizes *s);
int ops_conv2d_vec_weight(const alx_tensor *grad_w, const alx_tensor *x, const alx_tensor *grad_y,
                          const conv2d_sizes *s, bool accumulate,
                          const alx_tensor *scratch) ALX_MUST_USE;

#endif
