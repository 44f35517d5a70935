/* sgd.c - the update of one parameter; kernel in cl/sgd.cl. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

int alx_op_sgd(const alx_tensor *w, const alx_tensor *v, const alx_tensor *g,
               const alx_tensor *grad_scale, const alx_sgd_params *p)
{
    ops_split split;
    char options[64];

    TRY(ops_same_shape("sgd", w, v));
    TRY(ops_same_shape("sgd", w, g));
    TRY(ops_split_elements(&split, w->dev, alx_shape_count(w->shape)));
    snprintf(options, sizeof options, "-DTORCH_FORM=%d -DVEC=%d -DWG=%d", p->torch_form,
             ops_vector(w->dev), split.group);

    const alx_arg args[] = { ALX_BUF(w),
                             ALX_BUF(v),
                             ALX_BUF(g),
                             ALX_BUF(grad_scale),
                             ALX_UINT(split.total),
                             ALX_FLOAT(p->lr),
                             ALX_FLOAT(p->momentum),
                             ALX_FLOAT(p->weight_decay),
                             ALX_UINT(split.run) };

    return alx_launch(w->dev, "sgd", "sgd_update", options, args, ALX_COUNT(args), &split.grid);
}
