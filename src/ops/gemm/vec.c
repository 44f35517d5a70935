/* vec.c - matrix products on CPU devices. The large factor (weights, or the input where weight
 * gradients are made) is b: it is read once and in place, a is packed for the register tile.
 * cl/gemm_vec.cl computes a * b, cl/gemm_vec_nt.cl a * b^T, cl/gemm_vec_few.cl
 * that of a few rows of a, which is not packed; where a * b is a gradient, cl/gemm_vec_update.cl
 * makes the SGD step of it. Parameters: block; of the first also
 * vectors, panels. */
#include "base/try.h"
#include "ops/choose/choose.h"
#include "ops/gemm/gemm.h"
#include "ops/gemm/register_tile.h"

#include <stdio.h>

/* Rows (of b^T: columns) of b that are multiplied at a time: the block of the other factor, or of
 * b, stays in the second-level cache. */
#define BLOCK 128
#define BLOCK_NT 512
/* Panels that an item of gemm_vec makes, if there are enough: b and c are then read and written in
 * runs of several lines, which spares look-ups of page addresses. */
#define MOST_PANELS 8
/* Items per core at least, so that no core waits for long. */
#define ITEMS_PER_CORE 8
#define TILES_PER_ITEM_NT 8

/* ---- a * b --------------------------------------------------------------------------------- */

static ops_tile tile_of(const gemm_shape *g, int width)
{
    return ops_tile_tuned(g->params.vectors, width, g->m, g->n);
}

static size_t packed_floats(const gemm_shape *g, int width)
{
    const int rows = tile_of(g, width).rows;

    return (size_t)ops_parts(g->m, rows) * (size_t)rows * (size_t)g->k;
}

static int panels_of_item(const gemm_shape *g, const alx_device *dev, int panels)
{
    const int most = ops_param(g->params.panels, MOST_PANELS, 1, 16);
    const int cores = (int)alx_device_get_info(dev)->compute_units;
    const int enough = panels / (cores * ITEMS_PER_CORE);

    return enough < 1 ? 1 : enough < most ? enough : most;
}

static int block_of(const gemm_shape *g)
{
    return ops_param(g->params.block, BLOCK, 16, 1024);
}

/* Behind `offset` vectors of scratch. */
static int launch_pack(const alx_tensor *scratch, const alx_tensor *a, const gemm_shape *g,
                       const ops_tile *tile, uint32_t offset)
{
    const alx_arg args[] = {
        ALX_BUF(scratch),
        ALX_BUF(a),
        ALX_INT(g->m),
        ALX_INT(g->k),
        ALX_INT(g->transpose_a ? 1 : g->k),
        ALX_INT(g->transpose_a ? g->m : 1),
        ALX_INT(tile->rows),
        ALX_UINT(offset),
    };
    const alx_grid grid = { .global = { (size_t)ops_parts(g->m, tile->rows), 1, 1 },
                            .local = { 1, 1, 1 } };

    return alx_launch(a->dev, "gemm_vec_pack", "gemm_vec_pack_rows", "", args, ALX_COUNT(args),
                      &grid);
}

static int run_nn(const alx_tensor *c, const alx_tensor *a, const alx_tensor *b,
                  const gemm_shape *g, const alx_tensor *scratch)
{
    const ops_tile tile = tile_of(g, ops_tile_width(c->dev));
    const int panels = ops_parts(g->n, tile.columns);
    const int item_panels = panels_of_item(g, c->dev, panels);
    const alx_arg args[] = {
        ALX_BUF(c),    ALX_BUF(scratch),      ALX_BUF(b), ALX_INT(g->m), ALX_INT(g->n),
        ALX_INT(g->k), ALX_INT(g->accumulate)
    };
    const alx_grid grid = { .global = { (size_t)ops_parts(panels, item_panels), 1, 1 },
                            .local = { 1, 1, 1 } };
    char options[96];

    snprintf(options, sizeof options, "-DMR=%d -DNV=%d -DBLOCK=%d -DPANELS=%d", tile.rows,
             tile.vectors, block_of(g), item_panels);
    TRY(launch_pack(scratch, a, g, &tile, 0));
    return alx_launch(c->dev, "gemm_vec", "gemm_vec", options, args, ALX_COUNT(args), &grid);
}

/* ---- a * b updates ------------------------------------------------------------------------- */

/* Scratch, in vectors of 16 floats: a sum of squares for each row, packed a, packed b. */
typedef struct update_plan {
    ops_tile tile;
    int tiles, panels;
    size_t a_offset, b_offset, vectors;
} update_plan;

static update_plan update_plan_make(const gemm_shape *g, int width)
{
    update_plan plan = { .tile = tile_of(g, width) };

    plan.tiles = ops_parts(g->m, plan.tile.rows);
    plan.panels = ops_parts(g->n, plan.tile.columns);
    plan.a_offset = ((size_t)g->m + 15) / 16;
    plan.b_offset = plan.a_offset + (packed_floats(g, width) + 15) / 16;
    plan.vectors = plan.b_offset + (size_t)plan.panels * (size_t)plan.tile.vectors * (size_t)g->k;
    return plan;
}

static int vec_update(const gemm_update *u, const alx_tensor *a, const alx_tensor *b,
                      const gemm_shape *g, const alx_tensor *scratch)
{
    alx_device *dev = u->w->dev;
    const update_plan plan = update_plan_make(g, ops_tile_width(dev));
    const uint32_t a_offset = (uint32_t)plan.a_offset, b_offset = (uint32_t)plan.b_offset;
    const alx_arg pack[] = { ALX_BUF(scratch), ALX_BUF(b),    ALX_UINT(b_offset),
                             ALX_INT(g->n),    ALX_INT(g->k), ALX_INT(plan.tile.columns) };
    const alx_arg update[] = { ALX_BUF(u->w),
                               ALX_BUF(u->v),
                               ALX_BUF(scratch),
                               ALX_BUF(scratch),
                               ALX_BUF(scratch),
                               ALX_UINT(a_offset),
                               ALX_UINT(b_offset),
                               ALX_INT(g->m),
                               ALX_INT(g->n),
                               ALX_INT(g->k),
                               ALX_FLOAT(u->sgd->lr),
                               ALX_FLOAT(u->sgd->momentum),
                               ALX_FLOAT(u->sgd->weight_decay) };
    const alx_grid panels = { .global = { (size_t)plan.panels, 1, 1 }, .local = { 1, 1, 1 } };
    const alx_grid tiles = { .global = { (size_t)plan.tiles, 1, 1 }, .local = { 1, 1, 1 } };
    char options[96];

    TRY(launch_pack(scratch, a, g, &plan.tile, a_offset));
    TRY(alx_launch(dev, "gemm_vec_pack", "gemm_vec_pack_columns", "", pack, ALX_COUNT(pack),
                   &panels));
    snprintf(options, sizeof options, "-DMR=%d -DNV=%d -DBLOCK=%d -DTORCH_FORM=%d", plan.tile.rows,
             plan.tile.vectors, block_of(g), u->sgd->torch_form);
    TRY(alx_launch(dev, "gemm_vec_update", "gemm_vec_update", options, update, ALX_COUNT(update),
                   &tiles));
    return ops_sum_to_slot(u->sums, u->slot, scratch, (size_t)g->m);
}

/* ---- a * b^T ------------------------------------------------------------------------------- */

/* The tile's rows are those of b, its columns those of a. */
typedef struct nt_plan {
    ops_tile tile;
    int tiles, panels;
    size_t packed_floats, product_floats; /* of scratch: a, then the product transposed */
} nt_plan;

static nt_plan nt_plan_make(const gemm_shape *g, int width)
{
    nt_plan plan = { .tile = ops_tile_choose_apart(width, g->n, g->m) };

    plan.tiles = ops_parts(g->n, plan.tile.rows);
    plan.panels = ops_parts(g->m, plan.tile.columns);
    const size_t columns = (size_t)plan.panels * (size_t)plan.tile.columns;

    plan.packed_floats = columns * (size_t)g->k;
    plan.product_floats = columns * (size_t)plan.tiles * (size_t)plan.tile.rows;
    return plan;
}

static int run_nt(const alx_tensor *c, const alx_tensor *a, const alx_tensor *b,
                  const alx_tensor *bias, const gemm_shape *g, const alx_tensor *scratch)
{
    const nt_plan plan = nt_plan_make(g, ops_tile_width(c->dev));
    const uint32_t product = (uint32_t)(plan.packed_floats / 16);
    const alx_arg turn_in[] = { ALX_BUF(scratch), ALX_BUF(a), ALX_INT(g->m), ALX_INT(g->k),
                                ALX_INT(plan.tile.columns) };
    const alx_arg multiply[] = { ALX_BUF(scratch),          ALX_BUF(scratch), ALX_BUF(b),
                                 ALX_UINT(product),         ALX_INT(g->n),    ALX_INT(plan.panels),
                                 ALX_INT(TILES_PER_ITEM_NT) };
    const alx_arg turn_out[] = { ALX_BUF(c),
                                 ALX_BUF(scratch),
                                 ALX_BUF(bias),
                                 ALX_UINT(product),
                                 ALX_INT(g->m),
                                 ALX_INT(g->n),
                                 ALX_INT(plan.panels * plan.tile.columns),
                                 ALX_INT(plan.tile.rows),
                                 ALX_INT(g->relu) };
    const alx_grid in = { { (size_t)ops_parts(g->k, 16), (size_t)plan.panels, 1 }, { 1, 1, 1 } };
    const alx_grid items = { { (size_t)ops_parts(plan.tiles, TILES_PER_ITEM_NT), 1, 1 },
                             { 1, 1, 1 } };
    const alx_grid out = { { (size_t)ops_parts(g->n, 16), 1, 1 }, { 1, 1, 1 } };
    char options[96];

    snprintf(options, sizeof options, "-DMR=%d -DNV=%d -DK=%d -DBLOCK=%d", plan.tile.rows,
             plan.tile.vectors, g->k, ops_param(g->params.block, BLOCK_NT, 16, 4096));
    TRY(alx_launch(c->dev, "gemm_vec_turn", "gemm_vec_turn_in", "", turn_in, ALX_COUNT(turn_in),
                   &in));
    TRY(alx_launch(c->dev, "gemm_vec_nt", "gemm_vec_nt", options, multiply, ALX_COUNT(multiply),
                   &items));
    return alx_launch(c->dev, "gemm_vec_turn", "gemm_vec_turn_out", "", turn_out,
                      ALX_COUNT(turn_out), &out);
}

/* ---- a * b^T, few rows of a ----------------------------------------------------------------- */

/* More rows fill the vectors of nt. */
#define FEW_ROWS 12
/* Columns of an item: long enough to be worth a launch, short enough that cores end together. */
#define FEW_COLUMNS 48

/* Tiles of so many rows of a and b keep their sums in registers. */
typedef struct few_tile {
    int a_rows, b_rows;
} few_tile;

static bool is_few(const gemm_shape *g)
{
    return g->m < FEW_ROWS;
}

static few_tile few_tile_choose(int width, int m)
{
    static const int wide[] = { 8, 8, 8, 6 }, narrow[] = { 4, 3 };
    const int most = width == OPS_TILE_WIDE ? (int)ALX_COUNT(wide) : (int)ALX_COUNT(narrow);
    const int rows = ops_parts(m, ops_parts(m, most));

    return (few_tile){ rows, width == OPS_TILE_WIDE ? wide[rows - 1] : narrow[rows - 1] };
}

static int run_few(const alx_tensor *c, const alx_tensor *a, const alx_tensor *b,
                   const alx_tensor *bias, const gemm_shape *g)
{
    const few_tile tile = few_tile_choose(ops_tile_width(c->dev), g->m);
    const alx_arg args[] = { ALX_BUF(c),    ALX_BUF(a),           ALX_BUF(b),
                             ALX_BUF(bias), ALX_INT(g->m),        ALX_INT(g->n),
                             ALX_INT(g->k), ALX_INT(FEW_COLUMNS), ALX_INT(g->relu) };
    const alx_grid grid = { .global = { (size_t)ops_parts(g->n, FEW_COLUMNS), 1, 1 },
                            .local = { 1, 1, 1 } };
    char options[64];

    snprintf(options, sizeof options, "-DA_ROWS=%d -DB_ROWS=%d", tile.a_rows, tile.b_rows);
    return alx_launch(c->dev, "gemm_vec_few", "gemm_vec_few", options, args, ALX_COUNT(args),
                      &grid);
}

/* ---- both ---------------------------------------------------------------------------------- */

static size_t width_scratch(const gemm_shape *g, int width)
{
    const nt_plan plan = nt_plan_make(g, width);

    if (g->transpose_b)
        return plan.packed_floats + plan.product_floats;
    return g->transpose_a ? 16 * update_plan_make(g, width).vectors : packed_floats(g, width);
}

static size_t vec_scratch(const gemm_shape *g)
{
    const size_t narrow = width_scratch(g, OPS_TILE_NARROW), wide = width_scratch(g, OPS_TILE_WIDE);

    return narrow > wide ? narrow : wide;
}

/* A bias comes with b^T only, accumulation without: the passes of a fully connected layer. */
static int vec_run(const alx_tensor *c, const alx_tensor *a, const alx_tensor *b,
                   const alx_tensor *bias, const gemm_shape *g, const alx_tensor *scratch)
{
    if (!g->transpose_b)
        return run_nn(c, a, b, g, scratch);
    return is_few(g) ? run_few(c, a, b, bias, g) : run_nt(c, a, b, bias, g, scratch);
}

static bool vec_updates(const gemm_shape *g)
{
    (void)g;
    return true;
}

const gemm_algorithm ops_gemm_vec = { .makes_relu = true,
                                      .scratch = vec_scratch,
                                      .run = vec_run,
                                      .update = vec_update,
                                      .updates = vec_updates };
