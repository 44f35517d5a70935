/* norm_pool.c - normalisation and max-pooling fused, on CPU devices; kernels in cl/norm_pool.cl. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

/* Floats of a row that an item keeps in private memory. */
#define LINE_FLOATS 16384
/* Side of a window whose places uint8 can number. */
#define MOST_KERNEL 15

bool alx_op_norm_pool_fits(const alx_device *dev, alx_shape in, const alx_lrn_params *norm,
                           const alx_pool_params *pool)
{
    return (dev == NULL || ops_is_cpu(dev)) && in.c % 16 == 0 && !pool->all_ties &&
           pool->kernel <= MOST_KERNEL &&
           (norm == NULL || (norm->ranges == 1 && in.w * in.c <= LINE_FLOATS));
}

typedef struct norm_pool_plan {
    ops_split split;
    char options[192];
    alx_lrn_params norm; /* size 0: none */
} norm_pool_plan;

/* `written` is the tensor whose rows are the units of work. */
static int plan_make(norm_pool_plan *plan, const alx_tensor *written, const alx_tensor *y,
                     const alx_tensor *x, const alx_tensor *winner, const alx_lrn_params *norm,
                     const alx_pool_params *pool)
{
    static const char op[] = "normalised pool";
    alx_tensor expected = *y;

    TRY(alx_pool_output(&expected.shape, x->shape, pool));
    TRY(ops_same_shape(op, y, &expected));
    TRY(ops_require(op, alx_op_norm_pool_fits(y->dev, x->shape, norm, pool),
                    "not on this device, or not of this shape"));
    TRY(ops_require(op, norm == NULL || (norm->size >= 1 && norm->size % 2 == 1),
                    "the window's size must be odd"));
    if (winner != NULL)
        TRY(ops_require(op, alx_shape_count(winner->shape) * 4 == alx_shape_count(y->shape),
                        "the winners are a byte for each output"));
    plan->norm = norm != NULL ? *norm : (alx_lrn_params){ .ranges = 1, .k = 1.0f };
    TRY(ops_split_units(&plan->split, written->dev,
                        (size_t)written->shape.n * (size_t)written->shape.h));
    snprintf(plan->options, sizeof plan->options,
             "-DX_H=%d -DX_W=%d -DY_H=%d -DY_W=%d -DC=%d -DKERNEL=%d -DSTRIDE=%d -DSIZE=%d "
             "-DBETA_075=%d -DWINNER=%d",
             x->shape.h, x->shape.w, y->shape.h, y->shape.w, x->shape.c, pool->kernel, pool->stride,
             plan->norm.size, plan->norm.beta == 0.75f, winner != NULL);
    return 0;
}

int alx_op_norm_pool_forward(const alx_tensor *y, const alx_tensor *winner, const alx_tensor *x,
                             const alx_lrn_params *norm, const alx_pool_params *pool)
{
    norm_pool_plan plan;

    TRY(plan_make(&plan, y, y, x, winner, norm, pool));

    const alx_arg args[] = { ALX_BUF(y),
                             ALX_BUF(winner),
                             ALX_BUF(x),
                             ALX_FLOAT(plan.norm.k),
                             ALX_FLOAT(plan.norm.alpha),
                             ALX_FLOAT(plan.norm.beta),
                             ALX_UINT(plan.split.total),
                             ALX_UINT(plan.split.run) };

    return alx_launch(y->dev, "norm_pool", "norm_pool_forward", plan.options, args, ALX_COUNT(args),
                      &plan.split.grid);
}

int alx_op_norm_pool_backward(const alx_tensor *grad_x, const alx_tensor *grad_y,
                              const alx_tensor *winner, const alx_tensor *x,
                              const alx_lrn_params *norm, const alx_pool_params *pool)
{
    norm_pool_plan plan;

    TRY(ops_require("normalised pool", winner != NULL, "the winners are missing"));
    TRY(ops_same_shape("normalised pool", grad_x, x));
    TRY(plan_make(&plan, grad_x, grad_y, x, winner, norm, pool));

    const alx_arg args[] = { ALX_BUF(grad_x),           ALX_BUF(grad_y),
                             ALX_BUF(winner),           ALX_BUF(x),
                             ALX_FLOAT(plan.norm.k),    ALX_FLOAT(plan.norm.alpha),
                             ALX_FLOAT(plan.norm.beta), ALX_UINT(plan.split.total),
                             ALX_UINT(plan.split.run) };

    return alx_launch(grad_x->dev, "norm_pool", "norm_pool_backward", plan.options, args,
                      ALX_COUNT(args), &plan.split.grid);
}
