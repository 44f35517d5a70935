/* sum_parts.c - the last stage of sums made in parts (cl/sum_parts.cl). */
#include "ops/shared.h"

#include <stdio.h>

#include "base/try.h"

int ops_sum_parts(const alx_tensor *out, const alx_tensor *parts, int count, int channels,
                  const alx_tensor *bias, bool accumulate)
{
    const int vector = ops_channel_vector(out->dev, channels);
    ops_split split;
    char options[64];

    TRY(ops_split_units(&split, out->dev, alx_shape_count(out->shape) / (size_t)vector));
    snprintf(options, sizeof options, "-DVEC=%d -DWG=%d", vector, split.group);

    const alx_arg args[] = {
        ALX_BUF(out),
        ALX_BUF(parts),
        ALX_BUF(bias),
        ALX_UINT((uint32_t)count),
        ALX_UINT((uint32_t)(channels / vector)),
        ALX_INT(accumulate),
        ALX_UINT(split.total),
        ALX_UINT(split.run),
    };

    return alx_launch(out->dev, "sum_parts", "sum_parts", options, args, ALX_COUNT(args),
                      &split.grid);
}
