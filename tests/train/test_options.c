/* test_options.c - what the caller of alx_train_run leaves out is filled in, and what cannot be is
 * refused before anything is opened or written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cpus.h"
#include "base/file.h"
#include "support/program.h"
#include "support/training.h"
#include "train/run.h"

static alx_train_options two_steps(const char *data_path, const char *run_dir)
{
    alx_train_options options = training_options(data_path, run_dir, "");

    options.max_steps = 2;
    return options;
}

/* ---- what is filled in ----------------------------------------------------------------------- */

/* The library's run, from a path that leads elsewhere from another folder. */
static void the_program_goes_on_with_a_run_of_the_library(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = two_steps(base_path_base(training_data.path), run.path);
    alx_train_result result;
    alx_checkpoint checkpoint = { 0 };
    char here[512], above[512];

    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    snprintf(above, sizeof above, "%s/..", training_data.path);
    assert_int_equal(chdir(above), 0);
    assert_ok(training_run(&result, &options));
    assert_int_equal(chdir(here), 0);
    test_run went_on = TEST_PROGRAM_RUN("train", "--resume", run.path, "--max-steps", "3");

    test_assert_run(&went_on, 0, "");
    test_run_free(&went_on);
    assert_ok(alx_checkpoint_read(&checkpoint, test_folder_path(&run, "checkpoint-last")));
    assert_int_equal(checkpoint.step, 3);
    assert_string_equal(checkpoint.config.data.path, training_data.path);
    alx_checkpoint_free(&checkpoint);
    test_folder_remove(&run);
}

static void data_of_the_config_are_the_same_data(void **state)
{
    test_folder given = test_folder_create(), configured = test_folder_create();
    alx_train_options options = two_steps(training_data.path, given.path);
    alx_train_result result;

    (void)state;
    assert_ok(training_run(&result, &options));
    options.run_dir = configured.path;
    options.data_path = NULL;
    snprintf(options.config.data.path, sizeof options.config.data.path, "%s", training_data.path);
    assert_ok(training_run(&result, &options));
    training_assert_same(given.path, configured.path, "config.ini");
    test_folder_remove(&given);
    test_folder_remove(&configured);
}

static void a_held_folder_needs_no_second_name(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = two_steps(training_data.path, NULL);
    alx_train_result result;

    (void)state;
    assert_ok(alx_run_folder_open(&options.folder, run.path));
    assert_ok(training_run(&result, &options));
    assert_true(base_file_exists(test_folder_path(&run, "checkpoint-last")));
    alx_run_folder_close(options.folder);
    test_folder_remove(&run);
}

static void no_workers_are_one_for_each_processor(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = two_steps(training_data.path, run.path);
    train_run *settled = test_alloc(sizeof *settled);
    alx_train_result result;

    (void)state;
    options.workers = 0;
    assert_ok(train_run_settle(settled, 1, &options));
    assert_int_equal(settled->options->workers, base_cpu_count());
    assert_ok(training_run(&result, &options));
    free(settled);
    test_folder_remove(&run);
}

/* ---- what is refused ------------------------------------------------------------------------- */

/* With `text` in the message, and no folder made. */
static void assert_refused(alx_train_options options, const char *text)
{
    test_folder parent = test_folder_create();
    alx_train_result result;

    if (options.run_dir != NULL)
        options.run_dir = test_folder_path(&parent, "run");
    assert_int_equal(training_run(&result, &options), ALX_E_USAGE);
    if (strstr(alx_status_text(ALX_E_USAGE), text) == NULL)
        fail_msg("no \"%s\" in: %s", text, alx_status_text(ALX_E_USAGE));
    assert_int_equal(test_folder_list(&parent, NULL, 0), 0);
    test_folder_remove(&parent);
}

static void no_data(void **state)
{
    alx_train_options options = two_steps(NULL, "run");

    (void)state;
    assert_refused(options, "set data_path, or config.data.path");
    options.data_path = "";
    assert_refused(options, "set data_path, or config.data.path");
}

static void a_path_that_a_config_cannot_hold(void **state)
{
    (void)state;
    assert_refused(two_steps("two\nlines", "run"), "data.path");
}

static void no_folder(void **state)
{
    (void)state;
    assert_refused(two_steps(training_data.path, NULL), "set run_dir or folder");
}

static void two_folders(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = two_steps(training_data.path, "run");

    (void)state;
    assert_ok(alx_run_folder_open(&options.folder, run.path));
    assert_refused(options, "leave run_dir out");
    alx_run_folder_close(options.folder);
    test_folder_remove(&run);
}

static void fewer_workers_than_none(void **state)
{
    alx_train_options options = two_steps(training_data.path, "run");

    (void)state;
    options.workers = -1;
    assert_refused(options, "-1 workers");
}

static int judge(size_t update, void *user)
{
    (void)update;
    (void)user;
    return 0;
}

static void checks_that_nobody_makes(void **state)
{
    alx_train_options options = two_steps(training_data.path, "run");

    (void)state;
    options.check_every = 2;
    assert_refused(options, "check.begin, check.look and check.judge");
    options.check.judge = judge;
    assert_refused(options, "check.begin, check.look and check.judge");
}

static void two_sources_of_weights(void **state)
{
    alx_train_options options = two_steps(training_data.path, "run");

    (void)state;
    options.replace = "fc7";
    assert_refused(options, "replace names layers that weights has");
    options.weights = "w.safetensors";
    options.resume = "checkpoint-last";
    assert_refused(options, "resume brings its own weights");
}

static void a_config_that_nobody_read(void **state)
{
    alx_train_options options = two_steps(training_data.path, "run");

    (void)state;
    options.config.train.grad_accum = 0;
    assert_refused(options, "grad-accum");
    memset(&options.config, 0, sizeof options.config);
    assert_refused(options, "options.config: :4: [net] input: 0x0x0");
}

static void no_device(void **state)
{
    test_folder run = test_folder_create();
    alx_train_options options = two_steps(training_data.path, run.path);
    alx_train_result result;

    (void)state;
    assert_int_equal(alx_train_run(&result, NULL, 0, &options), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "one device or two, not 0"));
    test_folder_remove(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(the_program_goes_on_with_a_run_of_the_library),
        test_on_device(data_of_the_config_are_the_same_data),
        test_on_device(a_held_folder_needs_no_second_name),
        test_on_device(no_workers_are_one_for_each_processor),
        test_on_device(no_data),
        test_on_device(a_path_that_a_config_cannot_hold),
        test_on_device(no_folder),
        test_on_device(two_folders),
        test_on_device(fewer_workers_than_none),
        test_on_device(checks_that_nobody_makes),
        test_on_device(two_sources_of_weights),
        test_on_device(a_config_that_nobody_read),
        test_on_device(no_device),
    };

    return cmocka_run_group_tests(tests, training_data_make, training_data_remove);
}
