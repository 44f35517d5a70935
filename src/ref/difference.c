/* difference.c - how far numbers are from what they should be. */
#include <math.h>

#include "alexnet/dev/ref.h"

double alx_ref_difference(const float *got, const float *want, size_t count, double scale)
{
    double difference = 0.0, largest = 0.0;

    for (size_t i = 0; i < count; ++i) {
        const double d = fabs((double)got[i] - (double)want[i]);

        difference = d <= difference ? difference : isnan(d) ? INFINITY : d;
        largest = fmax(largest, fabs((double)want[i]));
    }
    if (isinf(difference)) /* infinity divided by a twin's infinity would be no number */
        return difference;
    largest = scale > 0.0 ? scale : largest;
    return largest > 0.0 ? difference / largest : difference;
}
