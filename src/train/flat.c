/* flat.c - notices a loss that stays where it started, at ln(classes). */
#include "train/run.h"

#include <math.h>

#define FLAT_MIN_STEPS 300
#define FLAT_STEPS_PER_CLASS 2
#define FLAT_TOLERANCE 0.01

bool alx_flat_step(run_flat *flat, double loss, int classes)
{
    const size_t patience = (size_t)classes * FLAT_STEPS_PER_CLASS;
    const double chance = log(classes);
    double mean = 0.0;

    flat->loss[flat->count++ % FLAT_STEPS] = loss;
    if (flat->warned || flat->count < FLAT_MIN_STEPS || flat->count < patience)
        return false;
    for (size_t i = 0; i < FLAT_STEPS; ++i)
        mean += flat->loss[i] / FLAT_STEPS;
    flat->warned = fabs(mean - chance) < FLAT_TOLERANCE * chance;
    return flat->warned;
}
