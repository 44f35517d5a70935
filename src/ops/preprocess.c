/* preprocess.c - stored images into the network's input; kernel in cl/preprocess.cl. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

_Static_assert(sizeof(alx_crop) == 8 * sizeof(float), "a row of the tensor of crops");

static int preprocess_check(const alx_tensor *y, const alx_tensor *images, const alx_tensor *crops,
                            const alx_tensor *mean, const alx_tensor *inv_std,
                            const alx_preprocess_params *p)
{
    const size_t image_bytes = (size_t)p->size * (size_t)p->size * 3;
    const alx_shape s = y->shape;

    TRY(ops_require("preprocess", s.c == 3 && p->size > 0, "images have 3 channels"));
    TRY(ops_require("preprocess",
                    alx_shape_count(images->shape) * sizeof(float) >= (size_t)s.n * image_bytes,
                    "fewer stored images than the batch"));
    TRY(ops_require("preprocess", alx_shape_count(crops->shape) >= (size_t)s.n * 8,
                    "fewer crops than images"));
    TRY(ops_require("preprocess",
                    alx_shape_count(mean->shape) == (p->mean_image ? image_bytes : 3) &&
                        alx_shape_count(inv_std->shape) == 3,
                    "mean or deviation of the wrong size"));
    return ops_require("preprocess",
                       !p->mean_image || !p->mean_centre || (s.h <= p->size && s.w <= p->size),
                       "the input is larger than the mean image");
}

int alx_op_preprocess(const alx_tensor *y, const alx_tensor *images, const alx_tensor *crops,
                      const alx_tensor *mean, const alx_tensor *inv_std,
                      const alx_preprocess_params *p)
{
    const alx_shape s = y->shape;
    /* Pixels per item: a whole row on CPU devices, one pixel elsewhere. */
    const int span = ops_is_cpu(y->dev) ? s.w : 1;
    const float factor = (float)((double)p->inv_scale / (double)p->divide);
    ops_split split;
    char options[64];

    TRY(preprocess_check(y, images, crops, mean, inv_std, p));
    TRY(ops_split_units(&split, y->dev, (size_t)s.n * (size_t)s.h * (size_t)(s.w / span)));
    snprintf(options, sizeof options, "-DMEAN=%d -DCLIP=%d -DWG=%d",
             !p->mean_image   ? 0
             : p->mean_centre ? 2
                              : 1,
             p->clip, split.group);

    const alx_arg args[] = { ALX_BUF(y),    ALX_BUF(images),       ALX_BUF(crops),
                             ALX_BUF(mean), ALX_BUF(inv_std),      ALX_INT(p->size),
                             ALX_INT(s.h),  ALX_INT(s.w),          ALX_FLOAT(factor),
                             ALX_INT(span), ALX_UINT(split.total), ALX_UINT(split.run) };

    return alx_launch(y->dev, "preprocess", "preprocess", options, args, ALX_COUNT(args),
                      &split.grid);
}
