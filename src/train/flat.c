/* flat.c - notices a loss that stays where it started, at ln(classes). */
#include "train/run.h"

#include <math.h>

#define FLAT_MIN_STEPS 300
#define FLAT_STEPS_PER_CLASS 2
#define FLAT_TOLERANCE 0.01
#define FLAT_LUCK 1.25 /* times the accuracy of guessing */

bool train_flat_step(run_flat *flat, double loss, double top1, int classes)
{
    const size_t patience = (size_t)classes * FLAT_STEPS_PER_CLASS;
    const double chance = log(classes);
    double mean = 0.0, right = 0.0;

    flat->top1[flat->count % FLAT_STEPS] = top1;
    flat->loss[flat->count++ % FLAT_STEPS] = loss;
    if (flat->warned || flat->count < FLAT_MIN_STEPS || flat->count < patience)
        return false;
    for (size_t i = 0; i < FLAT_STEPS; ++i) {
        mean += flat->loss[i] / FLAT_STEPS;
        right += flat->top1[i] / FLAT_STEPS;
    }
    flat->warned = fabs(mean - chance) < FLAT_TOLERANCE * chance && right * classes < FLAT_LUCK;
    return flat->warned;
}
