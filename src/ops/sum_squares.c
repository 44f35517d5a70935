/* sum_squares.c - the global norm of the gradients and the factor of clipping; kernels in
 * cl/sum_squares.cl. The number of partial sums follows from the count alone. */
#include "ops/segments.h"

#include <stdio.h>

#include "base/try.h"

static int launch(alx_device *dev, const char *kernel, bool square, uint32_t groups,
                  const alx_arg *args, size_t arg_count)
{
    const size_t group = (size_t)ops_group(dev);
    const alx_grid grid = { .global = { groups * group, 1, 1 }, .local = { group, 1, 1 } };
    char options[64];

    snprintf(options, sizeof options, "-DSQUARE=%d -DVEC=%d -DWG=%zu", square, ops_vector(dev),
             group);
    return alx_launch(dev, "sum_squares", kernel, options, args, arg_count, &grid);
}

static int sum_chunks(const alx_tensor *out, const alx_tensor *in, const alx_segments *s,
                      const segment_run *run, bool square)
{
    const alx_arg args[] = { ALX_BUF(out), ALX_BUF(in), ALX_BUF(&s->table), ALX_UINT(run->row0),
                             ALX_UINT(run->rows) };

    return launch(s->dev, "sum_chunks", square, run->groups, args, ALX_COUNT(args));
}

int ops_sum_to_slot(const alx_tensor *out, int slot, const alx_tensor *in, size_t count)
{
    const alx_arg args[] = { ALX_BUF(out), ALX_BUF(in), ALX_UINT((uint32_t)count),
                             ALX_UINT((uint32_t)slot) };

    return launch(out->dev, "sum_all", false, 1, args, ALX_COUNT(args));
}

int alx_op_sum_squares_all(const alx_tensor *out, const alx_segments *s, const alx_tensor *scratch)
{
    if (s == NULL)
        return 0;
    TRY(ops_require("sum of squares", (size_t)s->most_slot < alx_shape_count(out->shape),
                    "no such slot"));
    TRY(ops_require("sum of squares", alx_shape_count(scratch->shape) >= s->partials,
                    "the scratch is too small"));
    for (size_t i = 0; i < s->run_count[SEGMENT_CHUNKS]; ++i) {
        const segment_run *run = &s->runs[SEGMENT_CHUNKS][i];

        TRY(sum_chunks(scratch, &run->g, s, run, true));
    }
    return sum_chunks(out, scratch, s, &s->runs[SEGMENT_SUMS][0], false);
}

int alx_op_sum_squares(const alx_tensor *out, int slot, const alx_tensor *g,
                       const alx_tensor *scratch)
{
    alx_segments *s = NULL;
    int rc = 0;

    TRY_DONE(alx_segments_create(&s, &(alx_segment){ .g = g, .slot = slot }, 1));
    TRY_DONE(alx_op_sum_squares_all(out, s, scratch));
done:
    alx_segments_free(s);
    return rc;
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
