/* test_help.c - help of every command: it is there, the same both ways, and its examples parse. */
#include "support/program.h"

#include <stdio.h>
#include <string.h>

/* Names in the list of `alexnet help`. */
static char commands[32][16];
static size_t command_count;

static int read_commands(void **state)
{
    static const char head[] = "\nCommands:\n";
    test_run overview = TEST_PROGRAM_RUN("help");
    const char *line = strstr(overview.out, head);

    (void)state;
    assert_non_null(line);
    for (line += strlen(head); strncmp(line, "  ", 2) == 0; line = strchr(line, '\n') + 1) {
        if (line[2] == ' ') /* the line before goes on */
            continue;
        assert_true(command_count < ALX_COUNT(commands));
        assert_int_equal(sscanf(line, "%15s", commands[command_count++]), 1);
    }
    assert_string_equal(commands[0], "train");
    assert_string_equal(commands[command_count - 1], "help");
    test_run_free(&overview);
    return 0;
}

static void help_of_a_command_starts_with_usage_and_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count; ++i) {
        test_run topic = TEST_PROGRAM_RUN("help", commands[i]);
        test_run option = TEST_PROGRAM_RUN(commands[i], "--help");
        char usage[64];

        snprintf(usage, sizeof usage, "Usage: alexnet %.15s", commands[i]);
        test_assert_run(&topic, 0, "");
        test_assert_run(&option, 0, "");
        assert_string_equal(topic.out, option.out);
        const char *at_usage = strstr(topic.out, usage);
        const char *at_examples = strstr(topic.out, "Examples:\n  alexnet ");
        const char *at_options = strstr(topic.out, "Options:\n");

        if (at_usage == NULL || at_examples < at_usage || at_options < at_examples)
            fail_msg("help %s:\n%s", commands[i], topic.out);
        test_run_free(&topic);
        test_run_free(&option);
    }
}

/* Runs one example line with --help at its end: all its options must be known. */
static void check_example(char *line)
{
    const char *args[TEST_MAX_ARGS + 1];
    size_t count = 0;

    strtok(line, " "); /* the program's name */
    for (char *word; (word = strtok(NULL, " ")) != NULL && count + 1 < TEST_MAX_ARGS;)
        args[count++] = word;
    if (strcmp(args[0], "help") != 0)
        args[count++] = "--help";
    args[count] = NULL;
    test_run run = test_program(args);

    test_assert_run(&run, 0, "");
    test_run_free(&run);
}

/* Whether help of the kind has the option; its summary is that of the command's help. */
static void assert_kind(const char *kind, const char *option, bool has)
{
    test_run all = TEST_PROGRAM_RUN("bench", "--help");
    test_run one = TEST_PROGRAM_RUN("bench", kind, "--help");
    char usage[64], row[64];

    snprintf(usage, sizeof usage, "\nUsage: alexnet bench %s ", kind);
    snprintf(row, sizeof row, "\n  %s ", kind);
    assert_non_null(strstr(all.out, row));
    assert_non_null(strstr(all.out, option));
    assert_non_null(strstr(one.out, usage));
    if ((strstr(one.out, option) != NULL) != has)
        fail_msg("help of bench %s, %s:\n%s", kind, option, one.out);
    test_run_free(&all);
    test_run_free(&one);
}

static void kinds_of_bench_have_help_of_their_own(void **state)
{
    (void)state;
    assert_kind("step", "--data DIR", true);
    assert_kind("step", "--html FILE", false);
    assert_kind("ops", "--only WHAT", true);
    assert_kind("algos", "--data DIR", false);
    assert_kind("suite", "--output FILE", true);
    assert_kind("report", "--html FILE", true);
    assert_kind("report", "--quiet", true);
    assert_kind("report", "--device D", false);
}

static void every_example_parses(void **state)
{
    test_run all = TEST_PROGRAM_RUN("help", "all");
    char *examples = strstr(all.out, "\nEXAMPLES\n");
    size_t checked = 0;

    (void)state;
    assert_non_null(examples);
    for (char *line = examples + strlen("\nEXAMPLES\n"); line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        char copy[256];

        snprintf(copy, sizeof copy, "%.*s", (int)(end - line), line);
        assert_non_null(strstr(copy, "alexnet "));
        check_example(copy);
        ++checked;
        line = end + 1;
    }
    assert_true(checked >= command_count);
    test_run_free(&all);
}

static void manual_names_commands_environment_and_exit_codes(void **state)
{
    test_run all = TEST_PROGRAM_RUN("help", "all"), man = TEST_PROGRAM_RUN("--man");
    test_run overview = TEST_PROGRAM_RUN("help"), dashes = TEST_PROGRAM_RUN("--help");

    (void)state;
    assert_string_equal(all.out, man.out);
    assert_string_equal(overview.out, dashes.out);
    for (size_t i = 0; i < command_count; ++i) {
        char name[64];

        snprintf(name, sizeof name, "\n  %.15s ", commands[i]);
        assert_non_null(strstr(overview.out, name));
        snprintf(name, sizeof name, "  alexnet %.15s ", commands[i]);
        assert_non_null(strstr(all.out, name));
    }
    assert_non_null(strstr(all.out, "ALEXNET_DEVICE"));
    assert_non_null(strstr(all.out, "130   interrupted"));
    test_run_free(&all);
    test_run_free(&man);
    test_run_free(&overview);
    test_run_free(&dashes);
}

static void version_names_compiler_and_libraries(void **state)
{
    static const char *const parts[] = { "alexnet ", "compiler ", "CLBlast ", "libjpeg-turbo ",
                                         "OpenCL " };
    test_run run = TEST_PROGRAM_RUN("--version");

    (void)state;
    test_assert_run(&run, 0, "");
    for (size_t i = 0; i < ALX_COUNT(parts); ++i)
        assert_non_null(strstr(run.out, parts[i]));
    test_run_free(&run);
}

/* A help text is for terminals, also through a pager: no line is wider than 80 columns, but those
 * that are meant to be copied. */
static void lines_fit(void **state)
{
    test_run all = TEST_PROGRAM_RUN("help", "all");

    (void)state;
    for (const char *line = all.out; *line != '\0'; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > (strncmp(line, "  alexnet ", 10) == 0 ? 100 : 80))
            fail_msg("%.*s", (int)strcspn(line, "\n"), line);
    test_run_free(&all);
}

/* Spaces and ends of lines, and the \ before one of a command, taken for one space. */
static void squeeze(char *text)
{
    char *to = text;

    for (const char *at = text; *at != '\0'; ++at) {
        const bool blank = strchr(" \r\n", *at) != NULL || (at[0] == '\\' && at[1] == '\r');

        if (!blank)
            *to++ = *at;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    }
    *to = '\0';
}

/* On a terminal all help is folded at its width, and says the same. */
static void help_is_folded_at_a_terminals_width(void **state)
{
    static const unsigned short widths[] = { 80, 60 };
    static const char *const topics[] = { "all", "train", "features", "config" };

    (void)state;
    test_terminal_stdout = true;
    for (size_t i = 0; i < ALX_COUNT(widths) * ALX_COUNT(topics); ++i) {
        const char *topic = topics[i / ALX_COUNT(widths)];
        const size_t width = test_terminal_columns = widths[i % ALX_COUNT(widths)];
        test_run wide = TEST_PROGRAM_RUN("help", topic);
        const char *const args[] = { "help", topic, NULL };
        test_run folded = test_program_on_terminal(args, NULL, 0);

        for (const char *line = folded.err; *line != '\0'; line += strcspn(line, "\n") + 1)
            if (strcspn(line, "\r\n") > width)
                fail_msg("%zu: %.*s", width, (int)strcspn(line, "\n"), line);
        squeeze(folded.err);
        squeeze(wide.out);
        assert_string_equal(folded.err, wide.out);
        test_run_free(&folded);
        test_run_free(&wide);
    }
    test_terminal_stdout = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_of_a_command_starts_with_usage_and_examples),
        cmocka_unit_test(kinds_of_bench_have_help_of_their_own),
        cmocka_unit_test(every_example_parses),
        cmocka_unit_test(manual_names_commands_environment_and_exit_codes),
        cmocka_unit_test(version_names_compiler_and_libraries),
        cmocka_unit_test(lines_fit),
        cmocka_unit_test(help_is_folded_at_a_terminals_width),
    };

    return cmocka_run_group_tests(tests, read_commands, NULL);
}
