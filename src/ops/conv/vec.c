/* vec.c - convolution on CPU devices without im2col: forward and grad-input are the same
 * correlation of padded images (cl/conv2d_vec.cl). For grad-input the images are grad_y with
 * stride-1 zeros between its pixels, and the filter is turned by 180 degrees. */
#include "ops/conv/vec.h"

#include <stdio.h>

#include "base/try.h"

/* Work-items at least: where images and panels are fewer, they share out the rows of an image. */
#define ITEMS 64

/* An output of (out_h, out_w, k) per group and image. */
typedef struct correlation {
    conv2d_images images;
    int count; /* images */
    int out_h, out_w, c, k, groups, kernel, stride;
    bool flipped; /* the filter */
    bool relu;
    ops_tile tile;
    int panels;
    size_t filter_floats; /* packed weights */
} correlation;

static correlation correlation_make(alx_pass pass, const conv2d_sizes *s, int width)
{
    const bool forward = pass == ALX_PASS_FORWARD;
    correlation r = {
        .images = forward ? ops_conv2d_images_of_x(s) : ops_conv2d_images_of_grad_y(s),
        .count = s->images,
        .out_h = forward ? s->out_h : s->in_h,
        .out_w = forward ? s->out_w : s->in_w,
        .c = forward ? s->c : s->k,
        .k = forward ? s->k : s->c,
        .groups = s->groups,
        .kernel = s->kernel,
        .stride = forward ? s->stride : 1,
        .flipped = !forward,
        .relu = forward && s->relu,
    };

    r.tile = ops_tile_tuned(s->params.vectors, width, r.out_w, r.k);
    r.panels = r.groups * ops_parts(r.k, r.tile.columns);
    r.filter_floats = (size_t)r.panels * (size_t)r.tile.columns * (size_t)r.c *
                      (size_t)(r.kernel * r.kernel);
    return r;
}

static size_t correlation_scratch(alx_pass pass, const conv2d_sizes *s, int width)
{
    const correlation r = correlation_make(pass, s, width);
    const size_t chunk = (size_t)ops_conv2d_images_chunk(&r.images, r.count, 1);

    return (s->prepared ? 0 : r.filter_floats) + (r.images.spread ? r.images.floats * chunk : 0);
}

static size_t vec_scratch(alx_pass pass, const conv2d_sizes *s)
{
    if (pass == ALX_PASS_GRAD_WEIGHT)
        return ops_conv2d_vec_weight_scratch(s);
    const size_t narrow = correlation_scratch(pass, s, OPS_TILE_NARROW);
    const size_t wide = correlation_scratch(pass, s, OPS_TILE_WIDE);

    return narrow > wide ? narrow : wide;
}

static int correlation_pack(const correlation *r, const alx_tensor *filters, const alx_tensor *w)
{
    const char *kernel = r->flipped ? "conv2d_vec_pack_flipped" : "conv2d_vec_pack";
    const int c = r->flipped ? r->k : r->c, k = r->flipped ? r->c : r->k;
    const alx_arg args[] = { ALX_BUF(filters), ALX_BUF(w),         ALX_INT(c),
                             ALX_INT(k),       ALX_INT(r->groups), ALX_INT(r->tile.columns) };
    const alx_grid grid = {
        .global = { (size_t)(r->kernel * r->kernel), (size_t)r->panels, 1 },
        .local = { 1, 1, 1 },
    };

    return alx_launch(w->dev, "conv2d_vec_pack", kernel, "-DROWS=16", args, ALX_COUNT(args), &grid);
}

/* Images first ... first+count-1 of y; padded ones begin `offset` elements into scratch. */
static int correlation_launch(const correlation *r, const alx_tensor *y, const alx_tensor *x,
                              const alx_tensor *filters, const alx_tensor *b,
                              const alx_tensor *scratch, size_t offset, int first, int count)
{
    const conv2d_images *images = &r->images;
    const int blocks = ops_parts(ITEMS, count * r->panels);
    const int rows = ops_parts(r->out_h, blocks < r->out_h ? blocks : r->out_h);
    char options[256];

    snprintf(options, sizeof options,
             "-DX_H=%d -DX_W=%d -DC=%d -DY_H=%d -DY_W=%d -DK=%d -DGROUPS=%d -DR=%d -DSTRIDE=%d "
             "-DMR=%d -DNV=%d -DRELU=%d",
             images->h, images->w, r->c, r->out_h, r->out_w, r->k, r->groups, r->kernel, r->stride,
             r->tile.rows, r->tile.vectors, r->relu);

    const alx_arg args[] = {
        ALX_BUF(y),
        ALX_BUF(images->spread ? scratch : x),
        ALX_BUF(filters),
        ALX_BUF(b),
        ALX_UINT((uint32_t)(images->spread ? offset / 16 : 0)),
        ALX_INT(first),
        ALX_INT(rows),
    };
    const alx_grid grid = {
        .global = { (size_t)count, (size_t)r->panels, (size_t)ops_parts(r->out_h, rows) },
        .local = { 1, 1, 1 },
    };

    return alx_launch(y->dev, "conv2d_vec", "conv2d_vec", options, args, ALX_COUNT(args), &grid);
}

/* A chunk of padded images at a time. */
static int correlation_run(const correlation *r, const alx_tensor *y, const alx_tensor *x,
                           const alx_tensor *filters, const alx_tensor *b,
                           const alx_tensor *scratch, size_t offset)
{
    const int chunk = ops_conv2d_images_chunk(&r->images, r->count, 1);

    for (int first = 0; first < r->count; first += chunk) {
        const int count = first + chunk < r->count ? chunk : r->count - first;

        TRY(ops_conv2d_images_spread(&r->images, scratch, offset, x, first, count));
        TRY(correlation_launch(r, y, x, filters, b, scratch, offset, first, count));
    }
    return 0;
}

/* Scratch holds the packed weights, then the images. `b` may be NULL. */
static int correlate(alx_pass pass, const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                     const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch)
{
    const correlation r = correlation_make(pass, s, ops_tile_width(y->dev));

    TRY(correlation_pack(&r, scratch, w));
    return correlation_run(&r, y, x, scratch, b, scratch, r.filter_floats);
}

static int vec_forward(const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                       const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch)
{
    return correlate(ALX_PASS_FORWARD, y, x, w, b, s, scratch);
}

static int vec_grad_input(const alx_tensor *grad_x, const alx_tensor *grad_y, const alx_tensor *w,
                          const conv2d_sizes *s, const alx_tensor *scratch)
{
    return correlate(ALX_PASS_GRAD_INPUT, grad_x, grad_y, w, NULL, s, scratch);
}

static size_t vec_filters(const conv2d_sizes *s)
{
    const size_t narrow = correlation_make(ALX_PASS_FORWARD, s, OPS_TILE_NARROW).filter_floats;
    const size_t wide = correlation_make(ALX_PASS_FORWARD, s, OPS_TILE_WIDE).filter_floats;

    return narrow > wide ? narrow : wide;
}

static int vec_prepare(const alx_tensor *filters, const alx_tensor *w, const conv2d_sizes *s)
{
    const correlation r = correlation_make(ALX_PASS_FORWARD, s, ops_tile_width(w->dev));

    return correlation_pack(&r, filters, w);
}

static int vec_forward_prepared(const alx_tensor *y, const alx_tensor *x, const alx_tensor *filters,
                                const alx_tensor *b, const conv2d_sizes *s,
                                const alx_tensor *scratch)
{
    const correlation r = correlation_make(ALX_PASS_FORWARD, s, ops_tile_width(y->dev));

    return correlation_run(&r, y, x, filters, b, scratch, 0);
}

const conv2d_algorithm ops_conv2d_vec = {
    .makes_relu = true,
    .scratch = vec_scratch,
    .forward = vec_forward,
    .grad_input = vec_grad_input,
    .grad_weight = ops_conv2d_vec_weight,
    .filters = vec_filters,
    .prepare = vec_prepare,
    .forward_prepared = vec_forward_prepared,
};
