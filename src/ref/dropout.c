/* dropout.c - twin of dropout: one random word per element, found by its place in the layer. */
#include "alexnet/dev/ref.h"

#include "base/rng.h"

static bool dropout_drops(uint64_t element, const alx_dropout_params *p)
{
    uint32_t words[4];

    base_rng_words(words, p->seed, BASE_RNG_DROPOUT, p->step,
                   (uint64_t)p->layer << 40 | element / 4);
    return (double)words[element % 4] < (double)p->rate * 0x1p32;
}

void alx_ref_dropout(float *y, const float *x, alx_shape shape, const alx_dropout_params *p)
{
    const size_t pixels = (size_t)shape.h * (size_t)shape.w, channels = (size_t)shape.c;
    const size_t pixel_units = (size_t)p->units / pixels;
    const size_t count = alx_shape_count(shape);

    for (size_t i = 0; i < count; ++i) {
        const size_t c = i % channels, q = i / channels % pixels, n = i / channels / pixels;
        const uint64_t element = ((uint64_t)p->image0 + n) * (uint64_t)p->units + q * pixel_units +
                                 (uint64_t)p->first_unit + c;

        y[i] = dropout_drops(element, p) ? 0.0f : (float)((double)p->scale * (double)x[i]);
    }
}
