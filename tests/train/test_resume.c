/* test_resume.c - a run that was stopped anywhere ends with the same bytes as one that was not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "support/training.h"

#define RUNS 16

static test_folder data, whole, runs[RUNS];
static alx_train_result whole_result;

static void run_to_end(alx_train_result *result, alx_train_options *options)
{
    options->max_steps = 0;
    options->interrupt = NULL;
    assert_ok(training_run(result, options));
}

/* From the last checkpoint of `from`, whose folder is not always the run's. */
static void go_on(alx_train_result *result, alx_train_options *options, const test_folder *from)
{
    char last[512];

    snprintf(last, sizeof last, "%s/checkpoint-last", from->path);
    options->resume = last;
    run_to_end(result, options);
    options->resume = NULL;
}

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    data = test_folder_create();
    whole = test_folder_create();
    for (int i = 0; i < RUNS; ++i)
        runs[i] = test_folder_create();
    training_write_data(&data, TRAINING_IMAGES, TRAINING_TEST_IMAGES);
    return 0;
}

static int teardown(void **state)
{
    test_folder_remove(&data);
    test_folder_remove(&whole);
    for (int i = 0; i < RUNS; ++i)
        test_folder_remove(&runs[i]);
    return test_device_close(state);
}

/* The plateau state of this run changes within its three epochs. */
static alx_train_options options_in(const test_folder *run)
{
    alx_train_options options = training_options(data.path, run->path, "train.schedule=plateau");

    options.config.train.patience = 0;
    return options;
}

/* Columns 1 to 9 and the last: all that is not time. */
static void read_rows(char rows[4096], const test_folder *run)
{
    char path[512], *text = NULL, *out = rows;
    size_t bytes = 0;
    int column = 1;

    snprintf(path, sizeof path, "%s/metrics.csv", run->path);
    assert_ok(base_file_read(&text, &bytes, path));
    for (const char *p = text; *p != '\0' && out < rows + 4000; ++p) {
        if (column <= 9 || column > 12 || *p == '\n')
            *out++ = *p;
        column = *p == '\n' ? 1 : column + (*p == ',');
    }
    *out = '\0';
    free(text);
}

static void assert_same_run(const test_folder *run, const alx_train_result *result)
{
    char rows[4096], whole_rows[4096];

    training_assert_same(run->path, whole.path, "checkpoint-last");
    training_assert_same(run->path, whole.path, "checkpoint-best");
    read_rows(rows, run);
    read_rows(whole_rows, &whole);
    assert_string_equal(rows, whole_rows);
    assert_int_equal(result->steps, whole_result.steps);
    assert_int_equal(result->best_epoch, whole_result.best_epoch);
    assert_memory_equal(&result->test, &whole_result.test, sizeof result->test);
}

/* Runs first: what all others are compared with. */
static void a_whole_run(void **state)
{
    alx_train_options options = options_in(&whole);

    (void)state;
    run_to_end(&whole_result, &options);
    assert_int_equal(whole_result.steps, 21);
    assert_int_equal(whole_result.epochs, 3);
    assert_int_equal(whole_result.test.images, TRAINING_TEST_IMAGES);
    assert_true(whole_result.test_is_validation);
    assert_in_range(whole_result.best_epoch, 1, 3);
    const double right = (double)whole_result.test.top1 / TRAINING_TEST_IMAGES;
    assert_true(1.0 - right == whole_result.best_error);
}

static void stopped_by_max_steps(const test_folder *run, const size_t *stops, size_t count)
{
    alx_train_options options = options_in(run);
    alx_train_result result;
    char last[512];

    snprintf(last, sizeof last, "%s/checkpoint-last", run->path);
    for (size_t i = 0; i < count; ++i) {
        options.max_steps = stops[i];
        options.workers = 1 + (int)i % 3;
        assert_ok(training_run(&result, &options));
        assert_int_equal(result.steps, stops[i]);
        assert_int_equal(result.test.images, 0);
        options.resume = last;
    }
    run_to_end(&result, &options);
    assert_same_run(run, &result);
}

static void in_the_middle_of_an_epoch(void **state)
{
    const size_t stops[] = { 10 };

    (void)state;
    stopped_by_max_steps(&runs[0], stops, ALX_COUNT(stops));
}

static void between_epochs_and_again(void **state)
{
    const size_t stops[] = { 7, 8, 14, 20 };

    (void)state;
    stopped_by_max_steps(&runs[1], stops, ALX_COUNT(stops));
}

/* ---- interrupts ---------------------------------------------------------------------------- */

typedef struct interruption {
    int flag, calls, at_call; /* raised by the at_call-th progress report of this kind */
    bool validating, diagnose;
    const char *says;
} interruption;

static void interrupt_at(const alx_progress *progress, void *user)
{
    interruption *i = user;

    if (progress->validating == i->validating && ++i->calls == i->at_call)
        i->flag = 1;
}

static void interrupted(const test_folder *run, interruption signal)
{
    alx_train_options options = options_in(run);
    alx_train_result result;
    char last[512];

    snprintf(last, sizeof last, "%s/checkpoint-last", run->path);
    options.diagnose = signal.diagnose;
    options.on_progress = interrupt_at;
    options.user = &signal;
    options.interrupt = &signal.flag;
    assert_int_equal(training_run(&result, &options), ALX_E_INTERRUPTED);
    assert_non_null(strstr(alx_status_text(ALX_E_INTERRUPTED), last));
    assert_non_null(strstr(alx_status_text(ALX_E_INTERRUPTED), signal.says));
    go_on(&result, &options, run);
    assert_same_run(run, &result);
}

static void by_a_signal_while_training(void **state)
{
    (void)state;
    interrupted(&runs[2], (interruption){ .at_call = 12, .says = "in epoch 2, after update 12;" });
}

static void by_a_signal_in_an_epochs_last_step(void **state)
{
    (void)state;
    interrupted(&runs[3], (interruption){ .at_call = 14, .says = "in epoch 2, after update 14;" });
}

static void by_a_signal_while_validating(void **state)
{
    (void)state;
    interrupted(&runs[4], (interruption){ .at_call = 3,
                                          .validating = true, /* of two an epoch */
                                          .says = "in epoch 2, after update 14;" });
}

static void by_a_signal_while_diagnosing(void **state)
{
    (void)state;
    interrupted(&runs[8], (interruption){ .at_call = 3,
                                          .validating = true,
                                          .diagnose = true,
                                          .says = "in epoch 1, after update 7;" });
}

/* ---- other ways to go on ------------------------------------------------------------------- */

static void a_finished_run_only_tests(void **state)
{
    alx_train_options options = options_in(&whole);
    alx_train_result result;

    (void)state;
    go_on(&result, &options, &whole);
    assert_memory_equal(&result.test, &whole_result.test, sizeof result.test);
    assert_int_equal(result.steps, whole_result.steps);
}

static void in_another_folder(void **state)
{
    alx_train_options options = options_in(&runs[9]);
    alx_train_result result;

    (void)state;
    options.max_steps = 17;
    assert_ok(training_run(&result, &options));
    assert_int_equal(result.updates, 17);
    options.run_dir = runs[10].path;
    go_on(&result, &options, &runs[9]);
    assert_int_equal(result.updates, 4);
    assert_same_run(&runs[10], &result);
}

/* Two runs with these settings, one without a stop, one with two: the same. */
static void stopped_twice(const test_folder folders[2], const alx_train_options *settings,
                          size_t first, size_t second)
{
    alx_train_options options = *settings, parts = *settings;
    const size_t stops[] = { first, second };
    alx_train_result result;
    char want[4096], rows[4096];

    options.run_dir = folders[0].path;
    parts.run_dir = folders[1].path;
    run_to_end(&result, &options);
    for (size_t i = 0; i < ALX_COUNT(stops); ++i) {
        parts.max_steps = stops[i];
        assert_ok(training_run(&result, &parts));
        parts.resume = test_folder_path(&folders[1], "checkpoint-last");
    }
    run_to_end(&result, &parts);
    read_rows(want, &folders[0]);
    read_rows(rows, &folders[1]);
    assert_string_equal(rows, want);
    training_assert_same(folders[1].path, folders[0].path, "checkpoint-last");
}

/* The same images are held out; six updates an epoch. */
static void with_held_out_images(void **state)
{
    alx_train_options options = options_in(&runs[12]);

    (void)state;
    options.config.data.validation = 0.2;
    stopped_twice(&runs[12], &options, 6, 8);
}

/* Five updates an epoch, of three batches, the last of two. */
static void with_accumulated_gradients(void **state)
{
    alx_train_options options = options_in(&runs[14]);

    (void)state;
    options.config.train.batch_size = 16;
    options.config.train.grad_accum = 3;
    stopped_twice(&runs[14], &options, 3, 9);
}

/* It needs the best checkpoint for the test, and leaves a whole run. */
static void a_finished_run_in_another_folder(void **state)
{
    alx_train_options options = options_in(&runs[11]);
    alx_train_result result;

    (void)state;
    go_on(&result, &options, &whole);
    assert_int_equal(result.updates, 0);
    assert_same_run(&runs[11], &result);
}

/* The best epoch beside it comes later than the checkpoint. */
static void an_early_checkpoint_does_not_know_the_best(void **state)
{
    alx_train_options options = options_in(&runs[11]);
    alx_train_result result;
    char last[512], *bytes = NULL;
    size_t count = 0;

    (void)state;
    snprintf(last, sizeof last, "%s/checkpoint-last", runs[7].path);
    assert_ok(base_file_read(&bytes, &count, last));
    test_folder_write_bytes(&whole, "early", bytes, count);
    free(bytes);
    snprintf(last, sizeof last, "%s/early", whole.path);
    options.resume = last;
    options.max_steps = 3; /* passed: it stands at 5 */
    assert_ok(training_run(&result, &options));
    assert_int_equal(result.updates, 0);
    assert_int_equal(result.best_epoch, 0);
    snprintf(last, sizeof last, "%s/checkpoint-best", runs[11].path);
    assert_false(base_file_exists(last));
}

static void threads_of_the_loader_change_nothing(void **state)
{
    alx_train_options options = options_in(&runs[5]);
    alx_train_result result;

    (void)state;
    options.workers = 3;
    options.save_every = 4;
    run_to_end(&result, &options);
    assert_same_run(&runs[5], &result);
}

static void an_edited_rate_takes_effect(void **state)
{
    alx_train_options options = options_in(&runs[6]);
    alx_train_result result;
    alx_checkpoint end;
    char last[512];

    (void)state;
    snprintf(last, sizeof last, "%s/checkpoint-last", runs[6].path);
    options.max_steps = 5;
    assert_ok(training_run(&result, &options));
    options.resume = last;
    options.max_steps = 6;
    options.config.train.lr = 0.125;
    assert_ok(training_run(&result, &options));
    assert_ok(alx_checkpoint_read(&end, last));
    assert_true(end.lr == 0.125);
    assert_true(end.config.train.lr == 0.125);
    alx_checkpoint_free(&end);
}

static void another_batch_size_in_an_epoch_is_refused(void **state)
{
    alx_train_options options = options_in(&runs[7]);
    alx_train_result result;
    char last[512];

    (void)state;
    snprintf(last, sizeof last, "%s/checkpoint-last", runs[7].path);
    options.max_steps = 5;
    assert_ok(training_run(&result, &options));
    options.resume = last;
    options.config.train.batch_size = 48;
    assert_int_equal(training_run(&result, &options), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "160 of 210"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(a_whole_run),
        test_on_device(in_the_middle_of_an_epoch),
        test_on_device(between_epochs_and_again),
        test_on_device(by_a_signal_while_training),
        test_on_device(by_a_signal_in_an_epochs_last_step),
        test_on_device(by_a_signal_while_validating),
        test_on_device(by_a_signal_while_diagnosing),
        test_on_device(a_finished_run_only_tests),
        test_on_device(in_another_folder),
        test_on_device(with_held_out_images),
        test_on_device(with_accumulated_gradients),
        test_on_device(a_finished_run_in_another_folder),
        test_on_device(threads_of_the_loader_change_nothing),
        test_on_device(an_edited_rate_takes_effect),
        test_on_device(another_batch_size_in_an_epoch_is_refused),
        test_on_device(an_early_checkpoint_does_not_know_the_best),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
