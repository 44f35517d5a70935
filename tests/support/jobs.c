/* jobs.c - jobs that train, and how they end. */
#include "support/jobs.h"

#include <stdio.h>

#include "alexnet/dev/train.h"
#include "alexnet/log.h"
#include "base/file.h"

test_folder jobs_data, jobs_work;

int jobs_make(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    jobs_data = test_folder_create();
    jobs_work = test_folder_create();
    training_write_data(&jobs_data, JOBS_IMAGES, TRAINING_TEST_IMAGES);
    return 0;
}

int jobs_remove(void **state)
{
    (void)state;
    test_folder_remove(&jobs_data);
    test_folder_remove(&jobs_work);
    return 0;
}

test_run jobs_train(int ranks, const char *name, const char *prepare, const char *options)
{
    char program[2048], before[1024] = "";
    const char *run = test_folder_path(&jobs_work, name);

    test_need_mpi();
    if (prepare != NULL)
        snprintf(before, sizeof before, prepare, run);
    snprintf(program, sizeof program, "'%s' train tiny -q --data '%s' -b 48 -o '%s' %s",
             TEST_PROGRAM, jobs_data.path, run, options);
    return test_ranks(ranks, before, program);
}

test_run jobs_resume(int ranks, const char *name, const char *options)
{
    char program[2048];

    snprintf(program, sizeof program, "'%s' train -q --resume '%s' %s", TEST_PROGRAM,
             test_folder_path(&jobs_work, name), options);
    return test_ranks(ranks, NULL, program);
}

void jobs_assert_ended(test_run run, int exit_code, const char *text)
{
    test_assert_run(&run, exit_code, text);
    test_run_free(&run);
}

void jobs_assert_failed(test_run run, const char *name, int exit_code, const char *text)
{
    alx_checkpoint checkpoint = { 0 };
    char last[512];

    test_assert_run(&run, exit_code, text);
    assert_int_equal(test_count(run.err, "alexnet: "), 1);
    assert_int_equal(test_count(run.err, "computes wrong"), 0); /* nobody does here */
    test_run_free(&run);
    test_assert_none_left(test_folder_path(&jobs_work, name));
    snprintf(last, sizeof last, "%s/checkpoint-last", test_folder_path(&jobs_work, name));
    if (base_file_exists(last))
        assert_ok(alx_checkpoint_read(&checkpoint, last));
    alx_checkpoint_free(&checkpoint);
}
