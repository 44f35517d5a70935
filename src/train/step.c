/* step.c - one update: batches in, forward and backward passes, what they say, the new weights. */
#include <math.h>
#include <stdio.h>

#include "alexnet/dev/net.h"
#include "alexnet/log.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/try.h"
#include "train/job/job.h"
#include "train/run.h"
#include "train/score.h"

const char *train_run_kept(const train_run *run)
{
    return base_file_exists(run->last_path) ? "; the checkpoints are those of before" : "";
}

/* ---- not finite ---------------------------------------------------------------------------- */

int train_run_check_norm(train_run *run)
{
    const char *layer = NULL;
    double norm = 0.0;

    if (!run->norm_pending)
        return 0;
    run->norm_pending = false;
    TRY(alx_net_read_grad_norm(run->net, &norm, &layer));
    run->state.grad_norm = norm;
    if (layer != NULL)
        return alx_fail(ALX_E_NUMERIC,
                        "the gradient of %s is not finite in update %zu (epoch %zu, "
                        "rate %g): try a lower --lr or [train] clip-norm%s",
                        layer, run->state.step, run->state.epoch + 1, run->state.step_lr,
                        train_run_kept(run));
    return 0;
}

static int fail_on_loss(train_run *run)
{
    const char *stage = NULL;

    TRY(alx_net_find_not_finite(run->net, &stage));
    return alx_fail(ALX_E_NUMERIC,
                    "the loss is not finite in update %zu (epoch %zu, rate %g); the "
                    "first output that is not: %s. Try a lower --lr or [train] "
                    "clip-norm%s",
                    run->state.step + 1, run->state.epoch + 1, run->state.step_lr,
                    stage != NULL ? stage : "the loss", train_run_kept(run));
}

/* ---- passes -------------------------------------------------------------------------------- */

/* An update as all processes see it, and what of it is this one's. */
typedef struct step_plan {
    int passes, images; /* of all processes */
    int first, end;     /* own passes */
    int taken;          /* batches of them */
    size_t position;    /* of the epoch, after it */
} step_plan;

static step_plan plan_update(const train_run *run)
{
    const alx_train_config *config = &run->state.config.train;
    const size_t batch = (size_t)alx_pass_images(config),
                 left = run->train.count - run->state.position;
    const size_t most = (size_t)alx_pass_count(config), passes = (left + batch - 1) / batch;
    step_plan u = { .passes = (int)(passes < most ? passes : most) };

    u.first = run->own_first < u.passes ? run->own_first : u.passes;
    u.end = run->own_end < u.passes ? run->own_end : u.passes;
    u.position = run->state.position + (left < most * batch ? left : most * batch);
    u.images = (int)(u.position - run->state.position);
    return u;
}

/* Fetches the batches: the images of all of them divide every gradient. */
static int take_batches(train_run *run, step_plan *u)
{
    int images = 0;

    for (; u->taken < u->end - u->first; ++u->taken) {
        alx_batch *batch = &run->batches[u->taken];

        TRY(alx_loader_next(run->loader, batch));
        images += batch->count;
        run->state.wait_seconds += batch->wait_seconds;
    }
    if (!run->options->skip_bad)
        return 0;
    u->images = images;
    return train_job_count_images(run, &u->images);
}

/* Of a step of several passes the first: its gradients are its own. */
static bool check_is_due(const train_run *run, const alx_step *step)
{
    const size_t every = run->options->check_every;

    return every > 0 && step->image0 == 0 && (run->state.step + 1) % every == 0;
}

static int judge(train_run *run)
{
    const alx_train_check *check = &run->options->check;
    const size_t update = run->state.step + 1;
    const int rc = check->judge(update, check->user);
    char why[512];

    if (rc != 0) {
        snprintf(why, sizeof why, "%s", alx_status_text(rc));
        return alx_fail(rc, "update %zu: %s%s", update, why, train_run_kept(run));
    }
    ++run->checks;
    return 0;
}

/* What an update's pass is shown to. */
typedef struct step_viewers {
    train_run *run;
    bool checked, diagnosed;
} step_viewers;

/* An alx_observer; `user` the step_viewers. */
static int show(const alx_observation *seen, void *user)
{
    const step_viewers *viewers = user;
    const alx_train_check *check = &viewers->run->options->check;

    if (viewers->checked)
        TRY(check->look(seen, check->user));
    return viewers->diagnosed ? train_run_diagnose_pass(viewers->run, seen) : 0;
}

/* The one wait of a pass comes before the backward pass, which may change weights: it runs on while
 * the host is busy with the next batch. */
static int run_pass(train_run *run, const alx_step *step, const alx_batch *batch, bool diagnosed,
                    alx_score *score)
{
    const alx_train_check *check = &run->options->check;
    step_viewers viewers = { run, check_is_due(run, step), diagnosed };
    int rc = 0;

    TRY_DONE(alx_feeder_put(run->feeder, batch, !run->options->overfit_batch));
    if (viewers.checked)
        check->begin(run->state.step / run->options->check_every, check->user);
    if (viewers.checked || viewers.diagnosed)
        alx_net_observe(run->net, show, &viewers);
    TRY_DONE(alx_net_forward(run->net, step));
    TRY_DONE(alx_net_read_loss(run->net, run->loss, run->rank));
    TRY_DONE(alx_feeder_check(run->feeder)); /* of images that did not arrive they say nothing */
    TRY_DONE(train_run_check_norm(run));
    *score = (alx_score){ 0 };
    train_score_add(score, batch, run->loss, run->rank);
    if (isfinite(score->loss))
        TRY_DONE(alx_net_backward(run->net, step));
    if (viewers.checked)
        TRY_DONE(judge(run));
    if (!isfinite(score->loss))
        TRY_DONE(fail_on_loss(run));
done:
    alx_net_observe(run->net, NULL, NULL);
    return rc;
}

/* The rate in the middle of the update: a warm-up never starts at 0, a cosine never ends there. */
static double step_lr(const train_run *run, size_t position)
{
    const double middle = 0.5 * (double)(run->state.position + position);
    alx_train_config config = run->state.config.train;

    config.lr = run->state.lr;
    return alx_schedule_lr(&config, run->state.epoch, middle / (double)run->train.count);
}

static int run_own_passes(train_run *run, const step_plan *u, const alx_update_rule *rule)
{
    const alx_train_config *config = &run->state.config.train;
    const bool diagnosed = train_run_diagnoses_update(run, u->position);

    train_shards_begin(run);
    for (int i = u->first; i < u->end; ++i) {
        const alx_step step = {
            .training = true,
            .seed = config->seed,
            .step = (uint32_t)run->state.step,
            .image0 = i * alx_pass_images(config),
            .images = u->images,
            .accumulate = config->shards == 0 && i > 0,
            .rule = rule,
        };

        TRY(run_pass(run, &step, &run->batches[i - u->first], diagnosed,
                     &run->scores[i - u->first]));
        if (config->shards > 0)
            TRY(train_shards_enter(run, i, i + 1 == u->end));
    }
    for (int i = u->end - u->first; i < run->own_most; ++i)
        run->scores[i] = (alx_score){ 0 };
    return 0;
}

static int run_passes(train_run *run, const step_plan *u)
{
    const alx_train_config *config = &run->state.config.train;
    alx_update_rule rule = alx_update_rule_of(config, run->state.step_lr);
    alx_score sums;

    TRY(run_own_passes(run, u, &rule));
    TRY(train_job_gather_scores(run, &sums));
    if (config->shards > 0)
        TRY(train_shards_finish(run, u->passes));
    rule = alx_update_rule_of(config, run->state.step_lr);
    TRY(alx_net_update(run->net, &rule));
    run->norm_pending = true;
    run->last_loss = sums.loss / u->images;
    run->last_top1 = (double)sums.top1 / u->images;
    ++run->state.step;
    return 0;
}

/* ---- the update ---------------------------------------------------------------------------- */

static void warn_if_flat(train_run *run)
{
    const int classes = run->state.config.net.classes;

    if (train_flat_step(&run->flat, run->last_loss, run->last_top1, classes) &&
        train_run_leads(run))
        alx_warn("the loss has stayed at ln(%d) = %.4f for %d updates, which is guessing: try a "
                 "lower --lr, a wider start (init = gauss 0.03 or he) or smaller biases "
                 "(bias = 0.1 instead of 1)",
                 classes, log(classes), FLAT_STEPS);
}

static int note_first_step(train_run *run)
{
    for (int dev = 0; dev < alx_net_dev_count(run->net); ++dev)
        TRY(alx_device_finish(alx_net_device(run->net, dev)));
    run->first_step_seconds = base_seconds() - run->started;
    return 0;
}

int train_run_step(train_run *run)
{
    const double start = base_seconds();
    step_plan u = plan_update(run);
    int rc = 0;

    TRY_DONE(take_batches(run, &u));
    run->state.step_lr = step_lr(run, u.position);
    if (u.images > 0) { /* skip-bad may leave none */
        TRY_DONE(run_passes(run, &u));
        warn_if_flat(run);
    }
    run->state.position = u.position;
    if (run->first_step_seconds == 0.0)
        TRY_DONE(note_first_step(run));
    run->resident_bytes = base_peak_resident_bytes();
    run->state.seconds += base_seconds() - start;
    train_pace_step(&run->pace, base_seconds() - start);
done:
    if (rc != 0)
        alx_feeder_wait(run->feeder);
    for (int i = 0; i < u.taken; ++i)
        alx_loader_release(run->loader, &run->batches[i]);
    return rc;
}
