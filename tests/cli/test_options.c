/* test_options.c - what the parser takes and refuses: exit code and message of wrong command lines,
 * and of a stdout that cannot be written; which keys the options of training set. */
#include "support/program.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"
#define ARGS(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static const struct {
    const char *args[8];
    int exit_code;
    const char *message; /* after "alexnet: " */
} wrong[] = {
    { ARGS("hepl"), 2, "no command 'hepl' (did you mean help?)" },
    { ARGS("xyzzy"), 2, "no command 'xyzzy'; try alexnet help" },
    { ARGS("help", "devces"), 2, "did you mean devices?" },
    { ARGS("devices", "--jsn"), 2,
      "unknown option --jsn (did you mean --json?); try alexnet help "
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
        if (strncmp(run.err, "alexnet: ", 9) != 0 ||
            strchr(run.err, '\n') != strrchr(run.err, '\n'))
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

/* Every number another one: a swap would show in the head or in the config that the run leaves. */
static void options_of_training_reach_their_keys(void **state)
{
    static const char *const lines[] = {
        "\nepochs = 3\n", "\nbatch-size = 16\n",   "\ngrad-accum = 2\n",
        "\nlr = 0.25\n",  "\nmomentum = 0.75\n",   "\nweight-decay = 0.003\n",
        "\nseed = 9\n",   "\nschedule = cosine\n",
    };
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--epochs", "3", "-b", "16",
                                    "--grad-accum", "2", "--lr", "0.25", "--momentum", "0.75",
                                    "--wd", "0.003", "--seed", "9", "--set",
                                    "train.schedule=cosine", "--max-steps", "1", "-o",
                                    test_folder_path(&test_own_folder, "run"));
    char *config = NULL;
    size_t bytes = 0;

    (void)state;
    test_assert_run(&run, 0,
                    "training    3 epochs, batch 16 x 2, lr 0.25 cosine, momentum 0.75, "
                    "decay 0.003, seed 9\n");
    assert_non_null(strstr(run.err, "done        step 1 after "));
    assert_ok(
        base_file_read(&config, &bytes, test_folder_path(&test_own_folder, "run/config.ini")));
    for (size_t i = 0; i < ALX_COUNT(lines); ++i)
        if (strstr(config, lines[i]) == NULL)
            fail_msg("no line %s in:\n%s", lines[i], config);
    free(config);
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_command_lines_say_what_is_wrong),
        cmocka_unit_test(unwritable_stdout_is_an_error),
        cmocka_unit_test(letters_and_values_are_taken_in_every_form),
        cmocka_unit_test(options_of_training_reach_their_keys),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
