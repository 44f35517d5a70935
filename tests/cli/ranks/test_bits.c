/* test_bits.c - `mpirun -n N alexnet train`: the checkpoint of one process, byte for byte, whatever
 * N is, also after a stop and from N ranks to M. */
#include "support/jobs.h"

#include <stdio.h>

static int setup(void **state)
{
    test_run alone;

    jobs_make(state);
    alone = TEST_PROGRAM_RUN("train", "tiny", "-q", "--data", jobs_data.path, "-b", "48",
                             "--epochs", "2", "--set", "train.shards=24", "-o",
                             test_folder_path(&jobs_work, "alone"));
    jobs_assert_ended(alone, 0, "");
    return 0;
}

static void assert_as_alone(const char *name)
{
    char alone[512];

    snprintf(alone, sizeof alone, "%s", test_folder_path(&jobs_work, "alone"));
    training_assert_same(test_folder_path(&jobs_work, name), alone, "checkpoint-last");
    training_assert_same(test_folder_path(&jobs_work, name), alone, "checkpoint-best");
}

static void any_number_of_ranks_writes_the_same_checkpoint(void **state)
{
    static const struct {
        int ranks;
        const char *options;
    } rows[] = { { 2, " --device 0,0" }, { 3, "" }, { 4, " --devices 0,0" }, { 7, "" } };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(rows); ++i) {
        char name[16], options[128];

        snprintf(name, sizeof name, "by%d", rows[i].ranks);
        snprintf(options, sizeof options, JOBS_WHOLE "%s", rows[i].options);
        jobs_assert_ended(jobs_train(rows[i].ranks, name, NULL, options), 0, "");
        assert_as_alone(name);
    }
}

/* What looks at all gradients at once: their norm clips, a layer's own makes its rate. */
static void layer_wise_rates_are_those_of_one_process(void **state)
{
    static const char options[] = JOBS_WHOLE " --set train.lars=0.01 --lr 0.5 --set "
                                             "train.clip-norm=2 --set train.scale-batch=16";
    char alone[512], pairs[256];

    (void)state;
    snprintf(pairs, sizeof pairs, "%s --devices 0,0", options);
    jobs_assert_ended(jobs_train(1, "rates", NULL, options), 0, "");
    jobs_assert_ended(jobs_train(3, "rates3", NULL, pairs), 0, "");
    snprintf(alone, sizeof alone, "%s", test_folder_path(&jobs_work, "rates"));
    training_assert_same(test_folder_path(&jobs_work, "rates3"), alone, "checkpoint-last");
}

static void a_run_goes_on_with_other_numbers_of_ranks(void **state)
{
    (void)state;
    jobs_assert_ended(jobs_train(3, "cut", NULL, JOBS_WHOLE " --max-steps 2"), 0, "");
    jobs_assert_ended(jobs_resume(2, "cut", "--max-steps 4"), 0, "");
    jobs_assert_ended(jobs_resume(1, "cut", ""), 0, "");
    assert_as_alone("cut");
}

/* Nobody trains: rank 0 alone knows that the other folder has no checkpoint yet. */
static void a_finished_run_goes_on_in_another_folder(void **state)
{
    char options[1024];

    (void)state;
    snprintf(options, sizeof options, "-o '%s'", test_folder_path(&jobs_work, "moved"));
    jobs_assert_ended(jobs_resume(2, "alone", options), 0, "");
    jobs_assert_ended(jobs_resume(2, "moved", ""), 0, ""); /* where it has one */
    assert_as_alone("moved");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_ranks_writes_the_same_checkpoint),
        cmocka_unit_test(layer_wise_rates_are_those_of_one_process),
        cmocka_unit_test(a_run_goes_on_with_other_numbers_of_ranks),
        cmocka_unit_test(a_finished_run_goes_on_in_another_folder),
    };
    return cmocka_run_group_tests(tests, setup, jobs_remove);
}
