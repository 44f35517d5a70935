/* test_stop_build.c - a signal while kernels are built ends the program, and with it the processes
 * that compile; nothing is left behind. */
#include "support/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "support/device.h"
#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"
#define WAIT_STEPS 6000 /* of 10 ms: far more than it takes */

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static void pause_a_little(void)
{
    const struct timespec pause = { .tv_nsec = 10000000 };

    nanosleep(&pause, NULL);
}

/* An empty cache of kernels, so that all are built; the test becomes the parent of what the program
 * leaves behind. */
static int setup(void **state)
{
    test_own_folder_make(state);
    assert_int_equal(setenv("ALEXNET_CACHE_DIR", in_folder("cache"), 1), 0);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    return 0;
}

static pid_t start(const char *const *args)
{
    const char *argv[TEST_MAX_ARGS + 2] = { TEST_PROGRAM };
    const int err = open(in_folder("stderr"), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

    for (size_t i = 0; args[i] != NULL && i < TEST_MAX_ARGS; ++i)
        argv[i + 1] = args[i];
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        execv(TEST_PROGRAM, (char *const *)argv);
        _exit(127);
    }
    close(err);
    return child;
}

static bool has_said(const char *text)
{
    char *said = NULL;
    size_t bytes = 0;

    assert_ok(base_file_read(&said, &bytes, in_folder("stderr")));
    const bool has = strstr(said, text) != NULL;

    free(said);
    return has;
}

/* Exit code or 128 + signal of `child`, which gets `signal_number` once it builds. */
static int stop_while_building(pid_t child, int signal_number)
{
    int status = 0;

    for (int i = 0; i < WAIT_STEPS && !has_said("building "); ++i)
        pause_a_little();
    for (int i = 0; i < 30; ++i) /* into a build */
        pause_a_little();
    assert_int_equal(waitpid(child, &status, WNOHANG), 0);
    const double sent = base_seconds();

    assert_int_equal(kill(child, signal_number), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    print_message("ended after %.1f s\n", base_seconds() - sent);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Processes that outlive the program come to this one: all end by themselves. */
static void assert_no_process_left(void)
{
    for (int i = 0; i < WAIT_STEPS; ++i) {
        if (waitpid(-1, NULL, WNOHANG) < 0) /* ECHILD */
            return;
        pause_a_little();
    }
    fail_msg("processes that compile are still there");
}

static void assert_no_file_half_written(void)
{
    static char paths[256][512];
    test_folder cache;

    snprintf(cache.path, sizeof cache.path, "%s", in_folder("cache"));
    if (!base_file_exists(cache.path))
        return;
    const size_t count = test_folder_list(&cache, paths, ALX_COUNT(paths));

    for (size_t i = 0; i < count && i < ALX_COUNT(paths); ++i)
        if (strstr(paths[i], ".tmp-") != NULL)
            fail_msg("%s is left", paths[i]);
}

static void training(void **state)
{
    const char *const args[] = { "train", "quickstart", "--data",         DATA, "--progress",
                                 "plain", "-o",         in_folder("run"), NULL };

    (void)state;
    assert_int_equal(stop_while_building(start(args), SIGTERM), 130);
    assert_true(has_said("alexnet: interrupted while kernels were built"));
    assert_no_process_left();
    assert_no_file_half_written();
    assert_false(base_file_exists(in_folder("run")));
}

static void a_kill_leaves_no_compilers(void **state)
{
    const char *const args[] = { "train", "quickstart",        "--data",
                                 DATA,    "--progress",        "plain",
                                 "-o",    in_folder("killed"), NULL };

    (void)state;
    assert_int_equal(stop_while_building(start(args), SIGKILL), 128 + SIGKILL);
    assert_no_process_left();
}

/* Without such processes the build cannot be stopped, but the program can. */
static void builds_in_this_process(void **state)
{
    const char *const args[] = { "train", "quickstart", "--data",         DATA, "--progress",
                                 "plain", "-o",         in_folder("run"), NULL };

    (void)state;
    assert_int_equal(setenv("ALEXNET_CACHE_DIR", "off", 1), 0);
    assert_int_equal(stop_while_building(start(args), SIGINT), 130);
    assert_int_equal(setenv("ALEXNET_CACHE_DIR", in_folder("cache"), 1), 0);
    assert_true(has_said("alexnet: interrupted while kernels were built"));
    assert_false(base_file_exists(in_folder("run")));
    assert_no_process_left();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training),
        cmocka_unit_test(a_kill_leaves_no_compilers),
        cmocka_unit_test(builds_in_this_process),
    };

    return cmocka_run_group_tests(tests, setup, test_own_folder_remove);
}
