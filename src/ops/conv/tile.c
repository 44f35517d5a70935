/* tile.c - convolution on GPUs without im2col: the kernels read the windows where they are
 * needed. Grad-input is the correlation of grad_y, with stride-1 zeros between its pixels, with the
 * filter turned by 180 degrees. Parameters: rows, columns of a block. */
#include "base/try.h"
#include "ops/conv/conv2d.h"
#include "ops/gemm/block.h"

#include <stdio.h>

/* The window's and the block's -D options; grad-input swaps the sides. */
static void options_write(char options[320], alx_pass pass, const conv2d_sizes *s,
                          const ops_block *block, const alx_device *dev)
{
    const bool turned = pass == ALX_PASS_GRAD_INPUT;
    char size[OPS_BLOCK_OPTIONS];

    ops_block_options(size, block, dev);
    snprintf(options, 320,
             "-DX_H=%d -DX_W=%d -DC=%d -DY_H=%d -DY_W=%d -DK=%d -DGROUPS=%d -DR=%d -DSTRIDE=%d "
             "-DPAD=%d -DDILATION=%d -DFLIPPED=%d -DRELU=%d %s",
             turned ? s->out_h : s->in_h, turned ? s->out_w : s->in_w, turned ? s->k : s->c,
             turned ? s->in_h : s->out_h, turned ? s->in_w : s->out_w, turned ? s->c : s->k,
             s->groups, s->kernel, turned ? 1 : s->stride, turned ? s->kernel - 1 - s->pad : s->pad,
             turned ? s->stride : 1, turned, pass == ALX_PASS_FORWARD && s->relu, size);
}

/* `b` may be NULL. */
static int correlate(alx_pass pass, const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                     const alx_tensor *b, const conv2d_sizes *s)
{
    const alx_shape out = y->shape;
    const int windows = out.n * out.h * out.w, filters = out.c / s->groups;
    const ops_block block = ops_block_choose(&s->params, windows, filters, s->groups, 1);
    const alx_grid grid = ops_block_grid(&block, windows, filters, s->groups);
    const int depth = s->kernel * s->kernel * (pass == ALX_PASS_GRAD_INPUT ? s->k : s->c);
    const alx_arg args[] = { ALX_BUF(y), ALX_BUF(x),       ALX_BUF(w),
                             ALX_BUF(b), ALX_INT(windows), ALX_INT(depth) };
    char options[320];

    TRY(ops_block_require(y->dev));
    options_write(options, pass, s, &block, y->dev);
    return alx_launch(y->dev, "conv2d_tile", "conv2d_tile", options, args, ALX_COUNT(args), &grid);
}

static int tile_forward(const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                        const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch)
{
    (void)scratch;
    return correlate(ALX_PASS_FORWARD, y, x, w, b, s);
}

static int tile_grad_input(const alx_tensor *grad_x, const alx_tensor *grad_y, const alx_tensor *w,
                           const conv2d_sizes *s, const alx_tensor *scratch)
{
    (void)scratch;
    return correlate(ALX_PASS_GRAD_INPUT, grad_x, grad_y, w, NULL, s);
}

/* ---- gradient of the weights --------------------------------------------------------------- */

static ops_parts_of_sum weight_parts(const conv2d_sizes *s)
{
    return ops_block_parts(s->kernel * s->kernel * s->c, s->k, s->images * s->out_h * s->out_w,
                           s->groups);
}

static size_t tile_scratch(alx_pass pass, const conv2d_sizes *s)
{
    const int parts = pass == ALX_PASS_GRAD_WEIGHT ? weight_parts(s).count : 1;

    return parts > 1
               ? (size_t)parts * (size_t)(s->kernel * s->kernel * s->c) * (size_t)(s->groups * s->k)
               : 1;
}

static int launch_weight(const alx_tensor *grad_w, const alx_tensor *x, const alx_tensor *grad_y,
                         const conv2d_sizes *s, ops_parts_of_sum parts, bool accumulate)
{
    const int weights = s->kernel * s->kernel * s->c;
    const ops_block block = ops_block_choose(&s->params, weights, s->k, s->groups, parts.count);
    const alx_grid grid = ops_block_grid(&block, weights, s->k, s->groups * parts.count);
    const alx_arg args[] = {
        ALX_BUF(grad_w),  ALX_BUF(x),
        ALX_BUF(grad_y),  ALX_INT(s->images * s->out_h * s->out_w),
        ALX_INT(parts.k), ALX_INT(accumulate),
    };
    char options[320];

    options_write(options, ALX_PASS_GRAD_WEIGHT, s, &block, x->dev);
    return alx_launch(x->dev, "conv2d_tile_weight", "conv2d_tile_weight", options, args,
                      ALX_COUNT(args), &grid);
}

static int tile_grad_weight(const alx_tensor *grad_w, const alx_tensor *x, const alx_tensor *grad_y,
                            const conv2d_sizes *s, bool accumulate, const alx_tensor *scratch)
{
    const ops_parts_of_sum parts = weight_parts(s);

    TRY(ops_block_require(grad_w->dev));
    if (parts.count == 1)
        return launch_weight(grad_w, x, grad_y, s, parts, accumulate);
    TRY(launch_weight(scratch, x, grad_y, s, parts, false));
    return ops_sum_parts(
        grad_w, scratch,
        &(ops_sum){ .count = parts.count, .channels = s->groups * s->k, .accumulate = accumulate });
}

const conv2d_algorithm ops_conv2d_tile = {
    .makes_relu = true,
    .scratch = tile_scratch,
    .forward = tile_forward,
    .grad_input = tile_grad_input,
    .grad_weight = tile_grad_weight,
};
