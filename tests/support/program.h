/* program.h - runs the program under test as its users do and keeps what it printed. */
#ifndef TEST_PROGRAM_H
#define TEST_PROGRAM_H

#include <stdbool.h>

#include "support/test.h"

#define TEST_MAX_ARGS 40

typedef struct test_run {
    int exit_code;   /**< 128 + signal if one ended it */
    char *out, *err; /**< what it printed, owned (test_run_free) */
} test_run;

/** Runs `args` (NULL-terminated, without the program's name) and waits. */
test_run test_program(const char *const *args);
/** The same with stdout going to the file `out_path`; `out` is then empty. */
test_run test_program_to(const char *out_path, const char *const *args);
/** The same with stdin from the file `in_path`. */
test_run test_program_from(const char *in_path, const char *const *args);
/** Columns of the terminals below; 100 at first. */
extern unsigned short test_terminal_columns;
/** Whether stdout is on them too. */
extern bool test_terminal_stdout;
/** The same with stderr on a terminal. When it has printed `until` (NULL: never),
 *  `signal_number` is sent. stdout goes nowhere. */
test_run test_program_on_terminal(const char *const *args, const char *until, int signal_number);
void test_run_free(test_run *run);

/** test_program(...) with the arguments in place. */
#define TEST_PROGRAM_RUN(...) test_program((const char *const[]){ __VA_ARGS__, NULL })

/** Fails, printing all, unless the exit code is `code` and stderr contains `text`. */
void test_assert_run(const test_run *run, int code, const char *text);

/** The JSON that a run that ended well printed, which is freed; the caller's (cJSON_Delete). */
struct cJSON *test_run_json(test_run run);
/** A number in an object, which must have it. */
double test_number(const struct cJSON *tree, const char *name);

#endif
