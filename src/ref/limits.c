/* limits.c - what a device's numbers may differ by from the twins', all relative to the largest of
 * them. A float32 rounding is at most 2^-24 = 6e-8. */
#include "alexnet/dev/ref.h"

#include <math.h>

/* Roundings of random signs add up as a random walk; four times that is never reached by chance. */
double alx_ref_sum_limit(size_t terms)
{
    return 4.0 * sqrt((double)terms) * 6e-8;
}

/* Winograd's: sums of rounded transforms, those of weights over all pixels too. docs/correctness.md
 * has what the paper's layers are off by. */
double alx_ref_pass_limit(alx_pass pass)
{
    static const double limits[] = {
        [ALX_PASS_FORWARD] = 3e-5,
        [ALX_PASS_GRAD_INPUT] = 5e-5,
        [ALX_PASS_GRAD_WEIGHT] = 1e-4,
    };

    return limits[pass];
}

double alx_ref_conv_limit(alx_conv_algo algo, alx_pass pass, size_t terms)
{
    return alx_conv_algo_is_exact(algo) ? alx_ref_sum_limit(terms) : alx_ref_pass_limit(pass);
}
