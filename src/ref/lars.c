/* lars.c - twin of the layer-wise rates (LARS). */
#include "alexnet/dev/ref.h"

#include <math.h>

float alx_ref_lars_rate(float gradient_sum, float weight_sum, float grad_scale, float eta,
                        float weight_decay)
{
    const double gradient = (double)grad_scale * sqrt((double)gradient_sum);
    const double weight = sqrt((double)weight_sum);

    if (!(gradient > 0.0) || !(weight > 0.0))
        return 1.0f;
    return (float)((double)eta * weight / (gradient + (double)weight_decay * weight));
}
