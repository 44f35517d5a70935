/* grad_bias.c - gradient of the biases of any layer; kernels in cl/grad_bias.cl. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

/* Vectors that one item of a CPU device reads side by side. */
#define MOST_VECTORS 8
/* Parts that a group of a GPU makes and adds up at once: those of 256 rows. */
#define MOST_FEW 16

typedef struct bias_sizes {
    size_t rows, parts, part_rows;
    int channels;
} bias_sizes;

/* About as many parts as rows in a part: both stages have as long a way. */
static bias_sizes bias_sizes_of(alx_shape grad_y)
{
    const size_t rows = (size_t)grad_y.n * (size_t)grad_y.h * (size_t)grad_y.w;
    size_t side = 1;

    while (side * side < rows)
        ++side;
    return (bias_sizes){ rows, (rows + side - 1) / side, side, grad_y.c };
}

size_t alx_op_grad_bias_scratch(alx_shape grad_y)
{
    const bias_sizes s = bias_sizes_of(grad_y);

    return s.parts * (size_t)s.channels;
}

static int launch_partial(const bias_sizes *s, const alx_tensor *scratch, const alx_tensor *grad_y)
{
    const int vector = ops_channel_vector(grad_y->dev, s->channels);
    const int blocks = s->channels / vector;
    int vectors = ops_is_cpu(grad_y->dev) ? MOST_VECTORS : 1;
    ops_split split;
    char options[64];

    while (blocks % vectors != 0)
        --vectors;
    const uint32_t columns = (uint32_t)(blocks / vectors);

    TRY(ops_split_units(&split, grad_y->dev, s->parts * columns));
    snprintf(options, sizeof options, "-DVECTORS=%d -DVEC=%d -DWG=%d", vectors, vector,
             split.group);

    const alx_arg args[] = { ALX_BUF(scratch),
                             ALX_BUF(grad_y),
                             ALX_UINT((uint32_t)s->rows),
                             ALX_UINT((uint32_t)s->part_rows),
                             ALX_UINT(columns),
                             ALX_UINT(split.total),
                             ALX_UINT(split.run) };

    return alx_launch(grad_y->dev, "grad_bias", "grad_bias_partial", options, args, ALX_COUNT(args),
                      &split.grid);
}

/* The same order of sums in one launch, for GPUs. */
static int launch_few(const bias_sizes *s, const alx_tensor *grad_b, const alx_tensor *grad_y,
                      bool accumulate)
{
    const int vector = ops_channel_vector(grad_y->dev, s->channels);
    const size_t group = (size_t)ops_group(grad_y->dev), columns = (size_t)(s->channels / vector);
    const size_t groups = (columns * MOST_FEW + group - 1) / group;
    const alx_grid grid = { .global = { groups * group, 1, 1 }, .local = { group, 1, 1 } };
    const alx_arg args[] = { ALX_BUF(grad_b),
                             ALX_BUF(grad_y),
                             ALX_UINT((uint32_t)s->rows),
                             ALX_UINT((uint32_t)s->part_rows),
                             ALX_UINT((uint32_t)s->parts),
                             ALX_UINT((uint32_t)columns),
                             ALX_INT(accumulate) };
    char options[64];

    snprintf(options, sizeof options, "-DVECTORS=1 -DMOST_PARTS=%d -DVEC=%d -DWG=%zu", MOST_FEW,
             vector, group);
    return alx_launch(grad_y->dev, "grad_bias", "grad_bias_few", options, args, ALX_COUNT(args),
                      &grid);
}

int alx_op_grad_bias(const alx_tensor *grad_b, const alx_tensor *grad_y, bool accumulate,
                     const alx_tensor *scratch)
{
    const bias_sizes s = bias_sizes_of(grad_y->shape);

    TRY(ops_require("bias gradient", alx_shape_count(grad_b->shape) == (size_t)s.channels,
                    "one bias per channel"));
    TRY(ops_require("bias gradient", s.channels > 0 && s.rows > 0 && s.rows <= UINT32_MAX / 2,
                    "no elements, or too many rows"));
    TRY(ops_require("bias gradient",
                    alx_shape_count(scratch->shape) >= s.parts * (size_t)s.channels,
                    "the scratch is too small"));
    if (s.parts <= MOST_FEW && !ops_is_cpu(grad_y->dev))
        return launch_few(&s, grad_b, grad_y, accumulate);
    TRY(launch_partial(&s, scratch, grad_y));
    return ops_sum_parts(
        grad_b, scratch,
        &(ops_sum){ .count = (int)s.parts, .channels = s.channels, .accumulate = accumulate });
}
