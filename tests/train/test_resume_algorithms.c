/* test_resume_algorithms.c - a run goes on with its own convolution, unless told otherwise. */
#include "support/training.h"

#include <stdio.h>

static alx_conv_algo conv_of(const char *run_dir)
{
    char path[512];
    alx_checkpoint c;

    snprintf(path, sizeof path, "%s/checkpoint-last", run_dir);
    assert_ok(alx_checkpoint_read(&c, path));
    const alx_conv_algo conv = c.algorithms.conv;

    alx_checkpoint_free(&c);
    return conv;
}

/* An epoch with `first`, then another with what is asked for; returns what the second used. */
static alx_conv_algo resumed_with(alx_conv_algo first, alx_conv_algo asked)
{
    const char *one[] = { "train.epochs=1" }, *two[] = { "train.epochs=2" };
    test_folder data = test_folder_create(), run = test_folder_create();
    alx_train_result result;
    char checkpoint[512];

    training_write_data(&data, 60, 10);
    alx_train_options options = training_plain_options(data.path, run.path, one, 1);

    options.algorithms.conv = first;
    assert_ok(training_run(&result, &options));
    assert_int_equal(conv_of(run.path), first);
    snprintf(checkpoint, sizeof checkpoint, "%s/checkpoint-last", run.path);
    options = training_plain_options(data.path, run.path, two, 1);
    options.algorithms.conv = asked;
    options.resume = checkpoint;
    assert_ok(training_run(&result, &options));
    const alx_conv_algo conv = conv_of(run.path);

    test_folder_remove(&data);
    test_folder_remove(&run);
    return conv;
}

static void auto_is_what_the_checkpoint_used(void **state)
{
    (void)state;
    assert_int_equal(resumed_with(ALX_CONV_TILE, ALX_CONV_AUTO), ALX_CONV_TILE);
    assert_int_equal(resumed_with(ALX_CONV_IM2COL, ALX_CONV_AUTO), ALX_CONV_IM2COL);
}

static void another_is_used_where_it_is_asked_for(void **state)
{
    (void)state;
    assert_int_equal(resumed_with(ALX_CONV_TILE, ALX_CONV_IM2COL), ALX_CONV_IM2COL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(auto_is_what_the_checkpoint_used),
        test_on_device(another_is_used_where_it_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
