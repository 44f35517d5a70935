/* rng.h - random numbers. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/** What a stream of random numbers is for; part of the key, so that streams never meet. */
enum base_rng_purpose {
    BASE_RNG_INIT = 1,    /**< initial weights: step = parameter index, item = element / 4 */
    BASE_RNG_DROPOUT = 2, /**< masks: step = training step, item = layer and unit (see ops.h) */
    BASE_RNG_SHUFFLE = 3, /**< order of images: step = epoch, item = position */
    BASE_RNG_CROP = 4,    /**< crop and mirror: step = epoch, item = image */
    BASE_RNG_COLOUR = 5,  /**< PCA shift: step = epoch, item = image */
    BASE_RNG_SPLIT = 6,   /**< validation split: step = 0, item = position */
    BASE_RNG_TEST = 7,    /**< data of tests, checks and benchmarks */
};

/**
 * Four random words as a function of nothing but its arguments: Philox4x32-10 of Random123 with
 * key {seed, purpose} and counter {item low, item high, step low, step high}.
 * The device draws the same words (cl/rng.clh).
 */
void base_rng_words(uint32_t out[4], uint32_t seed, enum base_rng_purpose purpose, uint64_t step,
                    uint64_t item);
/** Uniform in [0, 1), a multiple of 2^-24. */
float base_rng_unit(uint32_t word);
/** Uniform integer in [0, bound), bound >= 1, from one word (multiply-shift). */
uint32_t base_rng_below(uint32_t word, uint32_t bound);
/** Independent N(0,1) values, two from two words (Box-Muller); the same on every machine. */
void base_rng_normals(float *out, const uint32_t *words, size_t pairs);
/** Uniform in [low, high), for tests, checks and benchmarks: BASE_RNG_TEST with seed `stream`. */
void base_random_fill(float *out, size_t count, uint32_t stream, uint64_t step, float low,
                      float high);

#endif
