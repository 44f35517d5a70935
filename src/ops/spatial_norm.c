/* spatial_norm.c - response normalisation over pixels of a map; kernels in cl/spatial_norm.cl. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

typedef struct spatial_plan {
    ops_split split;
    char options[96];
    uint32_t blocks; /* vectors per pixel */
} spatial_plan;

static int spatial_plan_make(spatial_plan *plan, const char *op, const alx_tensor *out,
                             const alx_tensor *x, const alx_lrn_params *p)
{
    const alx_shape s = x->shape;
    const int vector = ops_channel_vector(out->dev, s.c);

    TRY(ops_same_shape(op, out, x));
    TRY(ops_require(op, p->size >= 1 && p->size % 2 == 1, "the window's size must be odd"));
    TRY(ops_require(op, p->k > 0.0f && p->alpha >= 0.0f, "k must be > 0 and alpha >= 0"));
    plan->blocks = (uint32_t)(s.c / vector);
    TRY(ops_split_units(&plan->split, out->dev, (size_t)s.n * (size_t)s.w * plan->blocks));
    snprintf(plan->options, sizeof plan->options, "-DSIZE=%d -DBETA_075=%d -DVEC=%d -DWG=%d",
             p->size, p->beta == 0.75f, vector, plan->split.group);
    return 0;
}

int alx_op_spatial_norm_forward(const alx_tensor *y, const alx_tensor *x, const alx_lrn_params *p)
{
    spatial_plan plan;

    TRY(spatial_plan_make(&plan, "spatial norm", y, x, p));

    const alx_arg args[] = { ALX_BUF(y),
                             ALX_BUF(x),
                             ALX_FLOAT(p->k),
                             ALX_FLOAT(p->alpha),
                             ALX_FLOAT(p->beta),
                             ALX_INT(x->shape.h),
                             ALX_INT(x->shape.w),
                             ALX_UINT(plan.blocks),
                             ALX_UINT(plan.split.total),
                             ALX_UINT(plan.split.run) };

    return alx_launch(y->dev, "spatial_norm", "spatial_norm_forward", plan.options, args,
                      ALX_COUNT(args), &plan.split.grid);
}

int alx_op_spatial_norm_backward(const alx_tensor *grad_x, const alx_tensor *grad_y,
                                 const alx_tensor *x, const alx_lrn_params *p)
{
    spatial_plan plan;

    TRY(ops_same_shape("spatial norm backward", grad_y, x));
    TRY(spatial_plan_make(&plan, "spatial norm backward", grad_x, x, p));

    const alx_arg args[] = { ALX_BUF(grad_x),
                             ALX_BUF(grad_y),
                             ALX_BUF(x),
                             ALX_FLOAT(p->k),
                             ALX_FLOAT(p->alpha),
                             ALX_FLOAT(p->beta),
                             ALX_INT(x->shape.h),
                             ALX_INT(x->shape.w),
                             ALX_UINT(plan.blocks),
                             ALX_UINT(plan.split.total),
                             ALX_UINT(plan.split.run) };

    return alx_launch(grad_x->dev, "spatial_norm", "spatial_norm_backward", plan.options, args,
                      ALX_COUNT(args), &plan.split.grid);
}
