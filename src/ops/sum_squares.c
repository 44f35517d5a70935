/* sum_squares.c - the global norm of the gradients and the factor of clipping; kernels in
 * cl/sum_squares.cl. The number of partial sums follows from the count alone. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

/* Elements per partial sum. */
#define SUM_CHUNK 32768

/* Of a matrix a row, which a fused update has at hand. */
static size_t chunk_of(alx_shape s)
{
    return s.n > 1 && s.h == 1 && s.w == 1 ? (size_t)s.c : SUM_CHUNK;
}

size_t alx_op_sum_squares_scratch(alx_shape shape)
{
    const size_t chunk = chunk_of(shape);

    return (alx_shape_count(shape) + chunk - 1) / chunk;
}

/* out[first ...] = one sum per chunk of the first `count` elements of `in`. */
static int sum_chunks(const alx_tensor *out, int first, const alx_tensor *in, size_t count,
                      size_t chunk, bool square)
{
    const bool cpu = ops_is_cpu(out->dev);
    const size_t group = cpu ? 1 : 64, groups = (count + chunk - 1) / chunk;
    char options[64];

    snprintf(options, sizeof options, "-DSQUARE=%d -DVEC=%d -DWG=%zu", square, ops_vector(out->dev),
             group);

    const alx_arg args[] = { ALX_BUF(out), ALX_BUF(in), ALX_UINT((uint32_t)count),
                             ALX_UINT((uint32_t)chunk), ALX_UINT((uint32_t)first) };
    const alx_grid grid = { .global = { groups * group, 1, 1 }, .local = { group, 1, 1 } };

    return alx_launch(out->dev, "sum_squares", "sum_chunks", options, args, ALX_COUNT(args), &grid);
}

int ops_sum_to_slot(const alx_tensor *out, int slot, const alx_tensor *in, size_t count)
{
    return sum_chunks(out, slot, in, count, alx_round_up(count, SUM_CHUNK), false);
}

int alx_op_sum_squares(const alx_tensor *out, int slot, const alx_tensor *g,
                       const alx_tensor *scratch)
{
    const size_t count = alx_shape_count(g->shape), chunk = chunk_of(g->shape);
    size_t partials = 0;

    TRY(ops_require("sum of squares", count > 0 && count <= UINT32_MAX - SUM_CHUNK,
                    "no elements, or too many"));
    TRY(ops_require("sum of squares", slot >= 0 && (size_t)slot < alx_shape_count(out->shape),
                    "no such slot"));
    partials = alx_op_sum_squares_scratch(g->shape);
    TRY(ops_require("sum of squares", alx_shape_count(scratch->shape) >= partials,
                    "the scratch is too small"));
    TRY(sum_chunks(scratch, 0, g, count, chunk, true));
    return ops_sum_to_slot(out, slot, scratch, partials);
}

int alx_op_clip_scale(const alx_tensor *out, const alx_tensor *sums, int count, float max_norm)
{
    const alx_arg args[] = { ALX_BUF(out), ALX_BUF(sums), ALX_UINT((uint32_t)count),
                             ALX_FLOAT(max_norm) };
    const alx_grid grid = { .global = { 1, 1, 1 }, .local = { 1, 1, 1 } };

    TRY(ops_require("clip", alx_shape_count(out->shape) >= 2, "out holds scale and norm"));
    TRY(ops_require("clip", count > 0 && (size_t)count <= alx_shape_count(sums->shape),
                    "more sums than there are"));
    return alx_launch(out->dev, "sum_squares", "clip_scale", "-DVEC=4 -DWG=64", args,
                      ALX_COUNT(args), &grid);
}
