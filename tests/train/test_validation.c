/* test_validation.c - the accuracy that training reports of its validation images is the one that
 * `alexnet eval` finds where the same images are a test set. */
#include "base/file.h"
#include "base/file_writer.h"
#include "support/program.h"
#include "support/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

enum { RECORD = 3073, IMAGES = 210, FILES = 5, PER_FILE = IMAGES / FILES };

static alx_epoch_metrics last;

static void keep_metrics(const alx_epoch_metrics *metrics, void *user)
{
    (void)user;
    last = *metrics;
}

/* Crops, mirrors and a mean image: all that training images get and these must not. */
static void train(const test_folder *data, const test_folder *run)
{
    static const char *const overrides[] = {
        "train.epochs=2",  "data.validation=0.3", "data.pad=4",           "data.random-crop=yes",
        "data.mirror=yes", "data.mean=image",     "data.mean-centre=yes", "data.std=channel",
    };
    alx_train_options options = training_options(data->path, run->path, "");
    alx_train_result result;

    assert_ok(alx_config_read(&options.config, "tiny", overrides, ALX_COUNT(overrides)));
    options.on_epoch = keep_metrics;
    assert_ok(training_run(&result, &options));
    assert_int_equal(last.epoch, 2);
    assert_int_equal(last.validation.images, 63);
}

/* test_batch.bin of the validation images, whose places in the list are those in the files. */
static void export_validation(const test_folder *data)
{
    uint8_t *records = test_alloc((size_t)IMAGES * RECORD), *held;
    alx_dataset *set = NULL;
    alx_subset train, validation;

    for (size_t i = 0; i < FILES; ++i) {
        char name[32], *bytes = NULL;
        size_t count = 0;

        snprintf(name, sizeof name, "data_batch_%zu.bin", i + 1);
        assert_ok(base_file_read(&bytes, &count, test_folder_path(data, name)));
        assert_int_equal(count, (size_t)PER_FILE * RECORD);
        memcpy(records + i * PER_FILE * RECORD, bytes, count);
        free(bytes);
    }
    assert_ok(alx_dataset_open(&set, data->path, ALX_SPLIT_TRAIN));
    assert_ok(alx_dataset_split(&train, &validation, set, 0.3, 0));
    held = test_alloc(validation.count * RECORD);
    for (size_t i = 0; i < validation.count; ++i)
        memcpy(held + i * RECORD, records + validation.index[i] * RECORD, RECORD);
    assert_ok(
        base_file_write(test_folder_path(data, "test_batch.bin"), held, validation.count * RECORD));
    alx_dataset_close(set);
    alx_subset_free(&train);
    alx_subset_free(&validation);
    free(records);
    free(held);
}

static double number(const cJSON *json, const char *name)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItem(json, name));
}

static void validation_is_evaluation(void **state)
{
    test_folder data = test_folder_create(), run_dir = test_folder_create();

    (void)state;
    training_write_data(&data, IMAGES, 0);
    train(&data, &run_dir);
    export_validation(&data);
    test_run run = TEST_PROGRAM_RUN("eval", test_folder_path(&run_dir, "checkpoint-last"), "--data",
                                    data.path, "--json", "-q");
    test_assert_run(&run, 0, "");
    cJSON *json = cJSON_Parse(run.out);

    assert_int_equal((int)number(json, "images"), (int)last.validation.images);
    assert_true(fabs(number(json, "top1") * 63.0 - (double)last.validation.top1) < 1e-9);
    assert_true(fabs(number(json, "top5") * 63.0 - (double)last.validation.top5) < 1e-9);
    assert_true(fabs(number(json, "loss") - last.validation.loss) < 1e-6);
    cJSON_Delete(json);
    test_run_free(&run);
    test_folder_remove(&data);
    test_folder_remove(&run_dir);
}

/* The loss of the images that a seed holds out, of a network that nothing changes. */
static double held_out_loss(const test_folder *data, const char *weights, const char *seed)
{
    const char *const overrides[] = { "train.epochs=1", "data.validation=0.3", "train.lr=1e-30",
                                      seed };
    test_folder run = test_folder_create();
    alx_train_options options = training_plain_options(data->path, run.path, overrides,
                                                       ALX_COUNT(overrides));
    alx_train_result result;

    options.weights = weights;
    options.on_epoch = keep_metrics;
    assert_ok(training_run(&result, &options));
    assert_int_equal(last.validation.images, 63);
    test_folder_remove(&run);
    return last.validation.loss;
}

static void the_seed_chooses_what_is_held_out(void **state)
{
    test_folder data = test_folder_create(), run = test_folder_create();
    const char *const overrides[] = { "train.epochs=1" };
    alx_train_result result;

    (void)state;
    training_write_data(&data, IMAGES, 0);
    const alx_train_options options = training_plain_options(data.path, run.path, overrides, 1);

    assert_ok(training_run(&result, &options));
    const char *weights = test_folder_path(&run, "checkpoint-last");
    const double one = held_out_loss(&data, weights, "train.seed=1");

    assert_true(fabs(held_out_loss(&data, weights, "train.seed=1") - one) <= 0.0);
    assert_true(fabs(held_out_loss(&data, weights, "train.seed=2") - one) > 1e-6);
    test_folder_remove(&data);
    test_folder_remove(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(validation_is_evaluation),
        test_on_device(the_seed_chooses_what_is_held_out),
    };

    return cmocka_run_group_tests_name("validation", tests, NULL, test_device_close);
}
