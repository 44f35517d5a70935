/* sum_parts.c - the last stage of sums made in parts (cl/sum_parts.cl). */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

int ops_sum_parts(const alx_tensor *out, const alx_tensor *parts, const ops_sum *sum)
{
    const int vector = ops_channel_vector(out->dev, sum->channels);
    ops_split split;
    char options[64];

    TRY(ops_split_units(&split, out->dev, alx_shape_count(out->shape) / (size_t)vector));
    snprintf(options, sizeof options, "-DRELU=%d -DVEC=%d -DWG=%d", sum->relu, vector, split.group);

    const alx_arg args[] = {
        ALX_BUF(out),
        ALX_BUF(parts),
        ALX_BUF(sum->bias),
        ALX_UINT((uint32_t)sum->count),
        ALX_UINT((uint32_t)(sum->channels / vector)),
        ALX_INT(sum->accumulate),
        ALX_UINT(split.total),
        ALX_UINT(split.run),
    };

    return alx_launch(out->dev, "sum_parts", "sum_parts", options, args, ALX_COUNT(args),
                      &split.grid);
}
