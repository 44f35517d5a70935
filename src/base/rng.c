/* rng.c - counter-based random numbers; cl/rng.clh draws the same words on the device.
 * The normal distribution takes + - * / and square roots only, all of them exactly rounded, so that
 * initial weights are the same with every C library. */
#include "base/rng.h"

#include <Random123/philox.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

void base_rng_words(uint32_t out[4], uint32_t seed, enum base_rng_purpose purpose, uint64_t step,
                    uint64_t item)
{
    const philox4x32_ctr_t counter = { { (uint32_t)item, (uint32_t)(item >> 32), (uint32_t)step,
                                         (uint32_t)(step >> 32) } };
    const philox4x32_key_t key = { { seed, (uint32_t)purpose } };
    const philox4x32_ctr_t words = philox4x32(counter, key);

    for (int i = 0; i < 4; ++i)
        out[i] = words.v[i];
}

float base_rng_unit(uint32_t word)
{
    return (float)(word >> 8) * 0x1p-24f;
}

uint32_t base_rng_below(uint32_t word, uint32_t bound)
{
    return (uint32_t)(((uint64_t)word * bound) >> 32);
}

/* log(m) for m in [sqrt(1/2), sqrt(2)) as 2 atanh(s), s = (m-1)/(m+1); error below 1e-8. */
static float log_mantissa(float m)
{
    const float s = (m - 1.0f) / (m + 1.0f), t = s * s;

    return 2.0f * s * (1.0f + t * (1.0f / 3 + t * (1.0f / 5 + t * (1.0f / 7 + t * (1.0f / 9)))));
}

/* log of (word + 1/2) / 2^32, never of zero. */
static float log_unit(uint32_t word)
{
    const float value = (float)word + 0.5f;
    uint32_t bits;
    float m;

    memcpy(&bits, &value, sizeof bits);
    /* so that the mantissa, put under exponent 0 or -1, lies in [sqrt(1/2), sqrt(2)) */
    const int32_t exponent = ((int32_t)bits - 0x3f3504f3) >> 23;
    bits -= (uint32_t)exponent << 23;
    memcpy(&m, &bits, sizeof m);
    return (float)(exponent - 32) * 0.69314718f + log_mantissa(m);
}

/* Cosine and sine of word / 2^32 of a turn: the nearest quarter turn, and Taylor series for the
 * eighth of a turn to each side of it; error below 3e-8. */
static void turn(float *cosine, float *sine, uint32_t word)
{
    const uint32_t quarter = (word + 0x20000000u) >> 30;
    const float a = (float)(int32_t)(word - (quarter << 30)) * (float)(6.283185307179586 * 0x1p-32);
    const float t = a * a;
    const float c = 1.0f + t * (-1.0f / 2 +
                                t * (1.0f / 24 + t * (-1.0f / 720 +
                                                      t * (1.0f / 40320 + t * (-1.0f / 3628800)))));
    const float s = a * (1.0f + t * (-1.0f / 6 +
                                     t * (1.0f / 120 + t * (-1.0f / 5040 + t * (1.0f / 362880)))));
    const bool swapped = quarter & 1;
    const float x = swapped ? s : c, y = swapped ? c : s;

    *cosine = quarter == 1 || quarter == 2 ? -x : x;
    *sine = quarter >= 2 ? -y : y;
}

void base_rng_normals(float *out, const uint32_t *words, size_t pairs)
{
    for (size_t i = 0; i < pairs; ++i) {
        const float radius = sqrtf(-2.0f * log_unit(words[2 * i]));
        float cosine, sine;

        turn(&cosine, &sine, words[2 * i + 1]);
        out[2 * i] = radius * cosine;
        out[2 * i + 1] = radius * sine;
    }
}
