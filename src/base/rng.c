/* rng.c - counter-based random numbers; cl/rng.clh draws the same words on the device. */
#include "alexnet/base.h"

#include <Random123/philox.h>
#include <math.h>

void alx_rng_words(uint32_t out[4], uint32_t seed, enum alx_rng_purpose purpose, uint64_t step,
                   uint64_t item)
{
    const philox4x32_ctr_t counter = { { (uint32_t)item, (uint32_t)(item >> 32), (uint32_t)step,
                                         (uint32_t)(step >> 32) } };
    const philox4x32_key_t key = { { seed, (uint32_t)purpose } };
    const philox4x32_ctr_t words = philox4x32(counter, key);

    for (int i = 0; i < 4; ++i)
        out[i] = words.v[i];
}

float alx_rng_unit(uint32_t word)
{
    return (float)(word >> 8) * 0x1p-24f;
}

uint32_t alx_rng_below(uint32_t word, uint32_t bound)
{
    return (uint32_t)(((uint64_t)word * bound) >> 32);
}

void alx_rng_normal(float out[2], uint32_t word0, uint32_t word1)
{
    const double u = ((double)word0 + 1.0) * 0x1p-32; /* (0, 1]: the logarithm is finite */
    const double angle = 6.283185307179586 * ((double)word1 * 0x1p-32);
    const double radius = sqrt(-2.0 * log(u));

    out[0] = (float)(radius * cos(angle));
    out[1] = (float)(radius * sin(angle));
}
