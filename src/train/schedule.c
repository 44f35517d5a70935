/* schedule.c - the learning rate as a function of the epoch, and the plateau rule. */
#include "train/schedule.h"

#include <math.h>

#define PI 3.14159265358979323846
#define MIN_IMPROVEMENT 1e-4 /* relative, as in PyTorch's ReduceLROnPlateau */

static int milestones_passed(const alx_train_config *config, size_t epoch)
{
    int passed = 0;

    while (passed < config->milestone_count && epoch + 1 >= (size_t)config->milestones[passed])
        ++passed;
    return passed;
}

/* The share of the rate at a time of the warm-up: a scaled one rises from what it was before. */
static double warm_share(const alx_train_config *config, double time)
{
    const double first = config->scale_batch > 0 ? fmin(1.0 / alx_lr_factor(config), 1.0) : 0.0;

    if (time >= config->warmup_epochs)
        return 1.0;
    return first + (1.0 - first) * time / config->warmup_epochs;
}

/* From lr at the warm-up's end to min_lr at the run's end. */
static double cosine_lr(const alx_train_config *config, double time)
{
    const double start = config->warmup_epochs;
    const double length = fmax(config->epochs - start, 1e-9);
    const double done = fmin(fmax((time - start) / length, 0.0), 1.0);

    return config->min_lr + (config->lr - config->min_lr) * 0.5 * (1.0 + cos(PI * done));
}

double alx_schedule_lr(const alx_train_config *config, size_t epoch, double epoch_fraction)
{
    const double time = (double)epoch + epoch_fraction;
    double lr = config->lr;

    switch (config->schedule) {
    case ALX_SCHEDULE_CONSTANT:
    case ALX_SCHEDULE_PLATEAU:
        break;
    case ALX_SCHEDULE_STEP:
        lr *= pow(config->gamma, (double)(epoch / (size_t)config->step_epochs));
        break;
    case ALX_SCHEDULE_MULTISTEP:
        lr *= pow(config->gamma, milestones_passed(config, epoch));
        break;
    case ALX_SCHEDULE_COSINE:
        lr = cosine_lr(config, time);
        break;
    }
    return lr * alx_lr_factor(config) * warm_share(config, time);
}

bool train_schedule_plateau(alx_checkpoint *state, const alx_train_config *config, double signal)
{
    if (state->best_signal == INFINITY || signal < state->best_signal * (1.0 - MIN_IMPROVEMENT)) {
        state->best_signal = signal;
        state->bad_epochs = 0;
        return false;
    }
    if (++state->bad_epochs <= config->patience)
        return false;
    state->bad_epochs = 0;
    if (state->drops >= config->max_drops)
        return false;
    ++state->drops;
    state->lr *= config->gamma;
    return true;
}
