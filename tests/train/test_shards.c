/* test_shards.c - updates in shards: one shard is the whole batch; shards and --grad-accum are the
 * same passes; sums differ from the whole batch's in their last digits only; a run that was
 * stopped goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sum_tree.h"
#include "support/training.h"

/* A run of tiny in a folder of its own. */
typedef struct shard_run {
    test_folder folder;
    float *params; /* of its last checkpoint */
    size_t count;
} shard_run;

static int run_once(const shard_run *run, int batch_size, int grad_accum, int shards,
                    size_t max_steps, const char *resume)
{
    alx_train_options options = training_options(training_data.path, run->folder.path, "");
    alx_train_result result;

    options.config.train.epochs = 2;
    options.config.train.batch_size = batch_size;
    options.config.train.grad_accum = grad_accum;
    options.config.train.shards = shards;
    options.max_steps = max_steps;
    options.resume = resume;
    return training_run(&result, &options);
}

static shard_run run_shards(int batch_size, int grad_accum, int shards)
{
    shard_run run = { .folder = test_folder_create() };

    assert_ok(run_once(&run, batch_size, grad_accum, shards, 0, NULL));
    run.params = training_params(run.folder.path, "checkpoint-last", &run.count);
    return run;
}

static void assert_same_params(shard_run *got, shard_run *want)
{
    assert_int_equal(got->count, want->count);
    assert_memory_equal(got->params, want->params, want->count * sizeof(float));
    test_folder_remove(&got->folder);
    test_folder_remove(&want->folder);
}

static void one_shard_is_the_whole_batch(void **state)
{
    shard_run one = run_shards(48, 1, 1), whole = run_shards(48, 1, 0);

    (void)state;
    assert_same_params(&one, &whole);
}

/* 210 images: the last update of an epoch has 18, which are three shards, the last one short. */
static void shards_and_accumulation_are_the_same_passes(void **state)
{
    shard_run shards = run_shards(48, 1, 6), passes = run_shards(8, 6, 1);

    (void)state;
    assert_same_params(&shards, &passes);
    shards = run_shards(24, 2, 3), passes = run_shards(48, 1, 6);
    assert_same_params(&shards, &passes);
}

static void the_order_of_sums_alone_differs(void **state)
{
    shard_run shards = run_shards(48, 1, 6), whole = run_shards(48, 1, 0);

    (void)state;
    test_assert_rel_max("6 of 8", shards.params, whole.params, whole.count, 2e-5);
    assert_memory_not_equal(shards.params, whole.params, whole.count * sizeof(float));
    test_folder_remove(&shards.folder);
    test_folder_remove(&whole.folder);
}

static void a_run_goes_on_in_an_epochs_middle(void **state)
{
    shard_run whole = run_shards(48, 1, 6), cut = { .folder = test_folder_create() };
    char last[512];

    (void)state;
    snprintf(last, sizeof last, "%s/checkpoint-last", cut.folder.path);
    assert_ok(run_once(&cut, 48, 1, 6, 3, NULL));
    assert_ok(run_once(&cut, 48, 1, 6, 0, last));
    training_assert_same(cut.folder.path, whole.folder.path, "checkpoint-last");
    test_folder_remove(&cut.folder);
    test_folder_remove(&whole.folder);
}

static void shards_that_do_not_divide_are_refused(void **state)
{
    shard_run run = { .folder = test_folder_create() };

    (void)state;
    assert_int_equal(run_once(&run, 48, 1, 7, 0, NULL), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "7 do not divide batch-size, 48"));
    test_folder_remove(&run.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(one_shard_is_the_whole_batch, test_teardown),
        cmocka_unit_test_teardown(shards_and_accumulation_are_the_same_passes, test_teardown),
        cmocka_unit_test_teardown(the_order_of_sums_alone_differs, test_teardown),
        cmocka_unit_test_teardown(a_run_goes_on_in_an_epochs_middle, test_teardown),
        cmocka_unit_test_teardown(shards_that_do_not_divide_are_refused, test_teardown),
    };
    return cmocka_run_group_tests(tests, training_data_make, training_data_remove);
}
