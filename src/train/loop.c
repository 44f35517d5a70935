/* loop.c - epochs of updates until the end, the last allowed update, or an interrupt. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/try.h"
#include "train/run.h"

/* ---- progress ------------------------------------------------------------------------------ */

static size_t images_per_step(const train_run *run)
{
    const alx_train_config *config = &run->state.config.train;

    return (size_t)config->batch_size * (size_t)config->grad_accum;
}

static size_t round_up_steps(size_t images, size_t per_step)
{
    return (images + per_step - 1) / per_step;
}

static double eta(const train_run *run)
{
    const alx_checkpoint *state = &run->state;
    const size_t per_step = images_per_step(run), max_steps = run->options->max_steps;
    const size_t epochs = (size_t)state->config.train.epochs - state->epoch;
    const size_t rest = round_up_steps(run->train.count - state->position, per_step);
    const size_t per_epoch = round_up_steps(run->train.count, per_step);
    size_t steps = rest + (epochs - 1) * per_epoch, validations = run->held != NULL ? epochs : 0;

    if (max_steps > 0 && max_steps - state->step < steps) {
        steps = max_steps - state->step;
        validations = steps >= rest && validations > 0 ? 1 + (steps - rest) / per_epoch : 0;
    }
    return train_pace_eta(&run->pace, steps, validations);
}

void train_run_progress(train_run *run, bool validating, size_t step, size_t steps)
{
    const alx_checkpoint *state = &run->state;
    const double step_seconds = train_pace_step_seconds(&run->pace);
    const double images = (double)state->sums.images;
    const size_t epochs = (size_t)state->config.train.epochs;
    const alx_progress progress = {
        .epoch = state->epoch < epochs ? state->epoch + 1 : epochs, /* the final test comes after */
        .epochs = epochs,
        .step = step,
        .steps = steps,
        .loss = images > 0.0 ? state->sums.loss / images : 0.0,
        .top1 = images > 0.0 ? (double)state->sums.top1 / images : 0.0,
        .images_s = step_seconds > 0.0 ? (double)images_per_step(run) / step_seconds : 0.0,
        .wait_share = state->seconds > 0.0 ? state->wait_seconds / state->seconds : 0.0,
        .eta_seconds = validating ? -1.0 : eta(run),
        .validating = validating,
    };

    if (run->options->on_progress != NULL)
        run->options->on_progress(&progress, run->options->user);
}

/* ---- the loop ------------------------------------------------------------------------------ */

static bool out_of_steps(const train_run *run)
{
    return run->options->max_steps > 0 && run->state.step >= run->options->max_steps;
}

static int save_and_stop(train_run *run)
{
    const int rc = train_run_save(run, run->last_path);

    if (rc != 0)
        return rc;
    return alx_fail(ALX_E_INTERRUPTED,
                    "interrupted in epoch %zu, after update %zu; saved: go on "
                    "with --resume %s",
                    run->state.epoch + 1, run->state.step, run->last_path);
}

/* Updates until the epoch is over or the run must stop. */
static int train_epoch(train_run *run)
{
    const size_t per_step = images_per_step(run), save_every = run->options->save_every;
    const size_t steps = round_up_steps(run->train.count, per_step);

    while (run->state.position < run->train.count && !out_of_steps(run)) {
        TRY(train_run_step(run));
        train_run_progress(run, false, round_up_steps(run->state.position, per_step), steps);
        if (train_run_interrupted(run))
            TRY(save_and_stop(run));
        if (save_every > 0 && run->state.step % save_every == 0)
            TRY(train_run_save(run, run->last_path));
    }
    return 0;
}

static int train_epochs(train_run *run)
{
    const size_t epochs = (size_t)run->state.config.train.epochs;
    int rc = 0;

    if (run->state.epoch >= epochs) {
        alx_info("the run has finished its %zu epochs; a larger --epochs goes on", epochs);
        if (!base_file_exists(run->last_path)) /* a folder of its own */
            TRY(train_run_save(run, run->last_path));
    } else if (out_of_steps(run)) {
        alx_info("the run is at step %zu already; a larger --max-steps goes on", run->state.step);
    }
    while (run->state.epoch < epochs) {
        TRY(train_epoch(run));
        if (run->state.position < run->train.count) /* max_steps */
            return train_run_save(run, run->last_path);
        rc = train_run_finish_epoch(run);
        if (rc == ALX_E_INTERRUPTED)
            rc = save_and_stop(run);
        TRY(rc);
        if (out_of_steps(run))
            break;
    }
    if (run->options->overfit_batch)
        TRY(train_run_save(run, run->last_path));
    return rc;
}

static void fill_result(alx_train_result *result, const train_run *run)
{
    result->test_is_validation = run->held_set != NULL && run->held_set == run->test_set;
    result->best_error = run->state.best_error;
    result->best_epoch = run->state.best_epoch;
    result->steps = run->state.step;
    result->updates = run->state.step - run->first_step;
    result->checks = run->checks;
    result->epochs = run->state.epoch;
    result->seconds = base_seconds() - run->started;
    result->first_step_seconds = run->first_step_seconds;
    result->last_loss = run->last_loss;
    result->device_bytes = run->net != NULL ? alx_net_device_bytes(run->net) : 0;
    result->step_resident_bytes = run->resident_bytes;
}

int alx_train_run(alx_train_result *result, alx_device *const *devs, int dev_count,
                  const alx_train_options *options)
{
    train_run *run = calloc(1, sizeof *run);
    int rc = 0;

    memset(result, 0, sizeof *result);
    if (run == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a run");
    run->options = options;
    run->started = base_seconds();
    TRY_DONE(train_run_open(run, devs, dev_count));
    TRY_DONE(train_epochs(run));
    if (run->state.epoch >= (size_t)run->state.config.train.epochs && !options->overfit_batch)
        TRY_DONE(train_run_test(run, &result->test));
done:
    fill_result(result, run);
    train_run_close(run);
    free(run);
    return rc;
}
