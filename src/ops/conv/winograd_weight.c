/* winograd_weight.c - gradient of the weights on CPU devices in Winograd's tiles
 * (cl/conv2d_winograd_weight.cl): chunks of tiles are transformed, then multiplied, in order.
 * Parameters: tiles of a chunk. */
#include "base/try.h"
#include "ops/choose/choose.h"
#include "ops/conv/vec.h"
#include "ops/conv/winograd.h"

/* What the tiles of a chunk become at most: it stays in L3. */
#define CHUNK_FLOATS (2 << 20)
/* Tiles of a chunk at most: longer sums round more than they save. */
#define CHUNK_TILES 288

/* Items at least that transform, each with lines of its own; on more cores one for each. */
#define WORKERS 16

typedef struct weight_plan {
    winograd_tiles tiles;
    ops_tile tile;
    int rows, panels; /* of a chunk; of all groups */
    int workers;
    size_t scratch_floats;
    winograd_sizes sizes;
    char options[OPS_WINOGRAD_OPTIONS];
} weight_plan;

/* Rows that divide a vector of channels, enough sums to hide the latency of a multiply-add. */
static ops_tile tile_choose(int width, int k)
{
    ops_tile tile = ops_tile_choose(width, 16, k);

    tile.rows = width == OPS_TILE_WIDE ? 8 : 4;
    return tile;
}

/* Rows of tiles of a chunk. */
static int chunk_rows(const winograd_tiles *t, const conv2d_sizes *s)
{
    const int all = t->images * t->image_rows;
    const int channels = 16 * t->groups * (ops_parts(t->c, 16) + ops_parts(t->k, 16));
    const int fitting = CHUNK_FLOATS / (t->side * t->side * channels);
    const int most = fitting < 1 ? 1 : fitting < CHUNK_TILES ? fitting : CHUNK_TILES;
    const int tiles = ops_param(s->params.tiles, most, 1, 1024);
    const int rows = ops_parts(tiles, t->columns);

    return rows < all ? rows : all;
}

static weight_plan plan_make(const conv2d_sizes *s, int width)
{
    weight_plan plan = { .tiles = ops_winograd_tiles(s), .tile = tile_choose(width, s->k) };
    const winograd_tiles *t = &plan.tiles;
    const int points = t->side * t->side, vectors = plan.tile.vectors;

    plan.workers = s->cores > WORKERS ? s->cores : WORKERS;
    plan.rows = chunk_rows(t, s);
    plan.panels = t->groups * ops_parts(t->k, plan.tile.columns);

    const size_t m = (size_t)(points * ops_parts(t->c, 16)) *
                     (size_t)(plan.panels * plan.tile.columns);
    const size_t v = (size_t)t->groups * ops_winograd_input_vectors(t, plan.rows);
    const size_t d = (size_t)plan.panels * (size_t)points *
                     (size_t)(plan.rows * t->columns * vectors + 1);
    const size_t y_line =
        (size_t)(t->columns * t->outputs * vectors) * (size_t)(plan.panels / t->groups) + 1;
    const size_t lines = ops_winograd_lines_vectors(t) + (size_t)t->side * y_line +
                         (size_t)ops_parts(t->y_w * t->groups * t->k, 16);

    plan.scratch_floats = 16 * (m + v + d + (size_t)plan.workers * lines);
    plan.sizes = ops_winograd_sizes(t, plan.rows);
    ops_winograd_options(plan.options, t, &plan.tile);
    return plan;
}

size_t ops_conv2d_winograd_weight_scratch(const conv2d_sizes *s)
{
    const size_t narrow = plan_make(s, OPS_TILE_NARROW).scratch_floats;
    const size_t wide = plan_make(s, OPS_TILE_WIDE).scratch_floats;

    return narrow > wide ? narrow : wide;
}

static int launch(const weight_plan *plan, alx_device *dev, const char *kernel, const alx_arg *args,
                  size_t arg_count, int items, int panels)
{
    const alx_grid grid = { .global = { (size_t)items, (size_t)panels, 1 }, .local = { 1, 1, 1 } };

    return alx_launch(dev, "conv2d_winograd_weight", kernel, plan->options, args, arg_count, &grid);
}

/* Adds rows first ... first+rows-1 of tiles to the sums. */
static int launch_chunk(const weight_plan *plan, const alx_tensor *x, const alx_tensor *grad_y,
                        const alx_tensor *scratch, int first, int rows)
{
    const alx_arg input[] = {
        ALX_BUF(scratch), ALX_BUF(x),     ALX_BUF(grad_y), ALX_UINT(0),
        ALX_INT(0),       ALX_INT(first), ALX_INT(rows),   ALX_STRUCT(&plan->sizes),
    };
    const alx_arg multiply[] = {
        ALX_BUF(scratch),
        ALX_INT(rows * plan->tiles.columns),
        ALX_INT(first == 0),
        ALX_STRUCT(&plan->sizes),
    };

    TRY(launch(plan, x->dev, "conv2d_winograd_weight_input", input, ALX_COUNT(input), plan->workers,
               1));
    return launch(plan, x->dev, "conv2d_winograd_weight_multiply", multiply, ALX_COUNT(multiply),
                  plan->tiles.side * plan->tiles.side, plan->panels);
}

int ops_conv2d_winograd_weight(const alx_tensor *grad_w, const alx_tensor *x,
                               const alx_tensor *grad_y, const conv2d_sizes *s, bool accumulate,
                               const alx_tensor *scratch)
{
    const weight_plan plan = plan_make(s, ops_tile_width(grad_w->dev));
    const int all_rows = plan.tiles.images * plan.tiles.image_rows;
    const alx_arg output[] = { ALX_BUF(grad_w), ALX_BUF(scratch), ALX_INT(accumulate),
                               ALX_STRUCT(&plan.sizes) };

    for (int first = 0; first < all_rows; first += plan.rows) {
        const int left = all_rows - first;

        TRY(launch_chunk(&plan, x, grad_y, scratch, first, left < plan.rows ? left : plan.rows));
    }
    return launch(&plan, grad_w->dev, "conv2d_winograd_weight_output", output, ALX_COUNT(output),
                  ops_parts(plan.tiles.c, 16), plan.panels);
}
