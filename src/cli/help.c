/* help.c - all help, generated from the commands and from the table of environment variables. */
#include "alexnet/config.h"
#include "alexnet/version.h"
#include "base/env.h"
#include "base/nearest.h"
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS 100
#define DOC_COLUMN 30 /* of options, beyond their indentation */

static const struct {
    int code;
    const char *meaning;
} exit_codes[] = {
    { 0, "done" },
    { 1, "any other failure: full disk and other input or output" },
    { 2, "usage: bad option, bad config" },
    { 3, "device or driver: none such, lost, a kernel does not build" },
    { 4, "bad input: data, image, weights, checkpoint" },
    { 5, "out of memory, host or device" },
    { 6, "wrong numbers: not finite, a check or comparison failed" },
    { 7, "slower than the baseline" },
    { 130, "interrupted, after saving what is done" },
};

/* ---- pieces -------------------------------------------------------------------------------- */

/* Wraps at spaces; the first line starts at column `at`, the others at `indent`. */
static void print_wrapped(const char *text, int at, int indent)
{
    while (*text != '\0') {
        const int word = (int)strcspn(text, " ");

        if (at > indent && at + 1 + word > COLUMNS) {
            printf("\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            putchar(' ');
            ++at;
        }
        printf("%.*s", word, text);
        at += word;
        text += word;
        text += strspn(text, " ");
    }
    putchar('\n');
}

/* "  left    doc", the doc on a line of its own where `left` is too long. */
static void print_row(int indent, const char *left, int doc_column, const char *doc)
{
    int at = printf("%*s%s", indent, "", left);

    if (at + 2 > doc_column) {
        putchar('\n');
        at = 0;
    }
    printf("%*s", doc_column - at, "");
    print_wrapped(doc, doc_column, doc_column);
}

static void print_indented(const char *lines)
{
    while (*lines != '\0') {
        const int length = (int)strcspn(lines, "\n");

        printf(length > 0 ? "  %.*s\n" : "%.*s\n", length, lines);
        lines += length + (lines[length] == '\n');
    }
}

static void print_option(int indent, const cli_option *option)
{
    char left[96];
    const char letter[] = { '-', option->letter, ',', ' ', '\0' };

    snprintf(left, sizeof left, "%s--%s%s%s%s%s", option->letter != 0 ? letter : "    ",
             option->name, option->alias != NULL ? ", --" : "",
             option->alias != NULL ? option->alias : "", option->value != NULL ? " " : "",
             option->value != NULL ? option->value : "");
    print_row(indent, left, DOC_COLUMN + indent, option->doc);
}

static void print_options(int indent, const cli_command *command)
{
    cli_rows rows;

    cli_rows_of(&rows, command);
    for (size_t i = 0; i < rows.count; ++i)
        print_option(indent, &rows.row[i]);
}

static void print_usage(const cli_command *command)
{
    printf("alexnet %s %s%s[OPTION...]\n", command->name, command->arguments,
           command->arguments[0] != '\0' ? " " : "");
}

static void print_commands(const cli_command *const *commands)
{
    for (; *commands != NULL; ++commands)
        print_row(2, (*commands)->name, 12, (*commands)->summary);
}

static void print_environment(void)
{
    for (int i = 0; i < BASE_ENV_COUNT; ++i)
        print_row(2, base_env_variable((enum base_env_name)i), 24,
                  base_env_doc((enum base_env_name)i));
}

static void print_exit_codes(void)
{
    char code[8];

    for (size_t i = 0; i < ALX_COUNT(exit_codes); ++i) {
        snprintf(code, sizeof code, "%3d", exit_codes[i].code);
        print_row(2, code, 8, exit_codes[i].meaning);
    }
}

/* ---- topics -------------------------------------------------------------------------------- */

static void help_overview(const cli_command *const *commands)
{
    printf("alexnet %s - trains, evaluates and uses AlexNet on any OpenCL device\n\n"
           "Usage: alexnet COMMAND [ARGUMENT...] [OPTION...]\n\n"
           "Commands:\n",
           ALX_VERSION);
    print_commands(commands);
    printf("\nExamples:\n");
    for (; *commands != NULL; ++commands)
        printf("  %.*s\n", (int)strcspn((*commands)->examples, "\n"), (*commands)->examples);
    printf("\nMore: alexnet help COMMAND, alexnet help config, alexnet help all, "
           "alexnet --version\n");
}

static void help_command(const cli_command *command)
{
    printf("alexnet %s - %s\n\nUsage: ", command->name, command->summary);
    print_usage(command);
    printf("\nExamples:\n");
    print_indented(command->examples);
    if (command->details != NULL) {
        putchar('\n');
        print_wrapped(command->details, 0, 0);
    }
    printf("\nOptions:\n");
    print_options(2, command);
}

static void help_all(const cli_command *const *commands)
{
    printf("NAME\n  alexnet - trains, evaluates and uses AlexNet on any OpenCL device\n\n"
           "SYNOPSIS\n  alexnet COMMAND [ARGUMENT...] [OPTION...]\n\nCOMMANDS\n");
    for (size_t i = 0; commands[i] != NULL; ++i) {
        const cli_command *c = commands[i];

        printf("%s  ", i == 0 ? "" : "\n");
        print_usage(c);
        printf("%*s", 6, "");
        print_wrapped(c->summary, 6, 6);
        if (c->details != NULL) {
            printf("%*s", 6, "");
            print_wrapped(c->details, 6, 6);
        }
        print_options(6, c);
    }
    printf("\nENVIRONMENT\n");
    print_environment();
    printf("\nEXIT STATUS\n");
    print_exit_codes();
    printf("\nEXAMPLES\n");
    for (; *commands != NULL; ++commands)
        print_indented((*commands)->examples);
}

static int unknown_topic(const cli_command *const *commands, const char *topic)
{
    const char *names[64];
    size_t count = 0;

    for (; *commands != NULL; ++commands)
        names[count++] = (*commands)->name;
    names[count++] = "all";
    names[count++] = "config";
    const char *near = base_nearest(topic, names, count);

    if (near != NULL)
        return alx_fail(ALX_E_USAGE, "no command '%s' (did you mean %s?); try alexnet help", topic,
                        near);
    return alx_fail(ALX_E_USAGE, "no command '%s'; try alexnet help", topic);
}

const cli_command *cli_command_find(const cli_command *const *commands, const char *name)
{
    for (; *commands != NULL; ++commands)
        if (strcmp((*commands)->name, name) == 0)
            return *commands;
    return NULL;
}

int cli_help(const cli_command *const *commands, const char *topic)
{
    const cli_command *command = topic != NULL ? cli_command_find(commands, topic) : NULL;

    if (topic == NULL)
        help_overview(commands);
    else if (strcmp(topic, "all") == 0)
        help_all(commands);
    else if (strcmp(topic, "config") == 0)
        alx_config_help(stdout);
    else if (command != NULL)
        help_command(command);
    else
        return unknown_topic(commands, topic);
    return 0;
}
