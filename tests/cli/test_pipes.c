/* test_pipes.c - readers that go away, as in `| head` or a tee that was killed: work is never lost
 * to a progress line, data that could not be delivered is, and what only prints ends quietly. */
#include "support/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

/* A pipe whose reader has gone. */
static int closed_pipe(void)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    return ends[1];
}

/* Runs the program with such pipes; what it says on stderr where that is none, the caller's. */
static int run_into(char **says, bool out_closed, bool err_closed, const char *const *args)
{
    const char *argv[TEST_MAX_ARGS + 2] = { TEST_PROGRAM };
    const int out = out_closed ? closed_pipe() : open("/dev/null", O_WRONLY);
    const int err = err_closed ? closed_pipe()
                               : open(in_folder("stderr"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    int status = 0;
    size_t bytes = 0;

    for (size_t i = 0; args[i] != NULL && i < TEST_MAX_ARGS; ++i)
        argv[i + 1] = args[i];
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGPIPE, SIG_DFL); /* as a shell starts it */
        dup2(out, STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        execv(TEST_PROGRAM, (char *const *)argv);
        _exit(127);
    }
    close(out);
    close(err);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_ok(base_file_read(says, &bytes, in_folder("stderr")));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void assert_ends(int code, const char *says, bool out_closed, bool err_closed,
                        const char *const *args)
{
    char *text = NULL;

    test_folder_write(&test_own_folder, "stderr", "");
    const int got = run_into(&text, out_closed, err_closed, args);

    if (got != code || (says[0] == '\0' ? text[0] != '\0' : strstr(text, says) == NULL))
        fail_msg("%s: exit code %d, want %d; on stderr, want \"%s\":\n%s", args[0], got, code, says,
                 text);
    free(text);
}

#define ENDS(code, says, out, err, ...)                                                            \
    assert_ends(code, says, out, err, (const char *const[]){ __VA_ARGS__, NULL })

static void training_goes_on_without_a_reader(void **state)
{
    (void)state;
    ENDS(0, "", false, true, "train", "tiny", "--data", DATA, "--max-steps", "5", "--progress",
         "plain", "--log-every", "1", "-o", in_folder("plain"));
    assert_true(base_file_exists(in_folder("plain/checkpoint-last")));
    ENDS(0, "", false, true, "train", "--resume", in_folder("plain"), "--max-steps", "9",
         "--progress", "bar");
    ENDS(0, "", false, true, "train", "--resume", in_folder("plain"), "--max-steps", "10", "-q");
}

/* Its last line is data: the test's result. Whoever closed the pipe knows why. */
static void a_result_without_a_reader_is_exit_code_1(void **state)
{
    (void)state;
    ENDS(1, "", true, true, "train", "tiny", "--data", DATA, "--epochs", "1", "-o",
         in_folder("epoch"));
    assert_true(base_file_exists(in_folder("epoch/checkpoint-best")));
    assert_true(base_file_exists(in_folder("epoch/curves.png")));
    ENDS(1, "", true, false, "eval", in_folder("epoch"), "--json", "--progress", "none", "-q");
    ENDS(1, "", true, false, "check", "--quick", "--only", "clip", "--progress", "none", "-q");
    ENDS(0, "", false, true, "eval", in_folder("epoch"), "-o", in_folder("report"));
    assert_true(base_file_exists(in_folder("report/confusion.csv")));
}

static void packing_goes_on_without_a_reader(void **state)
{
    const test_file image = test_png_plain(3, 3, 1, 2, 3);

    (void)state;
    test_folder_write_bytes(&test_own_folder, "set/cat/1.png", image.bytes, image.count);
    free(image.bytes);
    ENDS(0, "", false, true, "pack", in_folder("set"), "-o", in_folder("db"), "--progress", "bar");
    assert_true(base_file_exists(in_folder("db/data.mdb")));
}

static void a_file_that_is_such_a_pipe_is_an_error(void **state)
{
    (void)state;
    ENDS(1, "/dev/stdout: write failed: Broken pipe", true, false, "train", "tiny", "--data", DATA,
         "--max-steps", "1", "-o", in_folder("traced"), "--trace", "/dev/stdout", "-q");
    assert_true(base_file_exists(in_folder("traced/checkpoint-last")));
}

static void what_only_prints_ends_quietly(void **state)
{
    (void)state;
    ENDS(1, "", true, false, "help");
    ENDS(1, "", true, false, "help", "all");
    ENDS(1, "", true, false, "train", "--help");
    ENDS(1, "", true, false, "--version");
    ENDS(1, "", true, false, "info", "paper");
    ENDS(1, "", true, false, "info", "paper", "--json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_goes_on_without_a_reader),
        cmocka_unit_test(a_result_without_a_reader_is_exit_code_1),
        cmocka_unit_test(packing_goes_on_without_a_reader),
        cmocka_unit_test(a_file_that_is_such_a_pipe_is_an_error),
        cmocka_unit_test(what_only_prints_ends_quietly),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
