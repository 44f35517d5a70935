/* scale.c - twin of the multiplication by a constant. */
#include "alexnet/dev/ref.h"

void alx_ref_scale(float *y, const float *x, size_t count, float factor)
{
    for (size_t i = 0; i < count; ++i)
        y[i] = (float)((double)factor * (double)x[i]);
}
