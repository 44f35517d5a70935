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
/* Transformed tiles of x and grad_y in a part of the sums of a gradient of weights, all of which
 * are added up in the end: by sizes alone, so that all devices round alike. */
#define PART_FLOATS ((double)(8 << 20))
/* Their sums, of all parts: where these are more, the ones behind are added to the first. */
#define SUM_FLOATS (8.0 * PART_FLOATS)
/* What a float of transformed tiles and of weights costs to be made, written and read once, in
 * multiply-adds: GPUs do about 8 in the time of a byte of their last cache. Not measured. */
#define TRAFFIC_COST 64.0

/* A correlation of x with w to y, in tiles. */
typedef struct tile_plan {
    conv2d_sizes sizes;
    bool turned; /* it is the grad-input of the convolution that w belongs to */
    int outputs, side, points;
    int image_tiles; /* tiles of an image */
    /* Parts of the images that are summed apart, images of one, parts at a time; where nothing is
     * summed over images one is a part. Part i is added to sum i % sums. */
    int parts, part, chunk, sums;
    size_t u, v, m; /* floats of all weights, of a chunk of x, of a chunk of y */
} tile_plan;

static size_t room(double floats)
{
    return alx_round_up((size_t)floats, 4);
}

static conv2d_sizes turn(const conv2d_sizes *s)
{
    return (conv2d_sizes){
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
        .room = s->room,
        .params = s->params,
    };
}

/* How many of `unit` fit into `floats`, at least one; if not all `count`, then as few as need no
 * more rounds. */
static int fitting(double floats, double unit, int count)
{
    const double fit = floats / unit;
    const int most = fit < 1.0 ? 1 : fit < count ? (int)fit : count;

    return ops_parts(count, ops_parts(count, most));
}

/* Of a gradient of weights, `weights` floats a sum; those of a launch begin at a multiple of 4
 * floats. */
static void plan_sums(tile_plan *plan, double image, double weights)
{
    const conv2d_sizes *t = &plan->sizes;
    const size_t floats = (size_t)weights;
    const int step = floats % 4 == 0 ? 1 : floats % 2 == 0 ? 2 : 4;

    plan->part = fitting(PART_FLOATS, image, t->images);
    plan->parts = ops_parts(t->images, plan->part);
    plan->sums = fitting(SUM_FLOATS, weights, plan->parts);
    plan->chunk = step *
                  fitting((double)t->room, step * image * plan->part, ops_parts(plan->sums, step));
    if (plan->chunk > plan->sums)
        plan->chunk = plan->sums;
}

static tile_plan plan_make(alx_pass pass, const conv2d_sizes *s)
{
    const bool turned = pass == ALX_PASS_GRAD_INPUT;
    tile_plan plan = { .sizes = turned ? turn(s) : *s, .turned = turned };
    const conv2d_sizes *t = &plan.sizes;

    plan.side = t->kernel == 3 ? 7 : 8;
    plan.outputs = plan.side + 1 - t->kernel;
    plan.points = plan.side * plan.side;
    plan.image_tiles = ops_parts(t->out_h, plan.outputs) * ops_parts(t->out_w, plan.outputs);

    const double batch = (double)plan.points * t->groups;
    const double image = batch * plan.image_tiles * (t->c + t->k);
    const double weights = batch * t->c * t->k;

    plan.part = plan.sums = 1;
    plan.parts = t->images;
    plan.chunk = fitting((double)t->room, image, t->images);
    if (pass == ALX_PASS_GRAD_WEIGHT)
        plan_sums(&plan, image, weights);

    const double tiles = (double)plan.chunk * plan.part * plan.image_tiles;

    plan.u = room(weights * plan.sums);
    plan.v = room(batch * tiles * t->c);
    plan.m = room(batch * tiles * t->k);
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
    const double weights = c * k * (pass == ALX_PASS_GRAD_WEIGHT ? plan.parts : 1);

    return plan.points * (tiles * (c * k + TRAFFIC_COST * (c + k)) + TRAFFIC_COST * weights) <
           direct;
}

static size_t winograd_scratch(alx_pass pass, const conv2d_sizes *s)
{
    if (!ops_conv2d_tile_winograd_pays(pass, s))
        return ops_conv2d_tile.scratch(pass, s);

    const tile_plan plan = plan_make(pass, s);

    return plan.u + plan.v + plan.m;
}

/* Groups of a launch for `channels` of each group of the convolution, of `rows` of tiles or
 * weights. */
static uint32_t groups_of(const tile_plan *plan, int channels, int rows)
{
    return (uint32_t)(ops_parts(plan->sizes.groups * channels, GROUP) * rows);
}

static int transform(const tile_plan *plan, const char *kernel, alx_device *dev,
                     const alx_arg *args, size_t arg_count, uint32_t groups)
{
    const conv2d_sizes *t = &plan->sizes;
    const alx_grid grid = { .global = { (size_t)groups * GROUP, 1, 1 }, .local = { GROUP, 1, 1 } };
    char sub_group[OPS_SUB_GROUP_OPTION], options[256 + OPS_SUB_GROUP_OPTION];

    ops_sub_group_option(sub_group, dev, 0);
    snprintf(options, sizeof options,
             "-DTAPS=%d -DOUTPUTS=%d -DSIDE=%d -DX_H=%d -DX_W=%d -DC=%d -DY_H=%d -DY_W=%d -DK=%d "
             "-DGROUPS=%d -DPAD=%d -DFLIPPED=%d -DRELU=%d -DWG=%d%s",
             t->kernel, plan->outputs, plan->side, t->in_h, t->in_w, t->c, t->out_h, t->out_w, t->k,
             t->groups, t->pad, plan->turned, t->relu, GROUP, sub_group);
    return alx_launch(dev, "conv2d_tile_winograd", kernel, options, args, arg_count, &grid);
}

/* The products at all points, of `parts` parts. */
static int multiply(const tile_plan *plan, const alx_tensor *scratch, const gemm_shape *shape,
                    int parts, size_t c, size_t a, size_t b)
{
    const gemm_batch g = {
        .shape = *shape,
        .batch = parts * plan->points * plan->sizes.groups,
        .c_offset = c,
        .a_offset = a,
        .b_offset = b,
    };
    const ops_block block = ops_block_choose(&plan->sizes.params, shape->m, shape->n, g.batch, 1);

    return ops_gemm_tile_batch(scratch, scratch, scratch, &g, &block);
}

/* ---- forward and grad-input ---------------------------------------------------------------- */

/* `count` images from `first` on; with the first of them the weights. */
static int correlate_chunk(const tile_plan *plan, const alx_tensor *y, const alx_tensor *x,
                           const alx_tensor *w, const alx_tensor *b, const alx_tensor *scratch,
                           int first, int count)
{
    const conv2d_sizes *t = &plan->sizes;
    const size_t v = plan->u, m = plan->u + plan->v;
    const int tiles = count * plan->image_tiles;
    const uint32_t filters = first > 0 ? 0
                                       : groups_of(plan, plan->turned ? t->c : t->k,
                                                   plan->turned ? t->k : t->c);
    const gemm_shape shape = { .m = tiles, .n = t->k, .k = t->c, .transpose_b = plan->turned };
    const alx_arg in[] = { ALX_BUF(scratch),
                           ALX_BUF(w),
                           ALX_BUF(x),
                           ALX_UINT(0),
                           ALX_UINT((uint32_t)(v / 4)),
                           ALX_UINT(filters),
                           ALX_INT(tiles),
                           ALX_INT(first),
                           ALX_INT(t->images) };
    const alx_arg out[] = { ALX_BUF(y),     ALX_BUF(scratch),
                            ALX_BUF(b),     ALX_UINT((uint32_t)(m / 4)),
                            ALX_INT(tiles), ALX_INT(first) };

    TRY(transform(plan, "conv2d_tile_winograd_in", y->dev, in, ALX_COUNT(in),
                  filters + groups_of(plan, t->c, tiles)));
    TRY(multiply(plan, scratch, &shape, 1, m, v, 0));
    return transform(plan, "conv2d_tile_winograd_out", y->dev, out, ALX_COUNT(out),
                     groups_of(plan, t->k, tiles));
}

/* Scratch holds the weights, then a chunk of x and of y, transformed. `b` may be NULL. */
static int correlate(alx_pass pass, const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                     const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch)
{
    const tile_plan plan = plan_make(pass, s);

    TRY(ops_block_require(y->dev));
    for (int first = 0; first < s->images; first += plan.chunk) {
        const int left = s->images - first;

        TRY(correlate_chunk(&plan, y, x, w, b, scratch, first,
                            left < plan.chunk ? left : plan.chunk));
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

/* `count` parts from `first` on, of sums that follow one another. A part follows from its images
 * alone, and the last one has zeros for those that it lacks. */
static int sum_chunk(const tile_plan *plan, const alx_tensor *x, const alx_tensor *grad_y,
                     const alx_tensor *scratch, int first, int count)
{
    const conv2d_sizes *t = &plan->sizes;
    const size_t v = plan->u, d = plan->u + plan->v;
    const size_t sums = (size_t)(first % plan->sums) * (size_t)plan->points *
                        (size_t)(t->groups * t->c * t->k);
    const int tiles = plan->part * plan->image_tiles;
    const uint32_t inputs = groups_of(plan, t->c, count * tiles);
    const gemm_shape shape = {
        .m = t->c, .n = t->k, .k = tiles, .transpose_a = true, .accumulate = first >= plan->sums
    };
    const alx_arg in[] = { ALX_BUF(scratch),
                           ALX_BUF(x),
                           ALX_BUF(grad_y),
                           ALX_UINT((uint32_t)(v / 4)),
                           ALX_UINT((uint32_t)(d / 4)),
                           ALX_UINT(inputs),
                           ALX_INT(tiles),
                           ALX_INT(first * plan->part),
                           ALX_INT(t->images) };

    TRY(transform(plan, "conv2d_tile_winograd_weight_in", x->dev, in, ALX_COUNT(in),
                  inputs + groups_of(plan, t->k, count * tiles)));
    return multiply(plan, scratch, &shape, count, sums, v, d);
}

/* How many parts go together from `first` on: no more than there are, or than sums are left. */
static int chunk_at(const tile_plan *plan, int first)
{
    const int sums = plan->sums - first % plan->sums, parts = plan->parts - first;
    const int left = sums < parts ? sums : parts;

    return left < plan->chunk ? left : plan->chunk;
}

/* Scratch holds the sums at each point, then a chunk of x and of grad_y, transformed. */
static int winograd_grad_weight(const alx_tensor *grad_w, const alx_tensor *x,
                                const alx_tensor *grad_y, const conv2d_sizes *s, bool accumulate,
                                const alx_tensor *scratch)
{
    if (!ops_conv2d_tile_winograd_pays(ALX_PASS_GRAD_WEIGHT, s))
        return ops_conv2d_tile.grad_weight(grad_w, x, grad_y, s, accumulate, scratch);

    const tile_plan plan = plan_make(ALX_PASS_GRAD_WEIGHT, s);
    const alx_arg out[] = { ALX_BUF(grad_w), ALX_BUF(scratch), ALX_UINT(0), ALX_INT(plan.sums),
                            ALX_INT(accumulate) };

    TRY(ops_block_require(grad_w->dev));
    for (int first = 0, count; first < plan.parts; first += count) {
        count = chunk_at(&plan, first);
        TRY(sum_chunk(&plan, x, grad_y, scratch, first, count));
    }
    return transform(&plan, "conv2d_tile_winograd_weight_out", grad_w->dev, out, ALX_COUNT(out),
                     groups_of(&plan, s->k, s->c));
}

const conv2d_algorithm ops_conv2d_tile_winograd = {
    .makes_relu = true,
    .scratch = winograd_scratch,
    .forward = winograd_forward,
    .grad_input = winograd_grad_input,
    .grad_weight = winograd_grad_weight,
};
