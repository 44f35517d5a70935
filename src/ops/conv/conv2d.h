/* conv2d.h - what the algorithms of convolution share. conv2d.c checks shapes and calls one. */
#ifndef OPS_CONV2D_H
#define OPS_CONV2D_H

#include "ops/shared.h"

/** Sizes of a convolution whose shapes fit each other. */
typedef struct conv2d_sizes {
    int images, in_h, in_w, out_h, out_w;
    int c, k; /**< channels and filters of one group */
    int groups, kernel, stride, pad;
    bool relu;     /**< of the forward pass */
    bool prepared; /**< filters were made before, of weights that many passes read */
    int cores;     /**< compute units of the device: where items have scratch of their own */
    size_t room; /**< floats of scratch that go by the images at a time, where any number will do */
    alx_way_params params;
} conv2d_sizes;

conv2d_sizes ops_conv2d_sizes(alx_shape in, alx_shape out, const alx_conv2d_params *p);

/** One way to compute the three passes; tensors as in ops.h, shapes already checked. */
typedef struct conv2d_algorithm {
    bool makes_relu; /**< forward; else it is done afterwards */
    /** Elements, on whatever device. */
    size_t (*scratch)(alx_pass pass, const conv2d_sizes *s);
    int (*forward)(const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                   const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch);
    int (*grad_input)(const alx_tensor *grad_x, const alx_tensor *grad_y, const alx_tensor *w,
                      const conv2d_sizes *s, const alx_tensor *scratch);
    int (*grad_weight)(const alx_tensor *grad_w, const alx_tensor *x, const alx_tensor *grad_y,
                       const conv2d_sizes *s, bool accumulate, const alx_tensor *scratch);
    /** Elements of the filters that `prepare` makes of weights, and forward_prepared reads instead
     *  of them (sizes with `prepared`); NULL: weights are read as they are. */
    size_t (*filters)(const conv2d_sizes *s);
    int (*prepare)(const alx_tensor *filters, const alx_tensor *w, const conv2d_sizes *s);
    int (*forward_prepared)(const alx_tensor *y, const alx_tensor *x, const alx_tensor *filters,
                            const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch);
} conv2d_algorithm;

extern const conv2d_algorithm ops_conv2d_im2col, ops_conv2d_vec, ops_conv2d_winograd,
    ops_conv2d_tile, ops_conv2d_tile_winograd;

/** Whether winograd computes both in the same tiles, or without. */
bool ops_conv2d_winograd_alike(const conv2d_sizes *a, const conv2d_sizes *b);

/** Whether tile-winograd has tiles for a pass that cost less than tile's direct sums. */
bool ops_conv2d_tile_winograd_pays(alx_pass pass, const conv2d_sizes *s);

#endif
