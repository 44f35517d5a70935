/* activity.c - statistics of a layer's activations, batch by batch. */
#include "train/diagnose/activity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SATURATED 0.01 /* of the largest derivative: 1/4 of the sigmoid, 1 of tanh */

int train_activity_create(layer_activity *a, alx_activation activation, alx_shape out)
{
    *a = (layer_activity){ .activation = activation,
                           .maps = (size_t)out.c,
                           .pixels = (size_t)out.h * (size_t)out.w };
    a->fired = calloc(a->maps * a->pixels, sizeof *a->fired);
    if (a->fired == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu units", a->maps * a->pixels);
    train_activity_clear(a);
    return 0;
}

void train_activity_clear(layer_activity *a)
{
    a->count = a->zeros = a->saturated = 0;
    a->sum = a->squares = 0.0;
    a->min = INFINITY;
    a->max = -INFINITY;
    memset(a->fired, 0, a->maps * a->pixels * sizeof *a->fired);
}

static bool is_saturated(alx_activation activation, double y)
{
    switch (activation) {
    case ALX_ACT_SIGMOID:
        return 4.0 * y * (1.0 - y) < SATURATED;
    case ALX_ACT_TANH:
        return 1.0 - y * y < SATURATED;
    case ALX_ACT_NONE:
    case ALX_ACT_RELU:
    case ALX_ACT_LEAKY:
        break;
    }
    return false;
}

void train_activity_add(layer_activity *a, const float *nchw, size_t images)
{
    const size_t units = a->maps * a->pixels;

    for (size_t image = 0; image < images; ++image)
        for (size_t unit = 0; unit < units; ++unit) {
            const double y = (double)nchw[image * units + unit];

            a->sum += y;
            a->squares += y * y;
            a->min = fmin(a->min, y);
            a->max = fmax(a->max, y);
            a->zeros += y == 0.0;
            a->saturated += is_saturated(a->activation, y);
            a->fired[unit] |= y != 0.0;
        }
    a->count += images * units;
}

/* Shares of units, and of maps without one that fired. */
static void count_dead(layer_diagnosis *out, const layer_activity *a)
{
    size_t units = 0, maps = 0;

    for (size_t map = 0; map < a->maps; ++map) {
        size_t dead = 0;

        for (size_t pixel = 0; pixel < a->pixels; ++pixel)
            dead += !a->fired[map * a->pixels + pixel];
        units += dead;
        maps += dead == a->pixels;
    }
    out->dead_units = (double)units / (double)(a->maps * a->pixels);
    out->dead_maps = (double)maps / (double)a->maps;
}

void train_activity_sum_up(layer_diagnosis *out, const layer_activity *a)
{
    const bool saturates = a->activation == ALX_ACT_SIGMOID || a->activation == ALX_ACT_TANH;
    const double count = (double)a->count;

    out->mean = out->std = out->min = out->max = NAN;
    out->zeros = out->dead_units = out->dead_maps = out->saturated = NAN;
    if (a->count == 0)
        return;
    out->mean = a->sum / count;
    out->std = sqrt(fmax(0.0, a->squares / count - out->mean * out->mean));
    out->min = a->min;
    out->max = a->max;
    out->zeros = (double)a->zeros / count;
    if (saturates)
        out->saturated = (double)a->saturated / count;
    count_dead(out, a);
}

void train_activity_free(layer_activity *a)
{
    free(a->fired);
    *a = (layer_activity){ 0 };
}
