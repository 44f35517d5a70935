/* dropout.c - random masks by a unit's place in the whole layer; kernel in cl/dropout.cl. */
#include "ops/shared.h"

#include <math.h>
#include <stdio.h>

#include "base/try.h"

static int dropout_check(const alx_tensor *y, const alx_tensor *x, const alx_dropout_params *p)
{
    const alx_shape s = y->shape;
    const int64_t pixels = (int64_t)s.h * s.w;

    TRY(ops_same_shape("dropout", y, x));
    TRY(ops_require("dropout", p->rate >= 0.0f && p->rate < 1.0f,
                    "the rate must be at least 0 and below 1"));
    TRY(ops_require("dropout", p->units > 0 && p->units % pixels == 0,
                    "the layer's units are no multiple of the pixels"));
    return ops_require("dropout",
                       p->image0 >= 0 && p->first_unit >= 0 &&
                           (int64_t)p->first_unit + s.c <= p->units / pixels,
                       "the units lie outside the layer");
}

/* Spans that cover a row: its first element may be up to the fourth of a block. */
static uint32_t dropout_spans(alx_shape s, const alx_dropout_params *p, int span)
{
    const int row_units = p->units / (s.h * s.w);
    const int offset = row_units % 4 == 0 && p->first_unit % 4 == 0 ? 0 : 3;

    return (uint32_t)((s.c + offset + span - 1) / span);
}

int alx_op_dropout(const alx_tensor *y, const alx_tensor *x, const alx_dropout_params *p)
{
    const alx_shape s = y->shape;
    const double threshold = ceil((double)p->rate * 0x1p32);
    const int vector = ops_vector(y->dev);
    ops_split split;
    char options[64];
    uint32_t spans;

    TRY(dropout_check(y, x, p));
    spans = dropout_spans(s, p, vector == 16 ? 32 : 4); /* as the kernel has them */
    TRY(ops_split_units(&split, y->dev, alx_shape_count(s) / (size_t)s.c * spans));
    snprintf(options, sizeof options, "-DVEC=%d -DWG=%d", vector, split.group);

    const alx_arg args[] = { ALX_BUF(y),
                             ALX_BUF(x),
                             ALX_INT(s.c),
                             ALX_UINT((uint32_t)(s.h * s.w)),
                             ALX_UINT((uint32_t)p->units),
                             ALX_UINT((uint32_t)p->first_unit),
                             ALX_UINT((uint32_t)p->image0),
                             ALX_UINT(p->seed),
                             ALX_UINT(p->step),
                             ALX_UINT(p->layer),
                             ALX_UINT((uint32_t)threshold),
                             ALX_FLOAT(p->scale),
                             ALX_UINT(spans),
                             ALX_UINT(split.total),
                             ALX_UINT(split.run) };

    return alx_launch(y->dev, "dropout", "dropout_apply", options, args, ALX_COUNT(args),
                      &split.grid);
}
