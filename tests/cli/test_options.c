/* test_options.c - what the parser takes and refuses: exit code and message of wrong command lines,
 * and of a stdout that cannot be written. */
#include "support/program.h"

#include <string.h>

#define ARGS(...) { __VA_ARGS__, NULL }

static const struct {
    const char *args[8];
    int exit_code;
    const char *message; /* after "alexnet: " */
} wrong[] = {
    { ARGS(NULL), 2, "no command; try alexnet help" },
    { ARGS("hepl"), 2, "no command 'hepl' (did you mean help?)" },
    { ARGS("xyzzy"), 2, "no command 'xyzzy'; try alexnet help" },
    { ARGS("help", "devces"), 2, "did you mean devices?" },
    { ARGS("devices", "--jsn"), 2, "unknown option --jsn (did you mean --json?); try alexnet help "
                                   "devices" },
    { ARGS("devices", "--js=3"), 2, "unknown option --js (did you mean --json?)" },
    { ARGS("devices", "--frobnicate"), 2, "unknown option --frobnicate; try alexnet help devices" },
    { ARGS("devices", "-x"), 2, "unknown option -x" },
    { ARGS("devices", "-vx"), 2, "unknown option -x" },
    { ARGS("devices", "--json=yes"), 2, "--json takes no value" },
    { ARGS("devices", "--lr", "1"), 2, "--lr is not an option of devices" },
    { ARGS("devices", "gpu"), 2, "devices does not take 'gpu'" },
    { ARGS("devices", "--", "--json"), 2, "devices does not take '--json'" },
};

static void wrong_command_lines_say_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(wrong); ++i) {
        test_run run = test_program(wrong[i].args);

        test_assert_run(&run, wrong[i].exit_code, wrong[i].message);
        if (strncmp(run.err, "alexnet: ", 9) != 0
            || strchr(run.err, '\n') != strrchr(run.err, '\n'))
            fail_msg("not one line of the program's: %s", run.err);
        assert_string_equal(run.out, "");
        test_run_free(&run);
    }
}

static void unwritable_stdout_is_an_error(void **state)
{
    const char *const args[] = { "help", NULL };
    test_run run = test_program_to("/dev/full", args);

    (void)state;
    test_assert_run(&run, 1, "alexnet: standard output cannot be written");
    test_run_free(&run);
}

static void letters_and_values_are_taken_in_every_form(void **state)
{
    static const char *const forms[][6] = {
        ARGS("devices", "-qh"),
        ARGS("devices", "-q", "-h"),
        ARGS("devices", "--quiet", "--help"),
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(forms); ++i) {
        test_run run = test_program(forms[i]);

        test_assert_run(&run, 0, "");
        assert_non_null(strstr(run.out, "Usage: alexnet devices"));
        test_run_free(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_command_lines_say_what_is_wrong),
        cmocka_unit_test(unwritable_stdout_is_an_error),
        cmocka_unit_test(letters_and_values_are_taken_in_every_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
