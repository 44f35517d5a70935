/* sum_squares.c - twin of the global gradient norm: sum of squares, factor of clipping. */
#include "alexnet/dev/ref.h"

#include <math.h>

float alx_ref_sum_squares(const float *g, size_t count)
{
    double sum = 0.0;

    for (size_t i = 0; i < count; ++i)
        sum += (double)g[i] * (double)g[i];
    return (float)sum;
}

void alx_ref_clip_scale(float out[2], const float *sums, int count, float max_norm)
{
    double sum = 0.0, scale;

    for (int i = 0; i < count; ++i)
        sum += (double)sums[i];
    scale = (double)max_norm / (sqrt(sum) + 1e-6);
    out[0] = max_norm == 0.0f || scale > 1.0 ? 1.0f : (float)scale; /* a NaN stays one */
    out[1] = (float)sqrt(sum);
}
