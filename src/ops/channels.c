/* channels.c - where the towers meet: puts a tower's channels beside the other's, takes and adds
 * the gradients that return. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

/* Copies or adds `width` channels of `in`, from in_first on, to those of `out`, out_first on. */
static int channels_slice(const alx_tensor *out, int out_first, const alx_tensor *in, int in_first,
                          int width, bool add)
{
    const alx_shape s = in->shape;
    const int vector = ops_channel_vector(out->dev, width);
    const uint32_t blocks = (uint32_t)(width / vector);
    ops_split split;
    char options[64];

    TRY(ops_require("channels", s.n == out->shape.n && s.h == out->shape.h && s.w == out->shape.w,
                    "images or pixels differ"));
    TRY(ops_require("channels",
                    in_first >= 0 && out_first >= 0 && width > 0 && in_first + width <= s.c &&
                        out_first + width <= out->shape.c,
                    "the slice does not fit"));
    TRY(ops_split_units(&split, out->dev, alx_shape_count(s) / (size_t)s.c * blocks));
    snprintf(options, sizeof options, "-DADD=%d -DVEC=%d -DWG=%d", add, vector, split.group);

    const alx_arg args[] = { ALX_BUF(out),       ALX_BUF(in),           ALX_INT(out->shape.c),
                             ALX_INT(out_first), ALX_INT(s.c),          ALX_INT(in_first),
                             ALX_UINT(blocks),   ALX_UINT(split.total), ALX_UINT(split.run) };

    return alx_launch(out->dev, "channels", "channels_slice", options, args, ALX_COUNT(args),
                      &split.grid);
}

int alx_op_put_channels(const alx_tensor *y, int first, const alx_tensor *x)
{
    return channels_slice(y, first, x, 0, x->shape.c, false);
}

int alx_op_take_channels(const alx_tensor *y, const alx_tensor *x, int first, bool add)
{
    return channels_slice(y, 0, x, first, y->shape.c, add);
}
