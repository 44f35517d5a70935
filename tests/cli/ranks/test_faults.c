/* test_faults.c - a job in which a rank dies or hangs, or that is asked to stop: one line, the exit
 * code, a whole checkpoint, no process left. */
#include "support/jobs.h"

#include <stdlib.h>

#include "base/file.h"

#define LONG "--epochs 5000 --save-every 1 --set train.shards=24"
/* Once there is a checkpoint, a signal for rank 1, or for its launcher. Who sends it stays a while:
 * a stopped process whose group is left alone is continued. */
#define WHEN_SAVED(signal, whom)                                                                   \
    "[ $rank = 1 ] && (while [ ! -e '%s/checkpoint-last' ]; do sleep 0.1; done; "                  \
    "kill -" signal " " whom "; exec sleep 10) &"

static void a_killed_rank_is_named(void **state)
{
    (void)state; /* 137 is the launcher's, of the first that ended badly */
    jobs_assert_failed(jobs_train(3, "killed", WHEN_SAVED("KILL", "$$"), LONG), "killed", 137,
                       "alexnet: rank 1 (process ");
    assert_true(base_file_exists(test_folder_path(&jobs_work, "killed/checkpoint-last")));
}

static void a_rank_that_hangs_is_named(void **state)
{
    (void)state;
    jobs_assert_failed(jobs_train(2, "hung", WHEN_SAVED("STOP", "$$"), LONG " --timeout 3"), "hung",
                       3, " has not answered for 3 s (--timeout)");
}

static void a_signal_for_one_rank_saves_and_stops_all(void **state)
{
    (void)state;
    jobs_assert_failed(jobs_train(2, "stopped", WHEN_SAVED("TERM", "$$"), LONG), "stopped", 130,
                       "; saved: go on with --resume ");
}

/* Open MPI's mpirun has 1 for a job that it was asked to end, and kills its ranks a second later or
 * when it is told to: it waits for that long at the end of every job that fails. */
static void a_signal_for_the_launcher_saves_and_stops_all(void **state)
{
    (void)state;
    setenv("OMPI_MCA_odls_base_sigkill_timeout", "10", 1);
    jobs_assert_failed(jobs_train(2, "ended", WHEN_SAVED("TERM", "$PPID"), LONG), "ended", 1,
                       "; saved: go on with --resume ");
    unsetenv("OMPI_MCA_odls_base_sigkill_timeout");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_rank_is_named),
        cmocka_unit_test(a_rank_that_hangs_is_named),
        cmocka_unit_test(a_signal_for_one_rank_saves_and_stops_all),
        cmocka_unit_test(a_signal_for_the_launcher_saves_and_stops_all),
    };
    return cmocka_run_group_tests(tests, jobs_make, jobs_remove);
}
