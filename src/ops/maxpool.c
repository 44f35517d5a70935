/* maxpool.c - max pooling; kernels in cl/maxpool.cl. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

/* Windows along one side, every one of which starts inside; 0 if none fits. */
static int pool_side(int size, const alx_pool_params *p)
{
    const int rest = size - p->kernel;

    if (rest < 0)
        return p->ceil ? 1 : 0;
    if (!p->ceil)
        return rest / p->stride + 1;
    const int sides = (rest + p->stride - 1) / p->stride + 1;

    return (sides - 1) * p->stride < size ? sides : sides - 1;
}

int alx_pool_output(alx_shape *out, alx_shape in, const alx_pool_params *p)
{
    *out = (alx_shape){ 0 };
    if (p->kernel < 1 || p->stride < 1)
        return alx_fail(ALX_E_USAGE, "pool: kernel and stride must be at least 1");
    const int h = pool_side(in.h, p), w = pool_side(in.w, p);

    if (h < 1 || w < 1)
        return alx_fail(ALX_E_USAGE, "pool: a window of %dx%d does not fit %dx%d pixels", p->kernel,
                        p->kernel, in.h, in.w);
    *out = (alx_shape){ in.n, h, w, in.c };
    return 0;
}

typedef struct maxpool_plan {
    ops_split split;
    char options[128];
    uint32_t blocks; /* vectors per pixel */
} maxpool_plan;

/* `written` is the tensor whose vectors are the units of work. */
static int maxpool_plan_make(maxpool_plan *plan, const alx_tensor *written, const alx_tensor *y,
                             alx_shape in, bool index, const alx_pool_params *p)
{
    const int vector = ops_channel_vector(written->dev, in.c);
    alx_tensor expected = *y;

    TRY(alx_pool_output(&expected.shape, in, p));
    TRY(ops_same_shape("pool", y, &expected));
    TRY(ops_split_units(&plan->split, written->dev,
                        alx_shape_count(written->shape) / (size_t)vector));
    plan->blocks = (uint32_t)(in.c / vector);
    snprintf(plan->options, sizeof plan->options,
             "-DKERNEL=%d -DSTRIDE=%d -DINDEX=%d -DALL_TIES=%d -DVEC=%d -DWG=%d", p->kernel,
             p->stride, index, p->all_ties, vector, plan->split.group);
    return 0;
}

int alx_op_maxpool_forward(const alx_tensor *y, const alx_tensor *index, const alx_tensor *x,
                           const alx_pool_params *p)
{
    const bool wanted = index != NULL && index->mem != NULL;
    maxpool_plan plan;

    if (wanted)
        TRY(ops_same_shape("pool index", index, y));
    TRY(maxpool_plan_make(&plan, y, y, x->shape, wanted, p));

    const alx_arg args[] = { ALX_BUF(y),
                             ALX_BUF(index),
                             ALX_BUF(x),
                             ALX_INT(x->shape.h),
                             ALX_INT(x->shape.w),
                             ALX_INT(y->shape.h),
                             ALX_INT(y->shape.w),
                             ALX_UINT(plan.blocks),
                             ALX_UINT(plan.split.total),
                             ALX_UINT(plan.split.run) };

    return alx_launch(y->dev, "maxpool", "maxpool_forward", plan.options, args, ALX_COUNT(args),
                      &plan.split.grid);
}

static int maxpool_backward_check(const alx_tensor *grad_x, const alx_tensor *grad_y,
                                  const alx_tensor *index, const alx_tensor *x, const alx_tensor *y,
                                  bool all_ties)
{
    if (all_ties) {
        TRY(ops_require("pool backward", x != NULL && y != NULL, "all-ties needs x and y"));
        TRY(ops_same_shape("pool backward", grad_x, x));
        TRY(ops_same_shape("pool backward", grad_y, y));
    } else {
        TRY(ops_require("pool backward", index != NULL, "the index is missing"));
        TRY(ops_same_shape("pool backward", grad_y, index));
    }
    return 0;
}

int alx_op_maxpool_backward(const alx_tensor *grad_x, const alx_tensor *grad_y,
                            const alx_tensor *index, const alx_tensor *x, const alx_tensor *y,
                            const alx_pool_params *p)
{
    maxpool_plan plan;

    TRY(maxpool_backward_check(grad_x, grad_y, index, x, y, p->all_ties));
    TRY(maxpool_plan_make(&plan, grad_x, grad_y, grad_x->shape, false, p));

    const alx_arg args[] = { ALX_BUF(grad_x),
                             ALX_BUF(grad_y),
                             ALX_BUF(p->all_ties ? NULL : index),
                             ALX_BUF(p->all_ties ? x : NULL),
                             ALX_BUF(p->all_ties ? y : NULL),
                             ALX_INT(grad_x->shape.h),
                             ALX_INT(grad_x->shape.w),
                             ALX_INT(grad_y->shape.h),
                             ALX_INT(grad_y->shape.w),
                             ALX_UINT(plan.blocks),
                             ALX_UINT(plan.split.total),
                             ALX_UINT(plan.split.run) };

    return alx_launch(grad_x->dev, "maxpool", "maxpool_backward", plan.options, args,
                      ALX_COUNT(args), &plan.split.grid);
}
