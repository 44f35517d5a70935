/* activation.c - relu, tanh, sigmoid and leaky relu; kernels in cl/activation.cl. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

/* The kernels' name of a function; NULL where there is none. */
static const char *activation_function(alx_activation f)
{
    static const char *const names[] = {
        [ALX_ACT_RELU] = "RELU",
        [ALX_ACT_TANH] = "TANH",
        [ALX_ACT_SIGMOID] = "SIGMOID",
        [ALX_ACT_LEAKY] = "LEAKY",
    };

    return (size_t)f < ALX_COUNT(names) ? names[f] : NULL;
}

static int activation_plan(ops_split *split, char options[96], const alx_tensor *out,
                           const alx_tensor *in, alx_activation f, float slope)
{
    TRY(ops_require("activation", activation_function(f) != NULL, "no such function"));
    TRY(ops_require("activation", slope >= 0.0f, "the slope of leaky relu is negative"));
    TRY(ops_same_shape("activation", out, in));
    TRY(ops_split_elements(split, out->dev, alx_shape_count(out->shape)));
    snprintf(options, 96, "-DFUNCTION=%s -DVEC=%d -DWG=%d", activation_function(f),
             ops_vector(out->dev), split->group);
    return 0;
}

int alx_op_activation_forward(const alx_tensor *y, const alx_tensor *x, alx_activation f,
                              float slope)
{
    ops_split split;
    char options[96];

    TRY(activation_plan(&split, options, y, x, f, slope));

    const alx_arg args[] = { ALX_BUF(y), ALX_BUF(x), ALX_UINT(split.total), ALX_FLOAT(slope),
                             ALX_UINT(split.run) };

    return alx_launch(y->dev, "activation", "activation_forward", options, args, ALX_COUNT(args),
                      &split.grid);
}

int alx_op_activation_backward(const alx_tensor *grad_x, const alx_tensor *grad_y,
                               const alx_tensor *y, alx_activation f, float slope)
{
    ops_split split;
    char options[96];

    TRY(ops_same_shape("activation backward", grad_y, y));
    TRY(activation_plan(&split, options, grad_x, grad_y, f, slope));

    const alx_arg args[] = { ALX_BUF(grad_x),       ALX_BUF(grad_y),  ALX_BUF(y),
                             ALX_UINT(split.total), ALX_FLOAT(slope), ALX_UINT(split.run) };

    return alx_launch(grad_x->dev, "activation", "activation_backward", options, args,
                      ALX_COUNT(args), &split.grid);
}
