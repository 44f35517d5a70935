/* winograd.c - convolution on CPU devices with fewer multiplications: forward, and
 * grad-input as the correlation of grad_y with the filter turned by 180 degrees
 * (cl/conv2d_winograd.cl); a stride is folded into channels. What has no tiles, or is slower in
 * tiles, goes to vec.c. Parameters: tiles at a time, vectors of the register tile. */
#include "ops/conv/winograd.h"
#include "base/try.h"
#include "ops/choose/choose.h"

/* Tiles at a time: enough for each weight that comes from a far cache, few enough for L2. */
#define BLOCK_TILES 24
/* Items at least that share out the blocks of tiles; on more cores one for each. */
#define WORKERS 16

typedef struct winograd_plan {
    winograd_tiles tiles;
    ops_tile tile;
    int rows, panels;
    size_t weight_floats, worker_floats;
    winograd_sizes sizes;
    char options[OPS_WINOGRAD_OPTIONS];
} winograd_plan;

/* Grad-input as a convolution of grad_y. */
static conv2d_sizes sizes_of_pass(alx_pass pass, const conv2d_sizes *s)
{
    conv2d_sizes turned = *s;

    if (pass == ALX_PASS_FORWARD)
        return *s;
    turned.in_h = s->out_h;
    turned.in_w = s->out_w;
    turned.out_h = s->in_h;
    turned.out_w = s->in_w;
    turned.c = s->k;
    turned.k = s->c;
    turned.pad = s->kernel - 1 - s->pad;
    turned.relu = false;
    return turned;
}

/* Items that share out the blocks, each with scratch of its own: two for a core as long as there
 * are few; more than the cores would only leave the caches colder. */
static int workers_of(const conv2d_sizes *s)
{
    return s->cores < WORKERS / 2 ? 2 * s->cores : s->cores < WORKERS ? WORKERS : s->cores;
}

/* Rows of a block, at most `most`, of which all workers get equally many. */
static int fair_rows(int all, int most, int workers)
{
    const int blocks = ops_parts(all, most);

    return ops_parts(all, workers * ops_parts(blocks, workers));
}

static winograd_plan plan_make(const conv2d_sizes *s, int width)
{
    winograd_plan plan = { .tiles = ops_winograd_tiles(s) };
    const winograd_tiles *t = &plan.tiles;
    const int points = t->side * t->side, c = 16 * ops_parts(t->c, 16);
    const int tiles = ops_param(s->params.tiles, BLOCK_TILES, 1, 256);

    plan.rows = fair_rows(t->images * t->image_rows, ops_parts(tiles, t->columns), workers_of(s));
    plan.tile = ops_tile_tuned(s->params.vectors, width, plan.rows * t->columns, t->k);
    plan.panels = t->groups * ops_parts(t->k, plan.tile.columns);
    plan.weight_floats = (size_t)(plan.panels * plan.tile.columns) *
                         (size_t)(t->taps * t->taps * t->c + points * c);
    plan.worker_floats = 16 * (ops_winograd_input_vectors(t, plan.rows) +
                               ops_winograd_lines_vectors(t)) +
                         (size_t)points * (size_t)(plan.rows * t->columns * plan.tile.columns + 16);
    plan.sizes = ops_winograd_sizes(t, plan.rows);
    ops_winograd_options(plan.options, t, &plan.tile);
    return plan;
}

static size_t plan_scratch(const conv2d_sizes *s, int width)
{
    const winograd_plan plan = plan_make(s, width);

    return plan.weight_floats + (size_t)workers_of(s) * plan.worker_floats;
}

static size_t winograd_scratch(alx_pass pass, const conv2d_sizes *s)
{
    if (!ops_winograd_pays(pass, s))
        return ops_conv2d_vec.scratch(pass, s);
    if (pass == ALX_PASS_GRAD_WEIGHT)
        return ops_conv2d_winograd_weight_scratch(s);

    const conv2d_sizes sizes = sizes_of_pass(pass, s);
    const size_t narrow = plan_scratch(&sizes, OPS_TILE_NARROW);
    const size_t wide = plan_scratch(&sizes, OPS_TILE_WIDE);

    return narrow > wide ? narrow : wide;
}

/* Packs the filters, turned for grad-input, and transforms them. */
static int launch_filters(const winograd_plan *plan, alx_pass pass, const alx_tensor *w,
                          const conv2d_sizes *s, const alx_tensor *scratch)
{
    const bool folded = s->stride > 1;
    const char *pack_kernel = folded                     ? "conv2d_vec_pack_folded"
                              : pass == ALX_PASS_FORWARD ? "conv2d_vec_pack"
                                                         : "conv2d_vec_pack_flipped";
    const alx_arg pack_args[] = { ALX_BUF(scratch),
                                  ALX_BUF(w),
                                  ALX_INT(s->c),
                                  ALX_INT(s->k),
                                  ALX_INT(folded ? s->kernel : s->groups),
                                  ALX_INT(folded ? s->stride : plan->tile.columns),
                                  ALX_INT(plan->tile.columns) };
    const alx_arg filter_args[] = { ALX_BUF(scratch), ALX_STRUCT(&plan->sizes) };
    const alx_grid pack = {
        .global = { (size_t)(plan->tiles.taps * plan->tiles.taps), (size_t)plan->panels, 1 },
        .local = { 1, 1, 1 },
    };
    const alx_grid filter = {
        .global = { (size_t)(16 * ops_parts(plan->tiles.c, 16)), (size_t)plan->panels, 1 },
        .local = { 1, 1, 1 },
    };

    TRY(alx_launch(w->dev, "conv2d_vec_pack", pack_kernel, "-DROWS=16", pack_args,
                   ALX_COUNT(pack_args) - !folded, &pack));
    return alx_launch(w->dev, "conv2d_winograd", "conv2d_winograd_filter", plan->options,
                      filter_args, ALX_COUNT(filter_args), &filter);
}

/* `b` may be NULL. */
static int correlate(alx_pass pass, const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                     const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch)
{
    const conv2d_sizes sizes = sizes_of_pass(pass, s);
    const winograd_plan plan = plan_make(&sizes, ops_tile_width(y->dev));
    const alx_arg args[] = {
        ALX_BUF(y),
        ALX_BUF(x),
        ALX_BUF(scratch),
        ALX_BUF(b),
        ALX_UINT(0),
        ALX_INT(0),
        ALX_INT(plan.tiles.images * plan.tiles.image_rows),
        ALX_STRUCT(&plan.sizes),
    };
    const alx_grid grid = { .global = { (size_t)workers_of(s), 1, 1 }, .local = { 1, 1, 1 } };

    TRY(launch_filters(&plan, pass, w, s, scratch));
    return alx_launch(y->dev, "conv2d_winograd", "conv2d_winograd", plan.options, args,
                      ALX_COUNT(args), &grid);
}

static int winograd_forward(const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                            const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch)
{
    if (!ops_winograd_pays(ALX_PASS_FORWARD, s))
        return ops_conv2d_vec.forward(y, x, w, b, s, scratch);
    return correlate(ALX_PASS_FORWARD, y, x, w, b, s, scratch);
}

static int winograd_grad_input(const alx_tensor *grad_x, const alx_tensor *grad_y,
                               const alx_tensor *w, const conv2d_sizes *s,
                               const alx_tensor *scratch)
{
    if (!ops_winograd_pays(ALX_PASS_GRAD_INPUT, s))
        return ops_conv2d_vec.grad_input(grad_x, grad_y, w, s, scratch);
    return correlate(ALX_PASS_GRAD_INPUT, grad_x, grad_y, w, NULL, s, scratch);
}

static int winograd_grad_weight(const alx_tensor *grad_w, const alx_tensor *x,
                                const alx_tensor *grad_y, const conv2d_sizes *s, bool accumulate,
                                const alx_tensor *scratch)
{
    if (!ops_winograd_pays(ALX_PASS_GRAD_WEIGHT, s))
        return ops_conv2d_vec.grad_weight(grad_w, x, grad_y, s, accumulate, scratch);
    return ops_conv2d_winograd_weight(grad_w, x, grad_y, s, accumulate, scratch);
}

const conv2d_algorithm ops_conv2d_winograd = {
    .makes_relu = true,
    .scratch = winograd_scratch,
    .forward = winograd_forward,
    .grad_input = winograd_grad_input,
    .grad_weight = winograd_grad_weight,
};
