/* test_refused.c - a job in which a rank differs from the others or cannot do its part: one line,
 * the exit code, no process left. */
#include "support/jobs.h"

#include <stdio.h>
#include <unistd.h>

static void ranks_that_differ_are_refused(void **state)
{
    test_folder other = test_folder_create(), cl = test_folder_create();
    char options[1024], version[1024];

    (void)state;
    jobs_assert_failed(jobs_train(3, "lr", "[ $rank = 2 ] && lr='--lr 0.5'", JOBS_WHOLE " $lr"),
                       "lr", 2, ") has another config or other options than rank 0");
    training_write_data(&other, JOBS_IMAGES + 1, TRAINING_TEST_IMAGES);
    snprintf(options, sizeof options, JOBS_WHOLE " --data \"$data\"");
    snprintf(version, sizeof version, "data='%s'; [ $rank = 1 ] && data='%s'", jobs_data.path,
             other.path);
    jobs_assert_failed(jobs_train(2, "data", version, options), "data", 4,
                       ") has other data than rank 0");
    snprintf(version, sizeof version,
             "[ $rank = 1 ] && cp '" TEST_DIR
             "'/../cl/*.cl* '%s' && echo '/* other */' >>'%s/sgd.cl' && "
             "export ALEXNET_CL_DIR='%s'",
             cl.path, cl.path, cl.path);
    jobs_assert_failed(jobs_train(2, "version", version, JOBS_WHOLE), "version", 2,
                       ") has another version of alexnet than rank 0");
    test_folder_remove(&other);
    test_folder_remove(&cl);
}

static void a_failure_of_one_rank_alone_is_told_by_it(void **state)
{
    (void)state;
    jobs_assert_failed(jobs_train(3, "device", "[ $rank = 1 ] && device='--device none-such'",
                                  JOBS_WHOLE " $device"),
                       "device", 3, "alexnet: rank 1 (process ");
}

/* By which rank fails, and which name it says. */
static void a_rank_takes_the_devices_of_its_place(void **state)
{
    static const struct {
        int ranks;
        const char *options, *says;
        int code;
    } rows[] = {
        { 2, "--device 0,none-such", "rank 1 (", 3 },
        { 2, "--device 0,none-such,0", "no device matches 'none-such'", 3 },
        { 2, "--devices 0,0,0,none-such", "no device matches 'none-such'", 3 },
        { 2, "--devices none-such,0,0,0", "no device matches 'none-such'", 3 },
        { 3, "--device 0,0", "--device: '0,0' are 2 names for 3 ranks of this host", 2 },
        { 2, "--devices 0,0,0", "--devices: '0,0,0' are 3 names for 2 ranks of this host", 2 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(rows); ++i)
        jobs_assert_failed(jobs_train(rows[i].ranks, "place", NULL, rows[i].options), "place",
                           rows[i].code, rows[i].says);
}

static void a_full_disk_of_rank_0_ends_the_job(void **state)
{
    const char *config = test_folder_path(&jobs_work, "full/config.ini");

    (void)state;
    jobs_assert_ended(jobs_train(2, "full", NULL, JOBS_WHOLE " --max-steps 2"), 0, "");
    unlink(config);
    assert_int_equal(symlink("/dev/full", config), 0);
    jobs_assert_failed(jobs_resume(2, "full", ""), "full", 1, "config.ini: write failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_that_differ_are_refused),
        cmocka_unit_test(a_failure_of_one_rank_alone_is_told_by_it),
        cmocka_unit_test(a_rank_takes_the_devices_of_its_place),
        cmocka_unit_test(a_full_disk_of_rank_0_ends_the_job),
    };
    return cmocka_run_group_tests(tests, jobs_make, jobs_remove);
}
