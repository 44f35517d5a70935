/* help.c - all help, generated from the commands and from the table of environment variables. */
#include "alexnet/config.h"
#include "alexnet/dev/report.h"
#include "alexnet/version.h"
#include "base/env.h"
#include "base/nearest.h"
#include "base/try.h"
#include "base/wrap.h"
#include "cli/cli.h"
#include "cli/devices.h"
#include "cli/ui/output.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS 100     /* at most */
#define PIPE_COLUMNS 80 /* where stdout is no terminal: what reads it may show it on one */
#define LEAST_COLUMNS 40
#define DOC_COLUMN 30        /* of options, beyond their indentation */
#define NARROW_DOC_COLUMN 10 /* the same where few columns are left for the text */

const cli_exit_code cli_exit_codes[] = {
    { 0, "done" },
    { 1, "any other failure: full disk and other input or output" },
    { 2, "usage: bad option, bad config" },
    { 3, "device or driver: none such, lost, a kernel does not build" },
    { 4, "bad input: data, image, weights, checkpoint" },
    { 5, "out of memory, host or device" },
    { 6, "wrong numbers: not finite, a check or comparison failed" },
    { 7, "slower than the baseline" },
    { 130, "interrupted, after saving what is done" },
    { 0, NULL },
};

/* ---- pieces -------------------------------------------------------------------------------- */

static struct {
    int columns; /* of text */
    bool folds;  /* on a terminal lines that are meant to be copied are folded too */
} page = { COLUMNS, false };

static void measure_page(void)
{
    const int columns = cli_columns(STDOUT_FILENO, 0);

    page.folds = columns > 0;
    if (columns == 0)
        page.columns = PIPE_COLUMNS;
    else if (columns < COLUMNS)
        page.columns = columns < LEAST_COLUMNS ? LEAST_COLUMNS : columns;
}

static void print_wrapped(const char *text, int at, int indent)
{
    base_wrap(stdout, text, at, indent, page.columns);
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

/* On a terminal in as many lines as it takes. */
static void print_example(const char *line, int length)
{
    base_wrap_command(stdout, line, length, 2, page.folds ? page.columns : INT_MAX);
}

/* Those that begin with `begin`. */
static void print_examples(const char *lines, const char *begin)
{
    while (*lines != '\0') {
        const int length = (int)strcspn(lines, "\n");

        if (strncmp(lines, begin, strlen(begin)) == 0)
            print_example(lines, length);
        lines += length + (lines[length] == '\n');
    }
}

static void print_option(int indent, const cli_option *option)
{
    const int doc_column = page.columns < 70 ? NARROW_DOC_COLUMN : DOC_COLUMN;
    char left[96];
    const char letter[] = { '-', option->letter, ',', ' ', '\0' };

    snprintf(left, sizeof left, "%s--%s%s%s%s%s", option->letter != 0 ? letter : "    ",
             option->name, option->alias != NULL ? ", --" : "",
             option->alias != NULL ? option->alias : "", option->value != NULL ? " " : "",
             option->value != NULL ? option->value : "");
    print_row(indent, left, doc_column + indent, option->doc);
}

/* Those of a kind; NULL: all. */
static void print_options(int indent, const cli_command *command, const cli_kind *kind)
{
    cli_rows rows;

    cli_rows_of(&rows, command);
    for (size_t i = 0; i < rows.count; ++i)
        if (kind == NULL || rows.row[i].kinds == 0 || (rows.row[i].kinds & kind->bit) != 0)
            print_option(indent, &rows.row[i]);
}

static void print_kinds(int indent, const cli_command *command)
{
    for (const cli_kind *kind = command->kinds; kind != NULL && kind->name != NULL; ++kind)
        print_row(indent, kind->name, indent + 8, kind->summary);
}

/* @param at  where the line begins */
static void print_usage(const char *name, const char *arguments, int at)
{
    char usage[256];

    snprintf(usage, sizeof usage, "alexnet %s %s%s[OPTION...]", name, arguments,
             arguments[0] != '\0' ? " " : "");
    if (page.folds)
        print_wrapped(usage, at, at);
    else
        puts(usage);
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

    for (const cli_exit_code *exit = cli_exit_codes; exit->meaning != NULL; ++exit) {
        snprintf(code, sizeof code, "%3d", exit->code);
        print_row(2, code, 8, exit->meaning);
    }
}

/* ---- topics -------------------------------------------------------------------------------- */

static void help_overview(const cli_command *const *commands)
{
    print_wrapped("alexnet " ALX_VERSION " - " CLI_PURPOSE, 0, 0);
    printf("\nUsage: alexnet COMMAND [ARGUMENT...] [OPTION...]\n\nCommands:\n");
    print_commands(commands);
    printf("\nExamples:\n");
    for (; *commands != NULL; ++commands)
        print_example((*commands)->examples, (int)strcspn((*commands)->examples, "\n"));
    putchar('\n');
    print_wrapped("More: alexnet help COMMAND, alexnet help config, alexnet help all, "
                  "alexnet --version",
                  0, 0);
}

/* @param kind  may be NULL */
static void help_command(const cli_command *command, const cli_kind *kind)
{
    char name[64], begin[96];

    snprintf(name, sizeof name, "%s%s%s", command->name, kind != NULL ? " " : "",
             kind != NULL ? kind->name : "");
    snprintf(begin, sizeof begin, "alexnet %s", name);
    int at = printf("%s -", begin);

    print_wrapped(kind != NULL ? kind->summary : command->summary, at, 0);
    at = printf("\nUsage: ") - 1;
    print_usage(name, kind != NULL ? kind->arguments : command->arguments, at);
    printf("\nExamples:\n");
    print_examples(command->examples, kind != NULL ? begin : "");
    if (kind == NULL && command->kinds != NULL) {
        printf("\nKinds, each with a --help of its own:\n");
        print_kinds(2, command);
    }
    if (command->details != NULL) {
        putchar('\n');
        print_wrapped(command->details, 0, 0);
    }
    printf("\nOptions:\n");
    print_options(2, command, kind);
}

static void help_all(const cli_command *const *commands)
{
    printf("NAME\n  ");
    print_wrapped("alexnet - " CLI_PURPOSE, 2, 2);
    printf("\nSYNOPSIS\n  alexnet COMMAND [ARGUMENT...] [OPTION...]\n\nCOMMANDS\n");
    for (size_t i = 0; commands[i] != NULL; ++i) {
        const cli_command *c = commands[i];

        printf("%s  ", i == 0 ? "" : "\n");
        print_usage(c->name, c->arguments, 2);
        printf("%*s", 6, "");
        print_wrapped(c->summary, 6, 6);
        if (c->details != NULL) {
            printf("%*s", 6, "");
            print_wrapped(c->details, 6, 6);
        }
        print_kinds(6, c);
        print_options(6, c, NULL);
    }
    printf("\nENVIRONMENT\n");
    print_environment();
    printf("\nEXIT STATUS\n");
    print_exit_codes();
    printf("\nEXAMPLES\n");
    for (; *commands != NULL; ++commands)
        print_examples((*commands)->examples, "");
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

int cli_guide(void)
{
    cli_set_environment(0);
    printf("alexnet " ALX_VERSION " - " CLI_PURPOSE "\n\n");
    TRY(alx_guide_print(stdout));
    printf("\nMore: alexnet help, alexnet help COMMAND, alexnet help config\n");
    return 0;
}

int cli_help(const cli_command *const *commands, const char *topic)
{
    const cli_command *command = topic != NULL ? cli_command_find(commands, topic) : NULL;

    measure_page();
    if (topic == NULL)
        help_overview(commands);
    else if (strcmp(topic, "all") == 0)
        help_all(commands);
    else if (strcmp(topic, "config") == 0)
        alx_config_help(stdout, page.columns);
    else if (command != NULL)
        help_command(command, NULL);
    else
        return unknown_topic(commands, topic);
    return 0;
}

const cli_kind *cli_kind_of(const cli_line *line)
{
    if (line->arg_count == 0 || line->command->kinds == NULL)
        return NULL;
    for (const cli_kind *kind = line->command->kinds; kind->name != NULL; ++kind)
        if (strcmp(kind->name, line->args[0]) == 0)
            return kind;
    return NULL;
}

int cli_help_of_line(const cli_line *line)
{
    measure_page();
    help_command(line->command, cli_kind_of(line));
    return 0;
}
