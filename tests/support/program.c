/* program.c - runs the program under test as its users do and keeps what it printed. */
#include "support/program.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *read_all(FILE *file)
{
    const long bytes = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
    char *text = test_alloc((size_t)bytes + 1);

    rewind(file);
    text[fread(text, 1, (size_t)bytes, file)] = '\0';
    fclose(file);
    return text;
}

static void become_program(int out, int err, const char *const *args)
{
    const char *argv[TEST_MAX_ARGS + 2] = { TEST_PROGRAM };
    size_t count = 0;

    while (args[count] != NULL && count < TEST_MAX_ARGS) {
        argv[count + 1] = args[count];
        ++count;
    }
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(TEST_PROGRAM, (char *const *)argv);
    _exit(127);
}

test_run test_program_to(const char *out_path, const char *const *args)
{
    FILE *out = out_path != NULL ? fopen(out_path, "w") : tmpfile(), *err = tmpfile();
    test_run run = { 0 };
    int status = 0;

    assert_non_null(out);
    assert_non_null(err);
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        become_program(fileno(out), fileno(err), args);
    assert_int_equal(waitpid(child, &status, 0), child);
    run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    run.err = read_all(err);
    if (out_path == NULL) {
        run.out = read_all(out);
    } else {
        run.out = test_alloc(1);
        fclose(out);
    }
    return run;
}

test_run test_program(const char *const *args)
{
    return test_program_to(NULL, args);
}

void test_run_free(test_run *run)
{
    free(run->out);
    free(run->err);
    *run = (test_run){ 0 };
}

void test_assert_run(const test_run *run, int code, const char *text)
{
    if (run->exit_code != code || strstr(run->err, text) == NULL)
        fail_msg("exit code %d, want %d; stderr without \"%s\":\n%s\nstdout:\n%.2000s",
                 run->exit_code, code, text, run->err, run->out);
}
