/* test_rates.c - the rates of whole runs: of schedules in the middle of each update, of a plateau
 * by either signal; and which of equal epochs is the best. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/training.h"

/* What a run did, epoch by epoch, and what it left. */
typedef struct history {
    alx_epoch_metrics rows[8];
    size_t count;
    alx_checkpoint end;
    alx_train_result result;
} history;

static void keep_row(const alx_epoch_metrics *metrics, void *user)
{
    history *h = user;

    assert_true(h->count < ALX_COUNT(h->rows));
    h->rows[h->count++] = *metrics;
}

/* Free `end`. */
static history run_options(alx_train_options *options, const test_folder *run)
{
    history h = { .count = 0 };
    char last[512];

    snprintf(last, sizeof last, "%s/checkpoint-last", run->path);
    options->on_epoch = keep_row;
    options->user = &h;
    assert_ok(training_run(&h.result, options));
    assert_ok(alx_checkpoint_read(&h.end, last));
    return h;
}

static history run_plain(const char *const *overrides, size_t count, size_t max_steps,
                         bool overfit_batch)
{
    test_folder run = test_folder_create();
    alx_train_options options = training_plain_options(training_data.path, run.path, overrides,
                                                       count);

    options.max_steps = max_steps;
    options.overfit_batch = overfit_batch;
    const history h = run_options(&options, &run);

    test_folder_remove(&run);
    return h;
}

static void assert_rate(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * want))
        fail_msg("a rate of %.15g, want %.15g", got, want);
}

/* ---- schedules ------------------------------------------------------------------------------- */

/* 210 images in batches of 32: the last update of an epoch goes from image 192 to 210, its middle
 * is at 201 / 210 of the epoch. 0.005 * (1 + cos(pi * (epoch + 201 / 210) / 3)) and
 * 0.01 * (epoch + 201 / 210) / 2, by Python. */
static void rows_have_the_rate_of_the_last_update(void **state)
{
    static const struct {
        const char *overrides[2];
        double lr[3];
    } runs[] = {
        { { "train.schedule=step", "train.step-epochs=1" }, { 0.01, 0.001, 0.0001 } },
        { { "train.schedule=multistep", "train.milestones=3" }, { 0.01, 0.01, 0.001 } },
        { { "train.schedule=cosine", "train.min-lr=0" },
          { 0.007691753080453412, 0.002696787747746837, 5.034667293427053e-06 } },
        { { "train.schedule=constant", "train.warmup-epochs=2" },
          { 0.004785714285714286, 0.009785714285714286, 0.01 } },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(runs); ++i) {
        const char *const overrides[] = { runs[i].overrides[0], runs[i].overrides[1],
                                          "train.batch-size=32" };
        history h = run_plain(overrides, ALX_COUNT(overrides), 0, false);

        assert_int_equal(h.count, 3);
        for (size_t epoch = 0; epoch < 3; ++epoch)
            assert_rate(h.rows[epoch].lr, runs[i].lr[epoch]);
        assert_rate(h.end.step_lr, runs[i].lr[2]);
        alx_checkpoint_free(&h.end);
    }
}

/* From image 0 to 16 of 210 of the first of two epochs. */
static void a_warm_up_learns_from_the_first_update(void **state)
{
    static const char *const overrides[] = { "train.warmup-epochs=2" };
    history h = run_plain(overrides, 1, 1, false);

    (void)state;
    assert_rate(h.end.step_lr, 0.01 * (8.0 / 210.0) / 2.0);
    alx_checkpoint_free(&h.end);
}

static void one_batch_is_learned_at_one_rate(void **state)
{
    static const char *const overrides[][3] = {
        { "train.schedule=step", "train.step-epochs=1", "train.warmup-epochs=2" },
        { "train.schedule=cosine", "train.min-lr=0", "train.warmup-epochs=0" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(overrides); ++i) {
        history h = run_plain(overrides[i], 3, 4, true);

        assert_int_equal(h.count, 4); /* an epoch is an update */
        for (size_t epoch = 0; epoch < 4; ++epoch)
            assert_rate(h.rows[epoch].lr, 0.01);
        alx_checkpoint_free(&h.end);
    }
}

/* ---- the end of an epoch --------------------------------------------------------------------- */

/* The loss of the held-out images falls by more than 1e-4 of itself in each epoch, the error does
 * not change: by the loss the rate stays, by the error it falls after each epoch but the first. */
static void a_plateau_is_one_of_its_signal(void **state)
{
    static const char *const signals[] = { "train.plateau-signal=error",
                                           "train.plateau-signal=loss" };

    (void)state;
    for (int by_loss = 0; by_loss < 2; ++by_loss) {
        const char *const overrides[] = { signals[by_loss],   "train.schedule=plateau",
                                          "train.patience=0", "train.lr=1e-7",
                                          "train.momentum=0", "train.gamma=0.5" };
        history h = run_plain(overrides, ALX_COUNT(overrides), 0, false);

        for (size_t i = 0; i < 2; ++i) {
            const alx_score *now = &h.rows[i].validation, *next = &h.rows[i + 1].validation;

            assert_true(next->loss < now->loss * (1.0 - 1e-4));
            assert_int_equal(next->top1, now->top1);
        }
        assert_rate(h.rows[2].lr, by_loss ? 1e-7 : 5e-8);
        assert_int_equal(h.end.drops, by_loss ? 0 : 2);
        assert_rate(h.end.lr, by_loss ? 1e-7 : 2.5e-8);
        alx_checkpoint_free(&h.end);
    }
}

/* A rate so low that no weight changes. */
static void of_equal_epochs_the_first_is_the_best(void **state)
{
    static const char *const overrides[] = { "train.lr=1e-30" };
    test_folder run = test_folder_create();
    alx_train_options options = training_plain_options(training_data.path, run.path, overrides, 1);
    history h = run_options(&options, &run);
    alx_checkpoint best;

    (void)state;
    assert_int_equal(h.rows[2].validation.top1, h.rows[0].validation.top1);
    assert_int_equal(h.result.best_epoch, 1);
    assert_ok(alx_checkpoint_read(&best, test_folder_path(&run, "checkpoint-best")));
    assert_int_equal(best.epoch, 1);
    alx_checkpoint_free(&best);
    alx_checkpoint_free(&h.end);
    test_folder_remove(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(rows_have_the_rate_of_the_last_update),
        test_on_device(a_warm_up_learns_from_the_first_update),
        test_on_device(one_batch_is_learned_at_one_rate),
        test_on_device(a_plateau_is_one_of_its_signal),
        test_on_device(of_equal_epochs_the_first_is_the_best),
    };

    return cmocka_run_group_tests(tests, training_data_make, training_data_remove);
}
