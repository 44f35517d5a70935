/* tile.c - matrix products on GPUs through local memory (cl/gemm_tile.cl): long sums in parts
 * side by side, which a second kernel adds in order; where the product is a gradient,
 * cl/gemm_tile_update.cl makes the SGD step of it. Parameters: rows, columns of a block. */
#include "ops/gemm/tile.h"

#include <assert.h>
#include <stdio.h>

#include "base/try.h"
#include "ops/gemm/register_tile.h"

static int launch(const alx_tensor *c, const alx_tensor *a, const alx_tensor *b,
                  const alx_tensor *bias, const gemm_batch *g, const ops_block *block,
                  ops_parts_of_sum parts)
{
    const gemm_shape *s = &g->shape;
    const alx_grid grid = ops_block_grid(block, s->m, s->n, g->batch * parts.count);
    const alx_arg args[] = {
        ALX_BUF(c),
        ALX_BUF(a),
        ALX_BUF(b),
        ALX_BUF(bias),
        ALX_UINT((uint32_t)(g->c_offset / 4)),
        ALX_UINT((uint32_t)(g->a_offset / 4)),
        ALX_UINT((uint32_t)(g->b_offset / 4)),
        ALX_INT(s->m),
        ALX_INT(s->n),
        ALX_INT(s->k),
        ALX_INT(parts.count),
        ALX_INT(parts.k),
        ALX_INT(s->accumulate),
    };
    char size[OPS_BLOCK_OPTIONS], options[192];

    ops_block_options(size, block, c->dev);
    snprintf(options, sizeof options,
             "-DA_ALONG_K=%d -DB_ALONG_K=%d -DA_ALIGNED=%d -DB_ALIGNED=%d -DC_ALIGNED=%d -DRELU=%d "
             "%s",
             !s->transpose_a, s->transpose_b, (s->transpose_a ? s->m : s->k) % 4 == 0,
             (s->transpose_b ? s->k : s->n) % 4 == 0, s->n % 4 == 0, s->relu, size);
    return alx_launch(c->dev, "gemm_tile", "gemm_tile", options, args, ALX_COUNT(args), &grid);
}

int ops_gemm_tile_batch(const alx_tensor *c, const alx_tensor *a, const alx_tensor *b,
                        const gemm_batch *g, const ops_block *block)
{
    assert(g->c_offset % 4 == 0 && g->a_offset % 4 == 0 && g->b_offset % 4 == 0);
    return launch(c, a, b, NULL, g, block, (ops_parts_of_sum){ 1, g->shape.k });
}

/* Parts of the product, or an update's sum of squares for each block, at most. */
static size_t tile_scratch(const gemm_shape *g)
{
    const int parts = ops_block_parts(g->m, g->n, g->k, 1).count;

    if (parts > 1)
        return (size_t)parts * (size_t)g->m * (size_t)g->n;
    return (size_t)ops_parts(g->m, OPS_BLOCK_LEAST_M) * (size_t)ops_parts(g->n, OPS_BLOCK_LEAST_N);
}

static int tile_run(const alx_tensor *c, const alx_tensor *a, const alx_tensor *b,
                    const alx_tensor *bias, const gemm_shape *g, const alx_tensor *scratch)
{
    const ops_parts_of_sum parts = ops_block_parts(g->m, g->n, g->k, 1);
    const ops_block block = ops_block_choose(&g->params, g->m, g->n, 1, parts.count);
    gemm_batch product = { .shape = *g, .batch = 1 };

    TRY(ops_block_require(c->dev));
    if (parts.count == 1)
        return launch(c, a, b, bias, &product, &block, parts);
    product.shape.accumulate = product.shape.relu = false;
    TRY(launch(scratch, a, b, NULL, &product, &block, parts));
    return ops_sum_parts(c, scratch, &(ops_sum){ parts.count, g->n, bias, g->accumulate, g->relu });
}

/* ---- a * b updates ------------------------------------------------------------------------- */

static bool tile_updates(const gemm_shape *g)
{
    return ops_block_parts(g->m, g->n, g->k, 1).count == 1;
}

static int tile_update(const gemm_update *u, const alx_tensor *a, const alx_tensor *b,
                       const gemm_shape *g, const alx_tensor *scratch)
{
    const ops_block block = ops_block_choose(&g->params, g->m, g->n, 1, 1);
    const alx_grid grid = ops_block_grid(&block, g->m, g->n, 1);
    const int blocks = ops_parts(g->m, block.m) * ops_parts(g->n, block.n);
    const alx_arg args[] = {
        ALX_BUF(u->w),
        ALX_BUF(u->v),
        ALX_BUF(scratch),
        ALX_BUF(a),
        ALX_BUF(b),
        ALX_INT(g->m),
        ALX_INT(g->n),
        ALX_INT(g->k),
        ALX_FLOAT(u->sgd->lr),
        ALX_FLOAT(u->sgd->momentum),
        ALX_FLOAT(u->sgd->weight_decay),
    };
    char size[OPS_BLOCK_OPTIONS], options[192];

    TRY(ops_block_require(a->dev));
    ops_block_options(size, &block, a->dev);
    snprintf(options, sizeof options,
             "-DTORCH_FORM=%d -DA_ALIGNED=%d -DB_ALIGNED=%d -DC_ALIGNED=%d %s", u->sgd->torch_form,
             g->m % 4 == 0, g->n % 4 == 0, g->n % 4 == 0, size);
    TRY(alx_launch(a->dev, "gemm_tile_update", "gemm_tile_update", options, args, ALX_COUNT(args),
                   &grid));
    return ops_sum_to_slot(u->sums, u->slot, scratch, (size_t)blocks);
}

const gemm_algorithm ops_gemm_tile = { .makes_relu = true,
                                       .scratch = tile_scratch,
                                       .run = tile_run,
                                       .update = tile_update,
                                       .updates = tile_updates };
