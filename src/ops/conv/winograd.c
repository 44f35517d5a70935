/* winograd.c - convolution on CPU devices with fewer multiplications: forward, and
 * grad-input as the correlation of grad_y with the filter turned by 180 degrees
 * (cl/conv2d_winograd.cl); a stride is folded into channels. What has no tiles, or is slower in
 * tiles, goes to vec.c. Parameters: tiles at a time, vectors of the register tile. */
#include "ops/conv/winograd.h"
#include "base/try.h"
#include "ops/choose/choose.h"

/* Tiles at a time: enough for each weight that comes from a far cache, few enough for L2. */
#define BLOCK_TILES 24
/* Items at least on many cores; on more one for each. */
#define ITEMS 16

typedef struct winograd_plan {
    winograd_tiles tiles;
    ops_tile tile;
    int rows, panels;
    int workers, shares; /* items, by rows of tiles and by panels */
    size_t filter_floats, item_floats;
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

/* Items, each with scratch of its own: two for a core as long as there are few; more than the cores
 * would only leave the caches colder. */
static int items_of(const conv2d_sizes *s)
{
    return s->cores < ITEMS / 2 ? 2 * s->cores : s->cores < ITEMS ? ITEMS : s->cores;
}

/* Blocks of rows, of at most `most`, of which all items get equally many; what fits into one is
 * shared out by panels alone. */
static void share_out(winograd_plan *plan, int all_rows, int most, int items)
{
    const int blocks = ops_parts(all_rows, most);

    plan->workers = blocks > 1 ? items : 1;
    plan->rows = ops_parts(all_rows, plan->workers * ops_parts(blocks, plan->workers));
    plan->shares = blocks > 1 ? 1 : items < plan->panels ? items : plan->panels;
}

static winograd_plan plan_make(const conv2d_sizes *s, int width)
{
    winograd_plan plan = { .tiles = ops_winograd_tiles(s) };
    const winograd_tiles *t = &plan.tiles;
    const size_t points = (size_t)(t->side * t->side);
    const int c_vectors = ops_parts(t->c, 16), all_rows = t->images * t->image_rows;
    const int most = ops_parts(ops_param(s->params.tiles, BLOCK_TILES, 1, 256), t->columns);

    /* columns do not depend on rows */
    plan.tile = ops_tile_tuned(s->params.vectors, width, most * t->columns, t->k);
    plan.panels = t->groups * ops_parts(t->k, plan.tile.columns);
    share_out(&plan, all_rows, most, items_of(s));
    plan.tile = ops_tile_tuned(s->params.vectors, width, plan.rows * t->columns, t->k);
    plan.filter_floats = (size_t)plan.panels * points *
                         (size_t)(16 * (c_vectors * plan.tile.columns + 1));
    plan.item_floats = 16 * (ops_winograd_input_vectors(t, plan.rows) +
                             ops_winograd_lines_vectors(t)) +
                       points * (size_t)(plan.rows * t->columns * plan.tile.columns + 16);
    plan.sizes = ops_winograd_sizes(t, plan.rows);
    ops_winograd_options(plan.options, t, &plan.tile);
    return plan;
}

static size_t plan_scratch(const conv2d_sizes *s, int width)
{
    const winograd_plan plan = plan_make(s, width);

    return (s->prepared ? 0 : plan.filter_floats) +
           (size_t)(plan.workers * plan.shares) * plan.item_floats;
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

/* Of weights, turned for grad-input. */
static int launch_filters(const winograd_plan *plan, alx_pass pass, const alx_tensor *filters,
                          const alx_tensor *w)
{
    const alx_arg args[] = { ALX_BUF(filters), ALX_BUF(w), ALX_INT(pass == ALX_PASS_GRAD_INPUT),
                             ALX_STRUCT(&plan->sizes) };
    const alx_grid grid = {
        .global = { (size_t)ops_parts(plan->tiles.c, 16), (size_t)plan->panels, 1 },
        .local = { 1, 1, 1 },
    };

    return alx_launch(w->dev, "conv2d_winograd", "conv2d_winograd_filter", plan->options, args,
                      ALX_COUNT(args), &grid);
}

/* `b` may be NULL; what items need begins `offset` elements into scratch. */
static int launch_tiles(const winograd_plan *plan, const alx_tensor *y, const alx_tensor *x,
                        const alx_tensor *filters, const alx_tensor *b, const alx_tensor *scratch,
                        size_t offset)
{
    const alx_arg args[] = {
        ALX_BUF(y),
        ALX_BUF(x),
        ALX_BUF(filters),
        ALX_BUF(scratch),
        ALX_BUF(b),
        ALX_UINT((uint32_t)(offset / 16)),
        ALX_INT(plan->tiles.images * plan->tiles.image_rows),
        ALX_STRUCT(&plan->sizes),
    };
    const alx_grid grid = { .global = { (size_t)plan->workers, (size_t)plan->shares, 1 },
                            .local = { 1, 1, 1 } };

    return alx_launch(y->dev, "conv2d_winograd", "conv2d_winograd", plan->options, args,
                      ALX_COUNT(args), &grid);
}

/* Scratch holds the filters, then what items need. */
static int correlate(alx_pass pass, const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                     const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch)
{
    const conv2d_sizes sizes = sizes_of_pass(pass, s);
    const winograd_plan plan = plan_make(&sizes, ops_tile_width(y->dev));

    TRY(launch_filters(&plan, pass, scratch, w));
    return launch_tiles(&plan, y, x, scratch, b, scratch, plan.filter_floats);
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

static size_t winograd_filters(const conv2d_sizes *s)
{
    if (!ops_winograd_pays(ALX_PASS_FORWARD, s))
        return ops_conv2d_vec.filters(s);

    const size_t narrow = plan_make(s, OPS_TILE_NARROW).filter_floats;
    const size_t wide = plan_make(s, OPS_TILE_WIDE).filter_floats;

    return narrow > wide ? narrow : wide;
}

static int winograd_prepare(const alx_tensor *filters, const alx_tensor *w, const conv2d_sizes *s)
{
    if (!ops_winograd_pays(ALX_PASS_FORWARD, s))
        return ops_conv2d_vec.prepare(filters, w, s);

    const winograd_plan plan = plan_make(s, ops_tile_width(w->dev));

    return launch_filters(&plan, ALX_PASS_FORWARD, filters, w);
}

static int winograd_forward_prepared(const alx_tensor *y, const alx_tensor *x,
                                     const alx_tensor *filters, const alx_tensor *b,
                                     const conv2d_sizes *s, const alx_tensor *scratch)
{
    if (!ops_winograd_pays(ALX_PASS_FORWARD, s))
        return ops_conv2d_vec.forward_prepared(y, x, filters, b, s, scratch);

    const winograd_plan plan = plan_make(s, ops_tile_width(y->dev));

    return launch_tiles(&plan, y, x, filters, b, scratch, 0);
}

const conv2d_algorithm ops_conv2d_winograd = {
    .makes_relu = true,
    .scratch = winograd_scratch,
    .forward = winograd_forward,
    .grad_input = winograd_grad_input,
    .grad_weight = winograd_grad_weight,
    .filters = winograd_filters,
    .prepare = winograd_prepare,
    .forward_prepared = winograd_forward_prepared,
};
