/* gemm_vec.c - matrix products on CPU devices (cl/gemm_vec.cl): a is packed for the register tile,
 * b, which is the large one (weights), is read once and in place. */
#include "ops/gemm.h"
#include "ops/tile.h"

#include <stdio.h>

/* Rows of b that an item copies at a time, a multiple of 16: 256 x 48 floats are 48 KiB. */
#define BLOCK 256

static size_t packed_floats(const gemm_shape *g, int width)
{
    const int rows = alx_ops_tile_choose(width, g->m, g->n).rows;

    return (size_t)alx_ops_parts(g->m, rows) * (size_t)rows * (size_t)g->k;
}

static size_t vec_scratch(const gemm_shape *g)
{
    const size_t narrow = packed_floats(g, ALX_TILE_NARROW), wide = packed_floats(g, ALX_TILE_WIDE);

    return narrow > wide ? narrow : wide;
}

static int launch_pack(const alx_tensor *scratch, const alx_tensor *a, const gemm_shape *g,
                       const alx_ops_tile *tile, const char *options)
{
    const alx_arg args[] = {
        ALX_BUF(scratch), ALX_BUF(a), ALX_I32(g->m), ALX_I32(g->k),
        ALX_I32(g->transpose_a ? 1 : g->k), ALX_I32(g->transpose_a ? g->m : 1),
    };
    const alx_grid grid = { .global = { (size_t)alx_ops_parts(g->m, tile->rows), 1, 1 },
                            .local = { 1, 1, 1 } };

    return alx_launch(a->dev, "gemm_vec", "gemm_vec_pack", options, args, ALX_COUNT(args), &grid);
}

static int vec_run(const alx_tensor *c, const alx_tensor *a, const alx_tensor *b,
                   const alx_tensor *bias, const gemm_shape *g, const alx_tensor *scratch)
{
    const alx_ops_tile tile = alx_ops_tile_choose(alx_ops_tile_width(c->dev), g->m, g->n);
    const alx_arg args[] = { ALX_BUF(c), ALX_BUF(scratch), ALX_BUF(b), ALX_BUF(bias),
                             ALX_I32(g->m), ALX_I32(g->n), ALX_I32(g->k), ALX_I32(g->accumulate) };
    const alx_grid grid = { .global = { (size_t)alx_ops_parts(g->n, tile.columns), 1, 1 },
                            .local = { 1, 1, 1 } };
    char options[96];
    int rc = 0;

    snprintf(options, sizeof options, "-DMR=%d -DNV=%d -DBLOCK=%d -DB_TRANSPOSED=%d", tile.rows,
             tile.vectors, BLOCK, g->transpose_b);
    TRY(launch_pack(scratch, a, g, &tile, options));
    rc = alx_launch(c->dev, "gemm_vec", "gemm_vec", options, args, ALX_COUNT(args), &grid);
done:
    return rc;
}

const gemm_algorithm alx_gemm_vec = { .scratch = vec_scratch, .run = vec_run };
