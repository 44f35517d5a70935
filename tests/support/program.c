/* program.c - runs the program under test as its users do and keeps what it printed. */
#define _XOPEN_SOURCE 700 /* pseudo-terminals */
#include "support/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>

static char *read_all(FILE *file)
{
    const long bytes = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
    char *text = test_alloc((size_t)bytes + 1);

    rewind(file);
    text[fread(text, 1, (size_t)bytes, file)] = '\0';
    fclose(file);
    return text;
}

static int exit_code_of(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
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

    assert_non_null(out);
    assert_non_null(err);
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        become_program(fileno(out), fileno(err), args);
    run.exit_code = exit_code_of(child);
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

test_run test_program_from(const char *in_path, const char *const *args)
{
    const int kept = dup(STDIN_FILENO), in = open(in_path, O_RDONLY);

    assert_true(in >= 0);
    dup2(in, STDIN_FILENO); /* the child inherits it */
    const test_run run = test_program(args);

    dup2(kept, STDIN_FILENO);
    close(kept);
    close(in);
    return run;
}

/* Reads the terminal until the program closes it. */
static char *read_terminal(int terminal, pid_t child, const char *until, int signal_number)
{
    size_t room = 1 << 20, used = 0;
    char *text = test_alloc(room + 1);
    ssize_t got;

    while (used < room && (got = read(terminal, text + used, room - used)) > 0) {
        used += (size_t)got;
        text[used] = '\0';
        if (until != NULL && strstr(text, until) != NULL) {
            kill(child, signal_number);
            until = NULL;
        }
    }
    return text;
}

unsigned short test_terminal_columns = 100;
bool test_terminal_stdout;

test_run test_program_on_terminal(const char *const *args, const char *until, int signal_number)
{
    const struct winsize size = { .ws_row = 25, .ws_col = test_terminal_columns };
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    test_run run = { 0 };

    assert_true(terminal >= 0);
    assert_int_equal(grantpt(terminal), 0);
    assert_int_equal(unlockpt(terminal), 0);
    assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
    const int line = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    const int nowhere = open("/dev/null", O_WRONLY);

    assert_true(line >= 0 && nowhere >= 0);
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        setenv("TERM", "xterm", 1);
        become_program(test_terminal_stdout ? line : nowhere, line, args);
    }
    close(line);
    close(nowhere);
    run.err = read_terminal(terminal, child, until, signal_number);
    run.out = test_alloc(1);
    run.exit_code = exit_code_of(child);
    close(terminal);
    return run;
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

cJSON *test_run_json(test_run run)
{
    test_assert_run(&run, 0, "");
    cJSON *tree = cJSON_Parse(run.out);

    assert_non_null(tree);
    test_run_free(&run);
    return tree;
}

double test_number(const cJSON *tree, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(tree, name);

    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}
