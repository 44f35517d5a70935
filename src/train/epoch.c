/* epoch.c - the end of an epoch: validation, metrics, rate, checkpoints; and the final test. */
#include <math.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/try.h"
#include "train/job/job.h"
#include "train/run.h"
#include "train/schedule.h"
#include "train/score.h"

/* ---- scoring ------------------------------------------------------------------------------- */

static int score(train_run *run, alx_score *out, const alx_dataset *set, const alx_subset *subset)
{
    alx_loader *loader = NULL;
    int rc = 0;

    if (run->options->comm != NULL)
        return train_job_score(run, out, set, subset);
    TRY_DONE(train_run_score_loader(&loader, run, NULL, set, subset));
    TRY_DONE(alx_evaluate(out, run->net, run->feeder, loader, NULL, train_run_watch_scoring, run));
done:
    alx_loader_free(loader);
    return rc;
}

static int validate(train_run *run, alx_score *out)
{
    const double start = base_seconds();

    *out = (alx_score){ 0 };
    if (run->held == NULL)
        return 0;
    TRY(score(run, out, run->held_set, run->held));
    run->pace.validation_seconds = base_seconds() - start;
    if (!isfinite(out->loss))
        return alx_fail(ALX_E_NUMERIC,
                        "the validation loss is not finite after epoch %zu (rate %g): "
                        "try a lower --lr%s",
                        run->state.epoch + 1, run->state.step_lr, train_run_kept(run));
    return 0;
}

int train_run_test(train_run *run, alx_score *out)
{
    *out = (alx_score){ 0 };
    if (run->test_set == NULL || run->state.best_epoch == 0)
        return 0;
    if (train_run_leads(run))
        TRY(alx_checkpoint_load_net(run->net, run->best_path));
    TRY(train_job_spread_net(run));
    return score(run, out, run->test_set, &run->test);
}

/* ---- the end of an epoch ------------------------------------------------------------------- */

int train_run_save(train_run *run, const char *path)
{
    TRY(train_run_check_norm(run));
    TRY(train_job_compare_weights(run));
    return train_run_leads(run) ? alx_checkpoint_write(path, &run->state, run->net) : 0;
}

static alx_epoch_metrics epoch_metrics(const train_run *run, const alx_score *validation)
{
    const alx_checkpoint *state = &run->state;
    const double seconds = fmax(state->seconds, 1e-9);

    return (alx_epoch_metrics){
        .epoch = state->epoch + 1,
        .step = state->step,
        .lr = run->state.step_lr,
        .train = train_score_mean(state->sums),
        .validation = *validation,
        .seconds = state->seconds,
        .images_s = (double)state->sums.images / seconds,
        .wait_share = state->wait_seconds / seconds,
        .grad_norm = state->grad_norm,
    };
}

/* Closes the epoch in the state. @return true if it is the best so far */
static bool advance(train_run *run, const alx_epoch_metrics *metrics)
{
    const alx_score *signal = run->held != NULL ? &metrics->validation : &metrics->train;
    const alx_train_config *config = &run->state.config.train;
    alx_checkpoint *state = &run->state;
    const double error = signal->images > 0 ? 1.0 - (double)signal->top1 / (double)signal->images
                                            : 1.0;
    const bool best = error < state->best_error;

    ++state->epoch;
    state->position = 0;
    state->sums = (alx_score){ 0 };
    state->seconds = state->wait_seconds = 0.0;
    if (best) {
        state->best_error = error;
        state->best_epoch = state->epoch;
    }
    if (config->schedule == ALX_SCHEDULE_PLATEAU &&
        train_schedule_plateau(state, config, config->plateau_loss ? signal->loss : error))
        alx_info("no improvement for %d epochs: the rate is now %g", config->patience + 1,
                 state->lr * alx_lr_factor(config));
    return best;
}

int train_run_finish_epoch(train_run *run)
{
    const double start = base_seconds();
    const size_t epoch = run->state.epoch + 1;
    alx_score validation;

    if (run->state.sums.images == 0)
        return alx_fail(ALX_E_DATA, "none of the %zu training images could be read",
                        run->train.count);
    TRY(train_run_check_norm(run)); /* waits for the last update */
    run->state.seconds += base_seconds() - start;
    TRY(train_run_tell(run, ALX_TRAIN_UPDATED, epoch, NULL));
    TRY(validate(run, &validation));
    const alx_epoch_metrics metrics = epoch_metrics(run, &validation);
    TRY(train_run_tell(run, ALX_TRAIN_SCORED, epoch, &metrics));
    TRY(train_run_diagnose(run));
    const bool best = advance(run, &metrics);
    /* A resume cuts rows that have no checkpoint, so the row comes first. */
    if (train_run_leads(run))
        TRY(train_metrics_append(run->options->run_dir, &metrics));
    if (run->options->on_epoch != NULL && train_run_leads(run))
        run->options->on_epoch(&metrics, run->options->user);
    if (!run->options->overfit_batch && best)
        TRY(train_run_save(run, run->best_path));
    if (!run->options->overfit_batch)
        TRY(train_run_save(run, run->last_path));
    return train_run_tell(run, ALX_TRAIN_SAVED, epoch, &metrics);
}
