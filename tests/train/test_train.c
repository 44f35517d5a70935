/* test_train.c - whole small runs: learning, accumulation, numbers that blow up, data that do not
 * fit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/log.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "support/messages.h"
#include "support/training.h"

static test_folder data, alone; /* alone: no test images */

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    data = test_folder_create();
    alone = test_folder_create();
    training_write_data(&data, TRAINING_IMAGES, TRAINING_TEST_IMAGES);
    training_write_data(&alone, 64, 0);
    return 0;
}

static int teardown(void **state)
{
    test_folder_remove(&data);
    test_folder_remove(&alone);
    return test_device_close(state);
}

/* ---- learning ------------------------------------------------------------------------------ */

static void one_batch_is_learned_by_heart(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = training_options(data.path, run.path, "train.lr=0.01");
    alx_train_result result;

    (void)state;
    options.overfit_batch = true;
    options.max_steps = 150;
    assert_ok(training_run(&result, &options));
    assert_int_equal(result.steps, 150);
    if (!(result.last_loss < 0.01))
        fail_msg("loss is %g after 150 updates of one batch", result.last_loss);
    test_folder_remove(&run);
}

typedef struct watch {
    int epochs, progress, validations;
    alx_epoch_metrics last;
    alx_progress at; /* the last while training */
    double since;    /* the run's start, or the last epoch's end */
} watch;

static void assert_same_number(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9 * want))
        fail_msg("%.15g, want %.15g", got, want);
}

/* What was said last on the way is what the epoch's row says. */
static void count_epoch(const alx_epoch_metrics *metrics, void *user)
{
    watch *w = user;

    assert_same_number(w->at.loss, metrics->train.loss);
    assert_same_number(w->at.top1, (double)metrics->train.top1 / (double)metrics->train.images);
    assert_int_equal(w->at.step, w->at.steps);
    assert_int_equal(w->at.epoch, metrics->epoch);
    assert_same_number(metrics->images_s * metrics->seconds, (double)metrics->train.images);
    assert_true(metrics->wait_share > 0.0 && metrics->wait_share <= 1.0);
    assert_true(metrics->seconds < base_seconds() - w->since); /* which holds the validation too */
    w->since = base_seconds();
    w->last = *metrics;
    w->epochs++;
}

static void count_progress(const alx_progress *progress, void *user)
{
    watch *w = user;

    w->progress += !progress->validating;
    w->validations += progress->validating;
    if (!progress->validating)
        w->at = *progress;
    assert_in_range(progress->step, 1, progress->steps);
    assert_in_range(progress->epoch, 1, progress->epochs);
}

static void epochs_are_reported(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = training_options(data.path, run.path, "data.validation=0.2");
    watch w = { .since = base_seconds() };
    alx_train_result result;

    (void)state;
    options.on_epoch = count_epoch;
    options.on_progress = count_progress;
    options.user = &w;
    assert_ok(training_run(&result, &options));
    assert_int_equal(w.epochs, 3);
    assert_int_equal(w.progress, 3 * 6);        /* 168 images in batches of 32 */
    assert_int_equal(w.validations, 3 * 2 + 2); /* 42 images; and the test's 50 */
    assert_int_equal(w.last.epoch, 3);
    assert_int_equal(w.last.step, 18);
    assert_int_equal(w.last.train.images, 168);
    assert_int_equal(w.last.validation.images, 42);
    assert_true(w.last.grad_norm > 0.0 && isfinite(w.last.grad_norm));
    assert_true(w.last.train.top1 <= w.last.train.top5);
    assert_false(result.test_is_validation);
    assert_int_equal(result.test.images, TRAINING_TEST_IMAGES);
    assert_true(result.first_step_seconds > 0.0 && result.first_step_seconds < result.seconds);
    test_folder_remove(&run);
}

static void without_held_out_images_training_images_choose(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = training_options(alone.path, run.path, "train.schedule=plateau");
    alx_train_result result;

    (void)state;
    assert_ok(training_run(&result, &options));
    assert_in_range(result.best_epoch, 1, 3);
    assert_int_equal(result.test.images, 0);
    assert_true(result.best_error < 1.0);
    test_folder_remove(&run);
}

/* Zero weights that nothing moves: every image's loss is ln 10, whatever is in the last update. */
static void the_last_loss_is_the_mean_of_the_last_update(void **state)
{
    static const struct {
        const char *grad_accum;
        size_t max_steps; /* of updates of 16 or 32 images, the last of 210 - 13 * 16 = 2 or 18 */
    } rows[] = {
        { "train.grad-accum=1", 0 },
        { "train.grad-accum=2", 0 },
        { "train.grad-accum=2", 1 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(rows); ++i) {
        const char *const overrides[] = { "fc2.init=gauss 0", "fc2.freeze=yes",
                                          rows[i].grad_accum };
        test_folder run = test_folder_create();
        alx_train_options options = training_plain_options(data.path, run.path, overrides, 3);
        alx_train_result result;

        options.max_steps = rows[i].max_steps;
        assert_ok(training_run(&result, &options));
        assert_float_equal((float)result.last_loss, 2.302585f, 1e-5f);
        test_folder_remove(&run);
    }
}

/* ---- progress and saves on the way ----------------------------------------------------------- */

typedef struct record {
    const char *last_path;
    size_t done, images;   /* training steps, of so many images each */
    double steps_left[16]; /* by the time that is left and the speed; < 0: not known yet */
    size_t saved_at[16];   /* step of the checkpoint that lies there */
} record;

static void record_progress(const alx_progress *progress, void *user)
{
    record *r = user;
    alx_checkpoint saved = { .step = 0 };

    if (progress->validating)
        return;
    if (base_file_exists(r->last_path))
        assert_ok(alx_checkpoint_read(&saved, r->last_path));
    assert_true(r->done < ALX_COUNT(r->saved_at));
    r->saved_at[r->done] = saved.step;
    r->steps_left[r->done] = progress->eta_seconds * progress->images_s / (double)r->images;
    ++r->done;
    alx_checkpoint_free(&saved);
}

/* 64 images in three epochs of four updates. */
static record run_recorded(const test_folder *set, size_t max_steps, size_t save_every)
{
    test_folder run = test_folder_create();
    alx_train_options options = training_plain_options(set->path, run.path, NULL, 0);
    alx_train_result result;
    char last[512];
    record r = { .last_path = last, .images = 16 };

    snprintf(last, sizeof last, "%s/checkpoint-last", run.path);
    options.on_progress = record_progress;
    options.user = &r;
    options.max_steps = max_steps;
    options.save_every = save_every;
    assert_ok(training_run(&result, &options));
    assert_int_equal(r.done, max_steps > 0 ? max_steps : 12);
    test_folder_remove(&run);
    return r;
}

static void assert_steps_left(const record *r, size_t step, double want)
{
    const double left = r->steps_left[step - 1];

    if (!(left > want - 1e-6 && left < want + 1e-6))
        fail_msg("step %zu: time for %g more, want %g", step, left, want);
}

/* Without held-out images time is left for training alone. */
static void the_time_left_is_that_of_the_steps_left(void **state)
{
    const record whole = run_recorded(&alone, 0, 0), cut = run_recorded(&alone, 9, 0);

    (void)state;
    assert_true(whole.steps_left[0] < 0.0 && whole.steps_left[1] < 0.0);
    for (size_t step = 3; step <= 12; ++step)
        assert_steps_left(&whole, step, 12.0 - (double)step);
    for (size_t step = 3; step <= 9; ++step)
        assert_steps_left(&cut, step, 9.0 - (double)step);
}

/* Every third update, and at each epoch's end; looked at before an update's own save. */
static void saves_come_every_so_many_updates(void **state)
{
    static const size_t want[] = { 0, 0, 0, 3, 4, 4, 6, 6, 8, 9, 9, 9 };
    const record r = run_recorded(&alone, 0, 3);

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(want); ++i)
        if (r.saved_at[i] != want[i])
            fail_msg("at update %zu that of %zu is saved, want %zu", i + 1, r.saved_at[i], want[i]);
}

/* ---- accumulation -------------------------------------------------------------------------- */

static float *params_after(const test_folder *run, int batch_size, int grad_accum, size_t *count)
{
    alx_train_options options = training_options(data.path, run->path, "");
    alx_train_result result;

    options.config.train.batch_size = batch_size;
    options.config.train.grad_accum = grad_accum;
    options.config.train.epochs = 1;
    assert_ok(training_run(&result, &options));
    assert_int_equal(result.steps, 4); /* the last of 210 - 3 * 64 = 18 images */
    return training_params(run->path, "checkpoint-last", count);
}

/* The same images, masks and divisor; only the order of sums differs. */
static void accumulation_equals_the_larger_batch(void **state)
{
    test_folder runs[] = { test_folder_create(), test_folder_create(), test_folder_create() };
    size_t count = 0;
    const float *large = params_after(&runs[0], 64, 1, &count);

    (void)state;
    test_assert_rel_max("2 of 32", params_after(&runs[1], 32, 2, &count), large, count, 2e-6);
    test_assert_rel_max("4 of 16", params_after(&runs[2], 16, 4, &count), large, count, 2e-6);
    for (size_t i = 0; i < ALX_COUNT(runs); ++i)
        test_folder_remove(&runs[i]);
}

/* ---- numbers that blow up ------------------------------------------------------------------ */

static void a_loss_that_blows_up_stops_the_run(void **state)
{
    test_folder run = test_folder_create(), copy = test_folder_create();
    alx_train_options options = training_options(data.path, run.path, "");
    alx_train_result result;
    char last[512], kept[512], *bytes = NULL;
    size_t count = 0;

    (void)state;
    snprintf(last, sizeof last, "%s/checkpoint-last", run.path);
    snprintf(kept, sizeof kept, "%s/checkpoint-last", copy.path);
    options.config.train.epochs = 1;
    assert_ok(training_run(&result, &options));
    assert_ok(base_file_read(&bytes, &count, last));
    assert_ok(base_file_write(kept, bytes, count));
    free(bytes);

    options.config.train.epochs = 2;
    options.config.train.lr = 1000.0;
    options.resume = last;
    assert_int_equal(training_run(&result, &options), ALX_E_NUMERIC);
    const char *message = alx_status_text(ALX_E_NUMERIC);
    if (strstr(message, "the loss is not finite") == NULL ||
        strstr(message, "that is not: ") == NULL || strstr(message, "not: the loss") != NULL)
        fail_msg("no layer is named: %s", message);
    training_assert_same(run.path, copy.path, "checkpoint-last");
    test_folder_remove(&run);
    test_folder_remove(&copy);
}

/* conv1 multiplies by 1e22 what fc2 divides by it: the loss is finite, fc2's gradient is not. With
 * 1e38 nothing is. */
static void write_lopsided_weights(const char *path, float conv1)
{
    const struct {
        const char *name;
        int dims[4], dim_count;
        float value;
    } tensors[] = {
        { "conv1.weight", { 4, 3, 8, 8 }, 4, conv1 },
        { "conv1.bias", { 4 }, 1, 0.0f },
        { "fc2.weight", { 10, 64 }, 2, 1e-30f },
        { "fc2.bias", { 10 }, 1, 0.0f },
    };
    alx_safetensors_writer *writer = NULL;

    assert_ok(alx_safetensors_writer_create(&writer));
    for (size_t i = 0; i < ALX_COUNT(tensors); ++i) {
        float *values = test_host(4 * 3 * 64);

        for (size_t k = 0; k < 4 * 3 * 64; ++k)
            values[k] = tensors[i].value;
        assert_ok(alx_safetensors_writer_add(writer, tensors[i].name, ALX_F32, tensors[i].dims,
                                             tensors[i].dim_count, values));
    }
    assert_ok(alx_safetensors_writer_write(writer, path));
    alx_safetensors_writer_free(writer);
}

static void a_gradient_that_blows_up_names_its_layer(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = training_plain_options(data.path, run.path, NULL, 0);
    alx_train_result result;
    char weights[512], last[512];

    (void)state;
    snprintf(weights, sizeof weights, "%s/weights", run.path);
    snprintf(last, sizeof last, "%s/checkpoint-last", run.path);
    write_lopsided_weights(weights, 1e22f);
    options.weights = weights;
    options.save_every = 1;
    assert_int_equal(training_run(&result, &options), ALX_E_NUMERIC);
    const char *message = alx_status_text(ALX_E_NUMERIC);
    if (strstr(message, "the gradient of fc2.weight is not finite in update 1") == NULL)
        fail_msg("another message: %s", message);
    assert_false(base_file_exists(last));
    test_folder_remove(&run);
}

/* Without an activation, which would write over it, the first output is kept. */
static void a_loss_that_blows_up_names_the_first_layer(void **state)
{
    static const char *const overrides[] = { "conv1.activation=none" };
    test_folder run = test_folder_create();
    alx_train_options options = training_plain_options(data.path, run.path, overrides, 1);
    alx_train_result result;
    char weights[512];

    (void)state;
    snprintf(weights, sizeof weights, "%s/weights", run.path);
    write_lopsided_weights(weights, 1e38f);
    options.weights = weights;
    assert_int_equal(training_run(&result, &options), ALX_E_NUMERIC);
    if (strstr(alx_status_text(ALX_E_NUMERIC), "the first output that is not: conv1.") == NULL)
        fail_msg("another message: %s", alx_status_text(ALX_E_NUMERIC));
    test_folder_remove(&run);
}

/* ---- data that do not fit ------------------------------------------------------------------ */

static void classes_must_not_outnumber_outputs(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = training_options(data.path, run.path, "net.classes=9");
    alx_train_result result;

    (void)state;
    assert_int_equal(training_run(&result, &options), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "10 classes"));
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "9 outputs"));
    test_folder_remove(&run);
}

static void fewer_classes_than_outputs_are_told(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = training_options(data.path, run.path, "net.classes=12");
    alx_train_result result;

    (void)state;
    options.max_steps = 2;
    alx_log_set_level(ALX_LOG_WARN);
    test_messages_begin();
    assert_ok(training_run(&result, &options));
    test_messages_end();
    alx_log_set_level(ALX_LOG_QUIET);
    test_assert_said("10 classes, the network 12 outputs: the last 2 outputs are never right");
    assert_true(isfinite(result.last_loss));
    test_folder_remove(&run);
}

static void missing_data_leave_the_folder_alone(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = training_options("/nowhere", run.path, "");
    alx_train_result result;
    char path[512];

    (void)state;
    test_folder_write(&run, "checkpoint-last", "an earlier run");
    assert_int_equal(training_run(&result, &options), ALX_E_DATA);
    snprintf(path, sizeof path, "%s/checkpoint-last", run.path);
    assert_true(base_file_exists(path));
    test_folder_remove(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(one_batch_is_learned_by_heart),
        test_on_device(epochs_are_reported),
        test_on_device(without_held_out_images_training_images_choose),
        test_on_device(the_last_loss_is_the_mean_of_the_last_update),
        test_on_device(the_time_left_is_that_of_the_steps_left),
        test_on_device(saves_come_every_so_many_updates),
        test_on_device(accumulation_equals_the_larger_batch),
        test_on_device(a_loss_that_blows_up_stops_the_run),
        test_on_device(a_gradient_that_blows_up_names_its_layer),
        test_on_device(a_loss_that_blows_up_names_the_first_layer),
        test_on_device(classes_must_not_outnumber_outputs),
        test_on_device(fewer_classes_than_outputs_are_told),
        test_on_device(missing_data_leave_the_folder_alone),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
