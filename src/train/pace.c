/* pace.c - how fast the last steps were, and how long the rest will take. */
#include "train/run.h"

void train_pace_step(run_pace *pace, double seconds)
{
    /* The second step overwrites the first, which is slower than any other. */
    const size_t slot = pace->count > 0 ? (pace->count - 1) % PACE_STEPS : 0;

    pace->seconds[slot] = seconds;
    ++pace->count;
}

double train_pace_step_seconds(const run_pace *pace)
{
    const size_t known = pace->count > 1 ? pace->count - 1 : pace->count;
    const size_t used = known < PACE_STEPS ? known : PACE_STEPS;
    double sum = 0.0;

    for (size_t i = 0; i < used; ++i)
        sum += pace->seconds[i];
    return used > 0 ? sum / (double)used : 0.0;
}

double train_pace_eta(const run_pace *pace, size_t steps, size_t validations)
{
    if (pace->count < 3)
        return -1.0;
    return (double)steps * train_pace_step_seconds(pace) +
           (double)validations * pace->validation_seconds;
}
