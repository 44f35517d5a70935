/* adaptive_pool.c - adaptive average pooling; kernels in cl/adaptive_pool.cl. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

/* Both passes: `written` is y or grad_x, whose vectors are the units of work. */
static int adaptive_pool_run(const char *kernel, const alx_tensor *written, const alx_tensor *read,
                             alx_shape in, alx_shape out)
{
    const int vector = ops_channel_vector(written->dev, in.c);
    ops_split split;
    char options[64];

    TRY(ops_require("adaptive pool", in.n == out.n && in.c == out.c, "images or channels differ"));
    TRY(ops_split_units(&split, written->dev, alx_shape_count(written->shape) / (size_t)vector));
    snprintf(options, sizeof options, "-DVEC=%d -DWG=%d", vector, split.group);

    const alx_arg args[] = { ALX_BUF(written),
                             ALX_BUF(read),
                             ALX_INT(in.h),
                             ALX_INT(in.w),
                             ALX_INT(out.h),
                             ALX_INT(out.w),
                             ALX_UINT((uint32_t)(in.c / vector)),
                             ALX_UINT(split.total),
                             ALX_UINT(split.run) };

    return alx_launch(written->dev, "adaptive_pool", kernel, options, args, ALX_COUNT(args),
                      &split.grid);
}

int alx_op_adaptive_pool_forward(const alx_tensor *y, const alx_tensor *x)
{
    return adaptive_pool_run("adaptive_pool_forward", y, x, x->shape, y->shape);
}

int alx_op_adaptive_pool_backward(const alx_tensor *grad_x, const alx_tensor *grad_y)
{
    return adaptive_pool_run("adaptive_pool_backward", grad_x, grad_y, grad_x->shape,
                             grad_y->shape);
}
