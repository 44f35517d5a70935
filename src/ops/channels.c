/* channels.c - where the towers meet: puts a tower's channels beside the other's, takes and adds
 * the gradients that return; kernels in cl/channels.cl. */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

/* What is copied or added: `width` channels of `in` (+ those of `more`, if not NULL). */
typedef struct slice {
    const alx_tensor *in, *more;
    int first, width;
} slice;

static int channels_slice(const alx_tensor *out, int out_first, const slice *from, bool add)
{
    const alx_tensor *in = from->in;
    const int in_first = from->first, width = from->width;
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

    const alx_arg args[] = { ALX_BUF(out),          ALX_BUF(in),        ALX_BUF(from->more),
                             ALX_INT(out->shape.c), ALX_INT(out_first), ALX_INT(s.c),
                             ALX_INT(in_first),     ALX_UINT(blocks),   ALX_UINT(split.total),
                             ALX_UINT(split.run) };

    return alx_launch(out->dev, "channels", "channels_slice", options, args, ALX_COUNT(args),
                      &split.grid);
}

int alx_op_put_channels(const alx_tensor *y, int first, const alx_tensor *x)
{
    return channels_slice(y, first, &(slice){ x, NULL, 0, x->shape.c }, false);
}

int alx_op_take_channels(const alx_tensor *y, const alx_tensor *x, int first, bool add)
{
    return channels_slice(y, 0, &(slice){ x, NULL, first, y->shape.c }, add);
}

int alx_op_add_channels(const alx_tensor *y, const alx_tensor *a, const alx_tensor *b, int first)
{
    TRY(ops_same_shape("channels", a, b));
    return channels_slice(y, 0, &(slice){ a, b, first, y->shape.c }, false);
}

int alx_op_join_channels(const alx_tensor *y, const alx_tensor *a, const alx_tensor *b)
{
    const int of_a = ops_channel_vector(y->dev, a->shape.c);
    const int of_b = ops_channel_vector(y->dev, b->shape.c), vector = of_a < of_b ? of_a : of_b;
    const alx_shape s = y->shape;
    alx_tensor halves = *y;
    ops_split split;
    char options[64];

    halves.shape = a->shape;
    halves.shape.c += b->shape.c;
    TRY(ops_same_shape("channels", y, &halves));
    halves.shape.c = b->shape.c;
    TRY(ops_same_shape("channels", b, &halves));
    TRY(ops_split_units(&split, y->dev, alx_shape_count(s) / (size_t)vector));
    snprintf(options, sizeof options, "-DADD=0 -DVEC=%d -DWG=%d", vector, split.group);

    const alx_arg args[] = { ALX_BUF(y),
                             ALX_BUF(a),
                             ALX_BUF(b),
                             ALX_UINT((uint32_t)(a->shape.c / vector)),
                             ALX_UINT((uint32_t)(s.c / vector)),
                             ALX_UINT(split.total),
                             ALX_UINT(split.run) };

    return alx_launch(y->dev, "channels", "channels_join", options, args, ALX_COUNT(args),
                      &split.grid);
}
