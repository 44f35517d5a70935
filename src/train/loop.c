/* loop.c - epochs of updates until the end, the last allowed update, or an interrupt. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/try.h"
#include "train/run.h"

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

/* Ranks have agreed on it in the step; alone, a run ends after the update in which it is asked. */
static bool must_stop(const train_run *run)
{
    return run->stop || (run->options->comm == NULL && train_run_asked_to_stop(run));
}

/* Updates until the epoch is over or the run must stop. */
static int train_epoch(train_run *run)
{
    const size_t steps = train_run_steps(run, run->train.count);
    const size_t save_every = run->options->save_every;

    while (run->state.position < run->train.count && !out_of_steps(run)) {
        TRY(train_run_step(run));
        train_run_progress(run, false, train_run_steps(run, run->state.position), steps);
        if (must_stop(run))
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
        /* A folder of its own, which rank 0 alone knows. All have just got its weights, so nothing
         * is to be compared, for which it would wait. */
        if (train_run_leads(run) && !base_file_exists(run->last_path))
            TRY(alx_checkpoint_write(run->last_path, &run->state, run->net));
    } else if (out_of_steps(run)) {
        alx_info("the run is at step %zu already; a larger --max-steps goes on", run->state.step);
    }
    while (run->state.epoch < epochs) {
        TRY(train_run_tell(run, ALX_TRAIN_EPOCH, run->state.epoch + 1, NULL));
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
    run->started = base_seconds();
    TRY_DONE(train_run_settle(run, dev_count, options));
    TRY_DONE(train_run_open(run, devs, dev_count));
    if (train_run_leads(run))
        TRY_DONE(train_run_open_diagnosis(run, devs, dev_count));
    TRY_DONE(train_epochs(run));
    TRY_DONE(train_run_tell(run, ALX_TRAIN_OVER, run->state.epoch, NULL));
    if (run->state.epoch >= (size_t)run->state.config.train.epochs && !run->options->overfit_batch)
        TRY_DONE(train_run_test(run, &result->test));
done:
    fill_result(result, run);
    train_run_close_diagnosis(run);
    train_run_close(run);
    free(run);
    return rc;
}
