/* vec_weight.c - gradient of the weights on CPU devices (cl/conv2d_vec_weight.cl): parts of
 * the images are summed side by side, then added in order. */
#include "ops/conv/vec.h"

#include <stdio.h>

#include "base/try.h"

/* Work-items to aim for, enough for the cores of any machine. */
#define ITEMS 128
/* More floats of partial sums cost more time than they save. */
#define SUM_FLOATS ((size_t)4 << 20)
/* Floats of grad_y that an item holds in private memory: 24 KiB, half of a first-level cache. */
#define BLOCK_FLOATS 6144
/* Pixels of a row that it holds at most, 48 filters wide. */
#define BLOCK_COLUMNS 128
/* Weights of a tap from which on each tap may copy the pixels for itself. */
#define LONG_RUN 192

typedef struct weight_plan {
    conv2d_images images;
    ops_tile tile;
    int taps, tiles, panels; /* as in the kernel */
    int splits;              /* items that share the taps */
    int rows, columns;       /* of a block of pixels */
    int chunk, parts, part_images;
    size_t part_floats;
    char options[256];
} weight_plan;

static int power_of_two(int least)
{
    int power = 1;

    while (power < least)
        power *= 2;
    return power;
}

/* How many sums run side by side: a function of the shape alone, so that it never changes bits. */
static int parts_choose(const conv2d_sizes *s)
{
    const size_t weights = (size_t)s->kernel * (size_t)s->kernel * (size_t)s->c * (size_t)s->k;
    const int items = ops_parts(s->k, 32) * (s->kernel * s->c >= LONG_RUN ? s->kernel : 1);
    int parts = power_of_two(ops_parts(ITEMS, items));

    while (parts > 1 && (parts > s->images || weights * (size_t)parts > SUM_FLOATS))
        parts /= 2;
    return parts;
}

/* Whole rows, or a part of one. A block is a sum of its own, so its size must not depend on the
 * device: that of the wide tile serves all. */
static void block_choose(weight_plan *plan, const conv2d_sizes *s)
{
    const int filters = ops_tile_choose(OPS_TILE_WIDE, s->c, s->k).columns;
    const int rows = BLOCK_FLOATS / (s->out_w * filters);

    plan->columns = s->out_w < BLOCK_COLUMNS ? s->out_w : BLOCK_COLUMNS;
    plan->rows = rows < 1 ? 1 : rows < s->out_h ? rows : s->out_h;
}

static weight_plan plan_make(const conv2d_sizes *s, int width)
{
    const bool grouped = s->groups > 1;
    const int run = grouped ? s->c : s->kernel * s->c, parts = parts_choose(s);
    weight_plan plan = {
        .images = ops_conv2d_images_of_x(s),
        .tile = ops_tile_tuned(s->params.vectors, width, run, s->k),
        .taps = grouped ? s->kernel * s->kernel : s->kernel,
    };

    plan.tiles = ops_parts(run, plan.tile.rows);
    plan.panels = s->groups * ops_parts(s->k, plan.tile.columns);
    plan.splits = run >= LONG_RUN ? plan.taps : 1;
    block_choose(&plan, s);
    plan.chunk = ops_conv2d_images_chunk(&plan.images, s->images, parts);
    plan.part_images = ops_parts(plan.chunk, parts);
    plan.parts = ops_parts(plan.chunk, plan.part_images);
    plan.part_floats = (size_t)plan.panels * (size_t)plan.taps *
                       (size_t)(plan.tiles * plan.tile.rows) * (size_t)plan.tile.columns;
    snprintf(plan.options, sizeof plan.options,
             "-DX_H=%d -DX_W=%d -DC=%d -DY_H=%d -DY_W=%d -DK=%d -DGROUPS=%d -DR=%d -DSTRIDE=%d "
             "-DMR=%d -DNV=%d -DROWS=%d -DCOLUMNS=%d",
             plan.images.h, plan.images.w, s->c, s->out_h, s->out_w, s->k, s->groups, s->kernel,
             s->stride, plan.tile.rows, plan.tile.vectors, plan.rows, plan.columns);
    return plan;
}

static size_t plan_scratch(const conv2d_sizes *s, int width)
{
    const weight_plan plan = plan_make(s, width);

    return plan.part_floats * (size_t)plan.parts +
           (plan.images.spread ? plan.images.floats * (size_t)plan.chunk : 0);
}

size_t ops_conv2d_vec_weight_scratch(const conv2d_sizes *s)
{
    const size_t narrow = plan_scratch(s, OPS_TILE_NARROW), wide = plan_scratch(s, OPS_TILE_WIDE);

    return narrow > wide ? narrow : wide;
}

/* Adds images first ... first+count-1 to the partial sums. */
static int launch_partial(const weight_plan *plan, const alx_tensor *x, const alx_tensor *grad_y,
                          const alx_tensor *scratch, int first, int count)
{
    const size_t padded = plan->part_floats * (size_t)plan->parts;
    const uint32_t x_offset = plan->images.spread ? (uint32_t)(padded / 16) : 0;
    const alx_arg args[] = {
        ALX_BUF(scratch),
        ALX_BUF(plan->images.spread ? scratch : x),
        ALX_BUF(grad_y),
        ALX_UINT(x_offset),
        ALX_INT(first),
        ALX_INT(count),
        ALX_INT(plan->part_images),
        ALX_INT(first == 0),
    };
    const alx_grid grid = {
        .global = { (size_t)plan->panels, (size_t)plan->splits, (size_t)plan->parts },
        .local = { 1, 1, 1 },
    };

    return alx_launch(x->dev, "conv2d_vec_weight", "conv2d_vec_weight", plan->options, args,
                      ALX_COUNT(args), &grid);
}

static int launch_sum(const weight_plan *plan, const alx_tensor *grad_w, bool accumulate,
                      const alx_tensor *scratch)
{
    const alx_arg args[] = { ALX_BUF(grad_w), ALX_BUF(scratch), ALX_INT(plan->parts),
                             ALX_INT(accumulate) };
    const alx_grid grid = {
        .global = { (size_t)plan->panels, (size_t)plan->taps, (size_t)plan->tiles },
        .local = { 1, 1, 1 },
    };

    return alx_launch(grad_w->dev, "conv2d_vec_weight", "conv2d_vec_weight_sum", plan->options,
                      args, ALX_COUNT(args), &grid);
}

/* Scratch holds the partial sums, then a chunk of padded images. */
int ops_conv2d_vec_weight(const alx_tensor *grad_w, const alx_tensor *x, const alx_tensor *grad_y,
                          const conv2d_sizes *s, bool accumulate, const alx_tensor *scratch)
{
    const weight_plan plan = plan_make(s, ops_tile_width(grad_w->dev));

    for (int first = 0; first < s->images; first += plan.chunk) {
        const int count = first + plan.chunk < s->images ? plan.chunk : s->images - first;

        TRY(ops_conv2d_images_spread(&plan.images, scratch, plan.part_floats * (size_t)plan.parts,
                                     x, first, count));
        TRY(launch_partial(&plan, x, grad_y, scratch, first, count));
    }
    return launch_sum(&plan, grad_w, accumulate, scratch);
}
