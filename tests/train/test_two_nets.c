/* test_two_nets.c - two networks on two threads do not know of each other: ten steps of each, side
 * by side, give the bits of each alone. */
#include "support/training.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define STEPS 10

/* One run, and how it ended; messages of failures belong to the thread. */
typedef struct run_job {
    alx_device *dev;
    alx_train_options options;
    alx_train_result result;
    char why[512];
    int rc;
} run_job;

/* The networks differ in seed and in the kernels that they use. */
static const struct {
    const char *override;
    alx_algorithms algorithms;
} kinds[] = {
    { "train.seed=1", { .conv = ALX_CONV_WINOGRAD, .gemm = ALX_GEMM_VEC } },
    { "train.seed=2", { .conv = ALX_CONV_IM2COL, .gemm = ALX_GEMM_CLBLAST } },
};
#define KINDS ((int)ALX_COUNT(kinds))

static void *run(void *argument)
{
    run_job *job = argument;

    job->rc = alx_train_run(&job->result, &job->dev, 1, &job->options);
    snprintf(job->why, sizeof job->why, "%s", alx_status_text(job->rc));
    return NULL;
}

static run_job make_job(int kind, alx_device *dev, const char *data, const char *run_dir)
{
    run_job job = { .dev = dev, .options = training_options(data, run_dir, kinds[kind].override) };

    job.options.max_steps = STEPS;
    job.options.algorithms = kinds[kind].algorithms;
    return job;
}

static void assert_same_bits(const char *run_a, const char *run_b)
{
    size_t a_count = 0, b_count = 0;
    const float *a = training_params(run_a, "checkpoint-last", &a_count);
    const float *b = training_params(run_b, "checkpoint-last", &b_count);

    assert_int_equal(a_count, b_count);
    assert_memory_equal(a, b, a_count * sizeof *a);
}

static void two_threads_train_as_one_does(void **state)
{
    char folders[2][KINDS][512];
    alx_device *devs[KINDS];
    run_job jobs[2][KINDS];
    pthread_t threads[KINDS];

    (void)state;
    test_device(); /* skips where there is none */
    const test_folder root = test_folder_create();

    training_write_data(&root, TRAINING_IMAGES, TRAINING_TEST_IMAGES);
    for (int i = 0; i < KINDS; ++i) {
        assert_ok(alx_device_open(&devs[i], NULL, NULL));
        for (int together = 0; together < 2; ++together) {
            snprintf(folders[together][i], sizeof folders[together][i], "%s/run-%d-%d", root.path,
                     together, i);
            jobs[together][i] = make_job(i, devs[i], root.path, folders[together][i]);
        }
        run(&jobs[0][i]);
    }
    for (int i = 0; i < KINDS; ++i)
        assert_int_equal(pthread_create(&threads[i], NULL, run, &jobs[1][i]), 0);
    for (int i = 0; i < KINDS; ++i)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < KINDS; ++i) {
        for (int together = 0; together < 2; ++together)
            if (jobs[together][i].rc != 0)
                fail_msg("run %d-%d: %s", together, i, jobs[together][i].why);
        assert_int_equal(jobs[1][i].result.steps, STEPS);
        assert_true(jobs[0][i].result.last_loss == jobs[1][i].result.last_loss);
        assert_same_bits(folders[0][i], folders[1][i]);
        alx_device_close(devs[i]);
    }
    test_folder_remove(&root);
}

/* What fails on one thread is not what another is told. */
static void *fail_elsewhere(void *argument)
{
    (void)argument;
    alx_fail(ALX_E_USAGE, "another thread's");
    return NULL;
}

static void failures_belong_to_their_thread(void **state)
{
    pthread_t thread;

    (void)state;
    alx_fail(ALX_E_USAGE, "mine");
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    assert_string_equal(alx_status_text(ALX_E_USAGE), "mine");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(two_threads_train_as_one_does, test_teardown),
        cmocka_unit_test(failures_belong_to_their_thread),
    };
    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
