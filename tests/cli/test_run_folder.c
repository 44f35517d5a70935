/* test_run_folder.c - the folder of a run is one process's: who comes second is refused before
 * anything is read or written, who only reads is not; and what a killed run leaves. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/train.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/hash.h"
#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"
#define MOST_FILES 32

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

/* All that is in a folder, by name and content; the caller frees. */
static char *folder_content(const char *name)
{
    char paths[MOST_FILES][512], path[512], hex[33];
    test_folder folder;
    base_hash *hash = NULL;
    char *text = test_alloc(MOST_FILES * 600);

    snprintf(folder.path, sizeof folder.path, "%s", in_folder(name));
    const size_t count = test_folder_list(&folder, paths, MOST_FILES);

    text[0] = '\0';
    for (size_t i = 0; i < count && i < MOST_FILES; ++i) {
        char *data = NULL;
        size_t bytes = 0;

        assert_ok(base_file_read(&data, &bytes, paths[i]));
        assert_ok(base_hash_create(&hash));
        base_hash_update(hash, data, bytes);
        base_hash_hex(hash, hex);
        base_hash_free(hash);
        free(data);
        snprintf(path, sizeof path, "%s", paths[i]);
        sprintf(text + strlen(text), "%s %s\n", path, hex);
    }
    return text;
}

static int make_run(void **state)
{
    test_own_folder_make(state);
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "3", "-o",
                                    in_folder("run"));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    return 0;
}

/* `args` while this process trains in the folder "run". */
static void assert_refused(const char *const *args)
{
    alx_run_folder *folder = NULL;
    char who[64];

    assert_ok(alx_run_folder_open(&folder, in_folder("run")));
    snprintf(who, sizeof who, "run: another process trains there (pid %ld on ", (long)getpid());
    char *before = folder_content("run");
    test_run run = test_program(args);
    char *after = folder_content("run");

    test_assert_run(&run, 1, who);
    assert_string_equal(after, before);
    alx_run_folder_close(folder);
    test_run_free(&run);
    free(before);
    free(after);
}

static void the_second_of_two_runs_is_refused(void **state)
{
    const char *const args[] = { "train", "tiny", "--data", DATA, "-o", in_folder("run"), NULL };

    (void)state;
    assert_refused(args);
}

static void the_second_of_two_resumes_is_refused(void **state)
{
    const char *const folder[] = { "train", "--resume", in_folder("run"), NULL };
    const char *const file[] = { "train", "--resume", in_folder("run/checkpoint-last"), NULL };
    const char *const other[] = {
        "train", "--resume", in_folder("run"), "-o", in_folder("run/../run/"), NULL
    };

    (void)state;
    assert_refused(folder);
    assert_refused(file);
    assert_refused(other);
}

static void a_run_that_goes_on_can_be_looked_at(void **state)
{
    alx_run_folder *folder = NULL;

    (void)state;
    assert_ok(alx_run_folder_open(&folder, in_folder("run")));
    test_run eval = TEST_PROGRAM_RUN("eval", in_folder("run"), "--data", DATA);
    test_run viz = TEST_PROGRAM_RUN("viz", in_folder("run"));
    test_run info = TEST_PROGRAM_RUN("info", in_folder("run"));
    test_run elsewhere = TEST_PROGRAM_RUN("train", "--resume", in_folder("run"), "--max-steps", "4",
                                          "-o", in_folder("elsewhere"));

    test_assert_run(&eval, 0, "");
    test_assert_run(&viz, 0, "");
    test_assert_run(&info, 0, "");
    test_assert_run(&elsewhere, 0, "");
    alx_run_folder_close(folder);
    test_run_free(&eval);
    test_run_free(&viz);
    test_run_free(&info);
    test_run_free(&elsewhere);
}

/* A name by the second is not enough. */
static void a_folder_of_its_own_is_nobody_elses(void **state)
{
    alx_run_folder *first = NULL, *second = NULL, *third = NULL;
    char kept[512];

    (void)state;
    assert_ok(alx_run_folder_create(&first, in_folder("new/tiny")));
    assert_ok(alx_run_folder_create(&second, in_folder("new/tiny")));
    assert_string_equal(alx_run_folder_path(first), in_folder("new/tiny"));
    assert_string_equal(alx_run_folder_path(second), in_folder("new/tiny-2"));
    snprintf(kept, sizeof kept, "%s/metrics.csv", alx_run_folder_path(first));
    assert_ok(base_file_write(kept, "", 0));
    alx_run_folder_close(first);
    alx_run_folder_close(second);
    assert_true(base_file_exists(kept));
    assert_false(base_file_exists(in_folder("new/tiny-2"))); /* nothing was written */
    assert_ok(alx_run_folder_create(&third, in_folder("new/tiny")));
    assert_string_equal(alx_run_folder_path(third), in_folder("new/tiny-2"));
    alx_run_folder_close(third);
}

static void a_run_that_never_began_leaves_no_folder(void **state)
{
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", in_folder("no data"), "-o",
                                    in_folder("a/b/c/"));
    test_run missing = TEST_PROGRAM_RUN("train", "--resume", in_folder("a/b/checkpoint-last"));

    (void)state;
    test_assert_run(&run, 4, "no data");
    test_assert_run(&missing, 4, "a/b/checkpoint-last: cannot be read");
    assert_false(base_file_exists(in_folder("a")));
    test_run_free(&run);
    test_run_free(&missing);
}

/* The files are a run's, the process that left them is gone, or writes no longer. */
static void half_written_files_of_a_killed_run_go(void **state)
{
    static const char *const names[] = {
        "run/checkpoint-last.tmp-2147483647",
        "run/checkpoint-best.tmp-1",
        "run/.lock",
        "run/metrics.csv.tmp-12",
        "run/curves.png.tmp-2147483647",
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(names); ++i)
        test_folder_write(&test_own_folder, names[i], "pid 2147483647 on nowhere\n");
    test_folder_write(&test_own_folder, "run/notes.tmp-12", "the user's");
    test_run run = TEST_PROGRAM_RUN("train", "--resume", in_folder("run"), "--max-steps", "4");

    test_assert_run(&run, 0, "");
    for (size_t i = 0; i < ALX_COUNT(names); ++i)
        if (base_file_exists(in_folder(names[i])))
            fail_msg("%s is still there", names[i]);
    assert_true(base_file_exists(in_folder("run/notes.tmp-12")));
    test_run_free(&run);
}

/* ---- the data, from wherever the run goes on ------------------------------------------------- */

static void the_data_are_found_from_another_folder(void **state)
{
    char here[512];

    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(test_own_folder.path), 0);
    assert_int_equal(symlink(DATA, "data.tar.gz"), 0);
    test_run begun = TEST_PROGRAM_RUN("train", "tiny", "--data", "data.tar.gz", "--max-steps", "2",
                                      "-o", "begun");

    assert_int_equal(chdir("/"), 0);
    test_run resumed = TEST_PROGRAM_RUN("train", "--resume", in_folder("begun"), "--max-steps",
                                        "3");
    test_run eval = TEST_PROGRAM_RUN("eval", in_folder("begun"));

    assert_int_equal(unlink(in_folder("data.tar.gz")), 0);
    test_run gone = TEST_PROGRAM_RUN("train", "--resume", in_folder("begun"), "--max-steps", "4");
    test_run gone_too = TEST_PROGRAM_RUN("eval", in_folder("begun"));
    test_run moved = TEST_PROGRAM_RUN("train", "--resume", in_folder("begun"), "--max-steps", "4",
                                      "--data", DATA);

    assert_int_equal(chdir(here), 0);
    test_assert_run(&begun, 0, "");
    test_assert_run(&resumed, 0, "");
    if (strstr(resumed.err, "changed") != NULL)
        fail_msg("%s", resumed.err);
    test_assert_run(&eval, 0, "");
    test_assert_run(&gone, 4, "data.tar.gz: not there, but ");
    test_assert_run(&gone_too, 4, ": say where the data are with --data DIR");
    test_assert_run(&moved, 0, "changed     data.path: ");
    test_run *const all[] = { &begun, &resumed, &eval, &gone, &gone_too, &moved };

    for (size_t i = 0; i < ALX_COUNT(all); ++i)
        test_run_free(all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_of_two_runs_is_refused),
        cmocka_unit_test(the_second_of_two_resumes_is_refused),
        cmocka_unit_test(a_run_that_goes_on_can_be_looked_at),
        cmocka_unit_test(a_folder_of_its_own_is_nobody_elses),
        cmocka_unit_test(a_run_that_never_began_leaves_no_folder),
        cmocka_unit_test(half_written_files_of_a_killed_run_go),
        cmocka_unit_test(the_data_are_found_from_another_folder),
    };

    return cmocka_run_group_tests(tests, make_run, test_own_folder_remove);
}
