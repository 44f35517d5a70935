/* norm_pool.c - normalisation and max-pooling fused, on CPU devices; kernels in cl/norm_pool.cl, or
 * without a normalisation in cl/maxpool_rows.cl. */
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
    alx_lrn_params norm;
    bool normalises;
} norm_pool_plan;

static void plan_options(norm_pool_plan *plan, alx_shape x, alx_shape y,
                         const alx_pool_params *pool)
{
    const int length = snprintf(plan->options, sizeof plan->options,
                                "-DX_H=%d -DX_W=%d -DY_H=%d -DY_W=%d -DCHANNELS=%d -DKERNEL=%d "
                                "-DSTRIDE=%d",
                                x.h, x.w, y.h, y.w, x.c, pool->kernel, pool->stride);

    if (plan->normalises)
        snprintf(plan->options + length, sizeof plan->options - (size_t)length,
                 " -DSIZE=%d -DBETA_075=%d", plan->norm.size, plan->norm.beta == 0.75f);
}

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
    plan->normalises = norm != NULL;
    plan->norm = norm != NULL ? *norm : (alx_lrn_params){ 0 };
    TRY(ops_split_units(&plan->split, written->dev,
                        (size_t)written->shape.n * (size_t)written->shape.h));
    plan_options(plan, x->shape, y->shape, pool);
    return 0;
}

/* `args` end with the three of the norm. */
static int plan_launch(const norm_pool_plan *plan, alx_device *dev, const char *pass,
                       const alx_arg *args, size_t count)
{
    const char *file = plan->normalises ? "norm_pool" : "maxpool_rows";
    char kernel[32];

    snprintf(kernel, sizeof kernel, "%s_%s", file, pass);
    return alx_launch(dev, file, kernel, plan->options, args, plan->normalises ? count : count - 3,
                      &plan->split.grid);
}

int alx_op_norm_pool_forward(const alx_tensor *y, const alx_tensor *winner, const alx_tensor *x,
                             const alx_lrn_params *norm, const alx_pool_params *pool)
{
    norm_pool_plan plan;

    TRY(plan_make(&plan, y, y, x, winner, norm, pool));

    const alx_arg args[] = { ALX_BUF(y),
                             ALX_BUF(winner),
                             ALX_BUF(x),
                             ALX_UINT(plan.split.total),
                             ALX_UINT(plan.split.run),
                             ALX_FLOAT(plan.norm.k),
                             ALX_FLOAT(plan.norm.alpha),
                             ALX_FLOAT(plan.norm.beta) };

    return plan_launch(&plan, y->dev, "forward", args, ALX_COUNT(args));
}

int alx_op_norm_pool_backward(const alx_tensor *grad_x, const alx_tensor *grad_y,
                              const alx_tensor *winner, const alx_tensor *x,
                              const alx_lrn_params *norm, const alx_pool_params *pool)
{
    norm_pool_plan plan;

    TRY(ops_require("normalised pool", winner != NULL, "the winners are missing"));
    TRY(ops_same_shape("normalised pool", grad_x, x));
    TRY(plan_make(&plan, grad_x, grad_y, x, winner, norm, pool));

    const alx_arg args[] = { ALX_BUF(grad_x),
                             ALX_BUF(grad_y),
                             ALX_BUF(winner),
                             ALX_BUF(x),
                             ALX_UINT(plan.split.total),
                             ALX_UINT(plan.split.run),
                             ALX_FLOAT(plan.norm.k),
                             ALX_FLOAT(plan.norm.alpha),
                             ALX_FLOAT(plan.norm.beta) };

    return plan_launch(&plan, grad_x->dev, "backward", args, ALX_COUNT(args));
}
