/* progress.c - where a run stands, for whoever watches it. */
#include "train/run.h"

static size_t images_per_step(const train_run *run)
{
    const alx_train_config *config = &run->state.config.train;

    return (size_t)config->batch_size * (size_t)config->grad_accum;
}

size_t train_run_steps(const train_run *run, size_t images)
{
    const size_t per_step = images_per_step(run);

    return (images + per_step - 1) / per_step;
}

static double eta(const train_run *run)
{
    const alx_checkpoint *state = &run->state;
    const size_t max_steps = run->options->max_steps;
    const size_t epochs = (size_t)state->config.train.epochs - state->epoch;
    const size_t rest = train_run_steps(run, run->train.count - state->position);
    const size_t per_epoch = train_run_steps(run, run->train.count);
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

    if (run->options->on_progress != NULL && train_run_leads(run))
        run->options->on_progress(&progress, run->options->user);
}

int train_run_tell(train_run *run, alx_train_phase phase, size_t epoch,
                   const alx_epoch_metrics *metrics)
{
    const alx_train_moment moment = {
        .phase = phase,
        .config = &run->state.config,
        .net = run->net,
        .ranks = alx_comm_size(run->options->comm),
        .epoch = epoch,
        .train_images = run->train.count,
        .held_images = run->held != NULL ? run->held->count : 0,
        .metrics = metrics,
    };

    if (run->options->on_moment == NULL || !train_run_leads(run))
        return 0;
    return run->options->on_moment(&moment, run->options->user);
}

int train_run_watch_scoring(const alx_batch *batch, size_t done, size_t total, void *user)
{
    train_run *run = user;

    (void)batch;
    if (train_run_asked_to_stop(run))
        return alx_fail(ALX_E_INTERRUPTED, "interrupted while scoring");
    train_run_progress(run, true, done, total);
    return 0;
}
