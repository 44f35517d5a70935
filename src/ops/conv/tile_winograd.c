/* tile_winograd.c - convolution of stride 1 on GPUs with fewer multiplications: transforms
 * (cl/conv2d_tile_winograd.cl) around a batch of matrix products, one for each point of the tiles
 * (gemm/tile.c). What has no tiles, or is slower in tiles, goes to tile.c. Parameters: rows,
 * columns of a block of the products. */
#include "base/try.h"
#include "ops/conv/conv2d.h"
#include "ops/gemm/register_tile.h"
#include "ops/gemm/tile.h"

#include <stdio.h>

#define GROUP 64
/* Transformed tiles that are multiplied at a time: they stay in the last cache of larger GPUs. */
#define CHUNK_FLOATS ((size_t)8 << 20)
/* What a float of transformed tiles and of weights costs to be made, written and read once, in
 * multiply-adds: GPUs do about 8 in the time of a byte of their last cache. Not measured. */
#define TRAFFIC_COST 64.0

/* A correlation of x with w to y, in tiles. */
typedef struct tile_plan {
    conv2d_sizes sizes;
    bool turned; /* it is the grad-input of the convolution that w belongs to */
    int outputs, side, points;
    int image_tiles, chunk; /* tiles of an image; images at a time */
    size_t u, v, m;         /* floats of all weights, of a chunk of x, of a chunk of y */
} tile_plan;

static size_t room(double floats)
{
    return alx_round_up((size_t)floats, 4);
}

static tile_plan plan_make(alx_pass pass, const conv2d_sizes *s)
{
    tile_plan plan = { .sizes = *s, .turned = pass == ALX_PASS_GRAD_INPUT };
    conv2d_sizes *t = &plan.sizes;

    if (plan.turned)
        *t = (conv2d_sizes){
            .images = s->images,
            .in_h = s->out_h,
            .in_w = s->out_w,
            .out_h = s->in_h,
            .out_w = s->in_w,
            .c = s->k,
            .k = s->c,
            .groups = s->groups,
            .kernel = s->kernel,
            .stride = 1,
            .pad = s->kernel - 1 - s->pad,
            .params = s->params,
        };
    plan.side = t->kernel == 3 ? 7 : 8;
    plan.outputs = plan.side + 1 - t->kernel;
    plan.points = plan.side * plan.side;
    plan.image_tiles = ops_parts(t->out_h, plan.outputs) * ops_parts(t->out_w, plan.outputs);

    const double batch = (double)plan.points * t->groups;
    const double image = batch * plan.image_tiles * (t->c + t->k);
    const int most = image > CHUNK_FLOATS ? 1 : (int)(CHUNK_FLOATS / image);

    plan.chunk = ops_parts(t->images, ops_parts(t->images, most));
    plan.u = room(batch * t->c * t->k);
    plan.v = room(batch * plan.chunk * plan.image_tiles * t->c);
    plan.m = room(batch * plan.chunk * plan.image_tiles * t->k);
    return plan;
}

/* The transforms of cl/winograd_7.clh and winograd_8.clh; padding that grad-input turns into
 * cropping is left to the direct algorithm. */
bool ops_conv2d_tile_winograd_pays(alx_pass pass, const conv2d_sizes *s)
{
    if (s->stride != 1 || s->kernel < 3 || s->kernel > 5 || s->pad >= s->kernel)
        return false;

    const tile_plan plan = plan_make(pass, s);
    const double c = s->c, k = s->k;
    const double tiles = (double)s->images * plan.image_tiles;
    const double direct = (double)s->images * s->out_h * s->out_w * c * k * s->kernel * s->kernel;

    return plan.points * (tiles * (c * k + TRAFFIC_COST * (c + k)) + TRAFFIC_COST * c * k) < direct;
}

static size_t winograd_scratch(alx_pass pass, const conv2d_sizes *s)
{
    if (!ops_conv2d_tile_winograd_pays(pass, s))
        return ops_conv2d_tile.scratch(pass, s);

    const tile_plan plan = plan_make(pass, s);

    return plan.u + plan.v + plan.m;
}

/* `channels` of a group, over `rows` of tiles or weights. */
static int transform(const tile_plan *plan, const char *kernel, alx_device *dev,
                     const alx_arg *args, size_t arg_count, int channels, int rows)
{
    const conv2d_sizes *t = &plan->sizes;
    const alx_grid grid = {
        .global = { alx_round_up((size_t)(t->groups * channels), GROUP), (size_t)rows, 1 },
        .local = { GROUP, 1, 1 },
    };
    char options[256];

    snprintf(options, sizeof options,
             "-DTAPS=%d -DOUTPUTS=%d -DSIDE=%d -DX_H=%d -DX_W=%d -DC=%d -DY_H=%d -DY_W=%d -DK=%d "
             "-DGROUPS=%d -DPAD=%d -DFLIPPED=%d -DRELU=%d -DWG=%d",
             t->kernel, plan->outputs, plan->side, t->in_h, t->in_w, t->c, t->out_h, t->out_w, t->k,
             t->groups, t->pad, plan->turned, t->relu, GROUP);
    return alx_launch(dev, "conv2d_tile_winograd", kernel, options, args, arg_count, &grid);
}

/* Tiles of x, or of grad_y, from image `first` on to `offset` of scratch. */
static int transform_images(const tile_plan *plan, const char *kernel, const alx_tensor *scratch,
                            size_t offset, const alx_tensor *images, int channels, int first,
                            int count)
{
    const alx_arg args[] = { ALX_BUF(scratch), ALX_BUF(images), ALX_UINT((uint32_t)(offset / 4)),
                             ALX_INT(first) };

    return transform(plan, kernel, images->dev, args, ALX_COUNT(args), channels,
                     count * plan->image_tiles);
}

static int multiply(const tile_plan *plan, const alx_tensor *scratch, const gemm_shape *shape,
                    size_t c, size_t a, size_t b)
{
    const gemm_batch g = {
        .shape = *shape,
        .batch = plan->points * plan->sizes.groups,
        .c_offset = c,
        .a_offset = a,
        .b_offset = b,
    };
    const ops_block block = ops_block_choose(&plan->sizes.params, shape->m, shape->n, g.batch, 1);

    return ops_gemm_tile_batch(scratch, scratch, scratch, &g, &block);
}

/* ---- forward and grad-input ---------------------------------------------------------------- */

static int correlate_chunk(const tile_plan *plan, const alx_tensor *y, const alx_tensor *x,
                           const alx_tensor *b, const alx_tensor *scratch, int first, int count)
{
    const conv2d_sizes *t = &plan->sizes;
    const size_t v = plan->u, m = plan->u + plan->v;
    const gemm_shape shape = {
        .m = count * plan->image_tiles, .n = t->k, .k = t->c, .transpose_b = plan->turned
    };
    const alx_arg output[] = { ALX_BUF(y), ALX_BUF(scratch), ALX_BUF(b),
                               ALX_UINT((uint32_t)(m / 4)), ALX_INT(first) };

    TRY(transform_images(plan, "conv2d_tile_winograd_input", scratch, v, x, t->c, first, count));
    TRY(multiply(plan, scratch, &shape, m, v, 0));
    return transform(plan, "conv2d_tile_winograd_output", y->dev, output, ALX_COUNT(output), t->k,
                     shape.m);
}

/* Scratch holds the weights, then a chunk of x and of y, transformed. `b` may be NULL. */
static int correlate(alx_pass pass, const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                     const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch)
{
    const tile_plan plan = plan_make(pass, s);
    const alx_arg filter[] = { ALX_BUF(scratch), ALX_BUF(w), ALX_UINT(0) };

    TRY(ops_block_require(y->dev));
    TRY(transform(&plan, "conv2d_tile_winograd_filter", y->dev, filter, ALX_COUNT(filter), s->k,
                  s->c));
    for (int first = 0; first < s->images; first += plan.chunk) {
        const int left = s->images - first;

        TRY(correlate_chunk(&plan, y, x, b, scratch, first, left < plan.chunk ? left : plan.chunk));
    }
    return 0;
}

static int winograd_forward(const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                            const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch)
{
    if (!ops_conv2d_tile_winograd_pays(ALX_PASS_FORWARD, s))
        return ops_conv2d_tile.forward(y, x, w, b, s, scratch);
    return correlate(ALX_PASS_FORWARD, y, x, w, b, s, scratch);
}

static int winograd_grad_input(const alx_tensor *grad_x, const alx_tensor *grad_y,
                               const alx_tensor *w, const conv2d_sizes *s,
                               const alx_tensor *scratch)
{
    if (!ops_conv2d_tile_winograd_pays(ALX_PASS_GRAD_INPUT, s))
        return ops_conv2d_tile.grad_input(grad_x, grad_y, w, s, scratch);
    return correlate(ALX_PASS_GRAD_INPUT, grad_x, grad_y, w, NULL, s, scratch);
}

/* ---- gradient of the weights --------------------------------------------------------------- */

/* Scratch holds the sums at each point, then a chunk of x and of grad_y, transformed. */
static int weight_sums(const tile_plan *plan, const alx_tensor *x, const alx_tensor *grad_y,
                       const alx_tensor *scratch)
{
    const conv2d_sizes *t = &plan->sizes;
    const size_t v = plan->u, d = plan->u + plan->v;

    for (int first = 0; first < t->images; first += plan->chunk) {
        const int left = t->images - first, count = left < plan->chunk ? left : plan->chunk;
        const gemm_shape shape = { .m = t->c,
                                   .n = t->k,
                                   .k = count * plan->image_tiles,
                                   .transpose_a = true,
                                   .accumulate = first > 0 };

        TRY(transform_images(plan, "conv2d_tile_winograd_input", scratch, v, x, t->c, first,
                             count));
        TRY(transform_images(plan, "conv2d_tile_winograd_grad", scratch, d, grad_y, t->k, first,
                             count));
        TRY(multiply(plan, scratch, &shape, 0, v, d));
    }
    return 0;
}

static int winograd_grad_weight(const alx_tensor *grad_w, const alx_tensor *x,
                                const alx_tensor *grad_y, const conv2d_sizes *s, bool accumulate,
                                const alx_tensor *scratch)
{
    const alx_arg output[] = { ALX_BUF(grad_w), ALX_BUF(scratch), ALX_UINT(0),
                               ALX_INT(accumulate) };

    if (!ops_conv2d_tile_winograd_pays(ALX_PASS_GRAD_WEIGHT, s))
        return ops_conv2d_tile.grad_weight(grad_w, x, grad_y, s, accumulate, scratch);

    const tile_plan plan = plan_make(ALX_PASS_GRAD_WEIGHT, s);

    TRY(ops_block_require(grad_w->dev));
    TRY(weight_sums(&plan, x, grad_y, scratch));
    return transform(&plan, "conv2d_tile_winograd_weight", grad_w->dev, output, ALX_COUNT(output),
                     s->k, s->c);
}

const conv2d_algorithm ops_conv2d_tile_winograd = {
    .makes_relu = true,
    .scratch = winograd_scratch,
    .forward = winograd_forward,
    .grad_input = winograd_grad_input,
    .grad_weight = winograd_grad_weight,
};
