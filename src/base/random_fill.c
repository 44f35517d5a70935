/* random_fill.c - numbers for tests, checks and benchmarks, the same everywhere. */
#include "base/rng.h"

void base_random_fill(float *out, size_t count, uint32_t stream, uint64_t step, float low,
                      float high)
{
    uint32_t words[4];

    for (size_t i = 0; i < count; ++i) {
        if (i % 4 == 0)
            base_rng_words(words, stream, BASE_RNG_TEST, step, i / 4);
        out[i] = low + (high - low) * base_rng_unit(words[i % 4]);
    }
}
