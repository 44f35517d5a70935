/* test_ranks.c - `mpirun -n N alexnet train`: the checkpoint of one process, byte for byte,
 * whatever N is, also after a stop and from N ranks to M; and a job in which a rank dies, hangs,
 * differs from the others, cannot write or is asked to stop: one line, the exit code, a whole
 * checkpoint, no process left. */
#include "support/ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/dev/train.h"
#include "base/file.h"
#include "support/training.h"

#define WHOLE "--epochs 2 --set train.shards=24"
#define LONG "--epochs 5000 --save-every 1 --set train.shards=24"
/* Once there is a checkpoint, a signal for rank 1, or for its launcher. Who sends it stays a while:
 * a stopped process whose group is left alone is continued. */
#define WHEN_SAVED(signal, whom)                                                                   \
    "[ $rank = 1 ] && (while [ ! -e '%s/checkpoint-last' ]; do sleep 0.1; done; "                  \
    "kill -" signal " " whom "; exec sleep 10) &"

static test_folder work;

static int setup(void **state)
{
    test_run alone;
    char run[512];

    training_data_make(state);
    work = test_folder_create();
    snprintf(run, sizeof run, "%s", test_folder_path(&work, "alone"));
    alone = TEST_PROGRAM_RUN("train", "tiny", "-q", "--data", training_data.path, "-b", "48",
                             "--epochs", "2", "--set", "train.shards=24", "-o", run);
    test_assert_run(&alone, 0, "");
    test_run_free(&alone);
    return 0;
}

static int teardown(void **state)
{
    test_folder_remove(&work);
    return training_data_remove(state);
}

/* tiny on batches of 48 with `options`, in the run `name`; `prepare` may have one %s, the run. */
static test_run train(int ranks, const char *name, const char *prepare, const char *options)
{
    char program[2048], before[1024] = "";
    const char *run = test_folder_path(&work, name);

    test_need_mpi();
    if (prepare != NULL)
        snprintf(before, sizeof before, prepare, run);
    snprintf(program, sizeof program, "'%s' train tiny -q --data '%s' -b 48 -o '%s' %s",
             TEST_PROGRAM, training_data.path, run, options);
    return test_ranks_with("--mca odls_base_sigkill_timeout 10", ranks, before, program);
}

static test_run resume(int ranks, const char *name, const char *options)
{
    char program[2048];

    snprintf(program, sizeof program, "'%s' train -q --resume '%s' %s", TEST_PROGRAM,
             test_folder_path(&work, name), options);
    return test_ranks(ranks, NULL, program);
}

static void assert_as_alone(const char *name)
{
    char alone[512];

    snprintf(alone, sizeof alone, "%s", test_folder_path(&work, "alone"));
    training_assert_same(test_folder_path(&work, name), alone, "checkpoint-last");
    training_assert_same(test_folder_path(&work, name), alone, "checkpoint-best");
}

static void assert_ended(test_run run, int exit_code, const char *text)
{
    test_assert_run(&run, exit_code, text);
    test_run_free(&run);
}

/* 210 images: five updates an epoch, the last of 18 images in nine shards. */
static void any_number_of_ranks_writes_the_same_checkpoint(void **state)
{
    static const int ranks[] = { 2, 3, 6, 7 };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(ranks); ++i) {
        char name[16];

        snprintf(name, sizeof name, "by%d", ranks[i]);
        assert_ended(train(ranks[i], name, NULL, WHOLE), 0, "");
        assert_as_alone(name);
    }
    assert_ended(train(2, "pairs", NULL, WHOLE " --devices 0,0"), 0, "");
    assert_as_alone("pairs");
}

static void a_run_goes_on_with_other_numbers_of_ranks(void **state)
{
    (void)state;
    assert_ended(train(3, "cut", NULL, WHOLE " --max-steps 3"), 0, "");
    assert_ended(resume(2, "cut", "--max-steps 6"), 0, "");
    assert_ended(resume(1, "cut", ""), 0, "");
    assert_as_alone("cut");
}

/* The other ranks would take images that are not theirs. */
static void a_position_inside_an_update_is_refused(void **state)
{
    (void)state; /* after 144 images, no whole number of updates of 96 */
    assert_ended(train(1, "inside", NULL, WHOLE " --max-steps 3"), 0, "");
    assert_ended(resume(2, "inside", "--grad-accum 2"), 2,
                 " stands in an epoch's middle, after 144 of 210 images: ");
    assert_ended(resume(2, "inside", "--grad-accum 3 --max-steps 4"), 0, "");
}

/* Rank 0 diagnoses, on all of the images, and writes events. */
static void what_rank_0_records_is_what_one_process_does(void **state)
{
    char alone[512], options[1024], found[2][512];
    test_folder events;

    (void)state;
    snprintf(events.path, sizeof events.path, "%.200s/events", work.path);
    snprintf(options, sizeof options, WHOLE " --diagnose --tensorboard '%s'", events.path);
    assert_ended(train(1, "seen", NULL, WHOLE " --diagnose"), 0, "");
    assert_ended(train(2, "seen2", NULL, options), 0, "");
    snprintf(alone, sizeof alone, "%s", test_folder_path(&work, "seen"));
    training_assert_same(test_folder_path(&work, "seen2"), alone, "diagnose.csv");
    training_assert_same(test_folder_path(&work, "seen2"), alone, "checkpoint-last");
    assert_int_equal(test_folder_list(&events, found, ALX_COUNT(found)), 1);
}

/* Nobody trains: rank 0 alone knows that the other folder has no checkpoint yet. */
static void a_finished_run_goes_on_in_another_folder(void **state)
{
    char options[1024];

    (void)state;
    snprintf(options, sizeof options, "-o '%s'", test_folder_path(&work, "moved"));
    assert_ended(resume(2, "alone", options), 0, "");
    assert_ended(resume(2, "moved", ""), 0, ""); /* where it has one */
    assert_as_alone("moved");
}

static void ranks_choose_shards_that_they_can_share(void **state)
{
    static const struct {
        int ranks;
        const char *options, *line;
    } rows[] = {
        { 2, "", "\nshards = 8\n" },
        { 3, "", "\nshards = 12\n" },
        { 3, "--set train.shards=4", "\nshards = 4\n" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(rows); ++i) {
        char name[16], options[64], *text = NULL;
        size_t bytes = 0;

        snprintf(name, sizeof name, "chosen%zu", i);
        snprintf(options, sizeof options, "%s --max-steps 1", rows[i].options);
        assert_ended(train(rows[i].ranks, name, NULL, options), 0, "");
        snprintf(options, sizeof options, "%s/config.ini", name);
        assert_ok(base_file_read(&text, &bytes, test_folder_path(&work, options)));
        assert_non_null(strstr(text, rows[i].line));
        free(text);
    }
    assert_ended(train(3, "few", NULL, "--set train.shards=2"), 2,
                 "alexnet: 2 shards are too few for 3 ranks: raise [train] shards\n");
    assert_ended(train(5, "odd", NULL, ""), 2, "alexnet: 5 ranks cannot share a batch of 48");
}

/* ---- faults -------------------------------------------------------------------------------- */

/* One line of ours; what was saved can be read; nobody is left. */
static void assert_failed(test_run run, const char *name, int exit_code, const char *text)
{
    alx_checkpoint checkpoint = { 0 };
    char last[512];

    test_assert_run(&run, exit_code, text);
    assert_int_equal(test_count(run.err, "alexnet: "), 1);
    assert_int_equal(test_count(run.err, "computes wrong"), 0); /* nobody does here */
    test_run_free(&run);
    test_assert_none_left(test_folder_path(&work, name));
    snprintf(last, sizeof last, "%s/checkpoint-last", test_folder_path(&work, name));
    if (base_file_exists(last))
        assert_ok(alx_checkpoint_read(&checkpoint, last));
    alx_checkpoint_free(&checkpoint);
}

static void a_killed_rank_is_named(void **state)
{
    (void)state; /* 137 is the launcher's, of the first that ended badly */
    assert_failed(train(3, "killed", WHEN_SAVED("KILL", "$$"), LONG), "killed", 137,
                  "alexnet: rank 1 (process ");
    assert_true(base_file_exists(test_folder_path(&work, "killed/checkpoint-last")));
}

static void a_rank_that_hangs_is_named(void **state)
{
    (void)state;
    assert_failed(train(2, "hung", WHEN_SAVED("STOP", "$$"), LONG " --timeout 3"), "hung", 3,
                  " has not answered for 3 s (--timeout)");
}

static void ranks_that_differ_are_refused(void **state)
{
    test_folder other = test_folder_create(), cl = test_folder_create();
    char options[1024], version[1024];

    (void)state;
    assert_failed(train(3, "lr", "[ $rank = 2 ] && lr='--lr 0.5'", WHOLE " $lr"), "lr", 2,
                  ") has another config or other options than rank 0");
    training_write_data(&other, TRAINING_IMAGES + 1, TRAINING_TEST_IMAGES);
    snprintf(options, sizeof options, WHOLE " --data \"$data\"");
    snprintf(version, sizeof version, "data='%s'; [ $rank = 1 ] && data='%s'", training_data.path,
             other.path);
    assert_failed(train(2, "data", version, options), "data", 4, ") has other data than rank 0");
    snprintf(version, sizeof version,
             "[ $rank = 1 ] && cp '" TEST_DIR
             "'/../cl/*.cl* '%s' && echo '/* other */' >>'%s/sgd.cl' && "
             "export ALEXNET_CL_DIR='%s'",
             cl.path, cl.path, cl.path);
    assert_failed(train(2, "version", version, WHOLE), "version", 2,
                  ") has another version of alexnet than rank 0");
    test_folder_remove(&other);
    test_folder_remove(&cl);
}

static void a_full_disk_of_rank_0_ends_the_job(void **state)
{
    const char *config = test_folder_path(&work, "full/config.ini");

    (void)state;
    assert_ended(train(2, "full", NULL, WHOLE " --max-steps 2"), 0, "");
    unlink(config);
    assert_int_equal(symlink("/dev/full", config), 0);
    assert_failed(resume(2, "full", ""), "full", 1, "config.ini: write failed");
}

static void a_failure_of_one_rank_alone_is_told_by_it(void **state)
{
    (void)state;
    assert_failed(
        train(3, "device", "[ $rank = 1 ] && device='--device none-such'", WHOLE " $device"),
        "device", 3, "alexnet: rank 1 (process ");
}

static void a_signal_for_one_rank_saves_and_stops_all(void **state)
{
    (void)state;
    assert_failed(train(2, "stopped", WHEN_SAVED("TERM", "$$"), LONG), "stopped", 130,
                  "; saved: go on with --resume ");
}

/* Open MPI's mpirun has 1 for a job that it was asked to end. */
static void a_signal_for_the_launcher_saves_and_stops_all(void **state)
{
    (void)state;
    assert_failed(train(2, "ended", WHEN_SAVED("TERM", "$PPID"), LONG), "ended", 1,
                  "; saved: go on with --resume ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_ranks_writes_the_same_checkpoint),
        cmocka_unit_test(a_run_goes_on_with_other_numbers_of_ranks),
        cmocka_unit_test(a_position_inside_an_update_is_refused),
        cmocka_unit_test(what_rank_0_records_is_what_one_process_does),
        cmocka_unit_test(a_finished_run_goes_on_in_another_folder),
        cmocka_unit_test(ranks_choose_shards_that_they_can_share),
        cmocka_unit_test(a_killed_rank_is_named),
        cmocka_unit_test(a_rank_that_hangs_is_named),
        cmocka_unit_test(ranks_that_differ_are_refused),
        cmocka_unit_test(a_full_disk_of_rank_0_ends_the_job),
        cmocka_unit_test(a_failure_of_one_rank_alone_is_told_by_it),
        cmocka_unit_test(a_signal_for_one_rank_saves_and_stops_all),
        cmocka_unit_test(a_signal_for_the_launcher_saves_and_stops_all),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
