/* scale.c - multiplication by a constant; kernel in cl/scale.cl. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

int alx_op_scale(const alx_tensor *y, const alx_tensor *x, float factor)
{
    ops_split split;
    char options[64];

    TRY(ops_same_shape("scale", y, x));
    if (factor == 1.0f && y->mem == x->mem)
        return 0;
    TRY(ops_split_elements(&split, y->dev, alx_shape_count(y->shape)));
    snprintf(options, sizeof options, "-DVEC=%d -DWG=%d", ops_vector(y->dev), split.group);

    const alx_arg args[] = { ALX_BUF(y), ALX_BUF(x), ALX_UINT(split.total), ALX_FLOAT(factor),
                             ALX_UINT(split.run) };

    return alx_launch(y->dev, "scale", "scale", options, args, ALX_COUNT(args), &split.grid);
}
