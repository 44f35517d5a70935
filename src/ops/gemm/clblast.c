/* clblast.c - matrix products by CLBlast, added to the bias where there is one. */
#include "ops/gemm/gemm.h"

#include <stdio.h>

#include "base/try.h"

int ops_bias_rows(const alx_tensor *y, const alx_tensor *b)
{
    const int vector = ops_channel_vector(y->dev, y->shape.c);
    ops_split split;
    char options[64];

    TRY(ops_split_units(&split, y->dev, alx_shape_count(y->shape) / (size_t)vector));
    snprintf(options, sizeof options, "-DVEC=%d -DWG=%d", vector, split.group);

    const alx_arg args[] = { ALX_BUF(y), ALX_BUF(b), ALX_UINT((uint32_t)(y->shape.c / vector)),
                             ALX_UINT(split.total), ALX_UINT(split.run) };

    return alx_launch(y->dev, "bias", "bias_rows", options, args, ALX_COUNT(args), &split.grid);
}

static size_t clblast_scratch(const gemm_shape *g)
{
    (void)g;
    return 1;
}

static int clblast_run(const alx_tensor *c, const alx_tensor *a, const alx_tensor *b,
                       const alx_tensor *bias, const gemm_shape *g, const alx_tensor *scratch)
{
    const alx_gemm gemm = {
        .transpose_a = g->transpose_a,
        .transpose_b = g->transpose_b,
        .m = g->m,
        .n = g->n,
        .k = g->k,
        .alpha = 1.0f,
        .beta = g->accumulate || bias != NULL ? 1.0f : 0.0f,
        .lda = g->transpose_a ? g->m : g->k,
        .ldb = g->transpose_b ? g->k : g->n,
        .ldc = g->n,
    };

    (void)scratch;
    if (bias != NULL)
        TRY(ops_bias_rows(c, bias));
    return alx_clblast_sgemm(c->dev, c, a, b, &gemm);
}

const gemm_algorithm ops_gemm_clblast = { .scratch = clblast_scratch, .run = clblast_run };
