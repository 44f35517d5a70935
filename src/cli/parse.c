/* parse.c - a command line into the command's struct by the rows of its options: --name value,
 * --name=value, -b 32, -b32, -vq, and -- before arguments that start with a dash. */
#include "cli/cli.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/status.h"
#include "base/nearest.h"
#include "base/try.h"

typedef struct parser {
    const cli_command *command;
    cli_rows rows;
    char *options;  /* the command's struct */
    cli_line *line; /* its first member */
    char **next;    /* what follows the word at hand; NULL-terminated as argv is */
} parser;

/* A usage error ends by saying where help is. */
ALX_PRINTF(2, 3)
static int usage_error(const cli_command *command, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return alx_fail(ALX_E_USAGE, "%s; try alexnet help %s", text, command->name);
}

/* ---- a command's options, one after the other ------------------------------------------------ */

#define FIELD(name) .offset = offsetof(cli_line, name)

/* Those of every command. */
static const cli_option common[] = {
    { "verbose", NULL, "say more", CLI_FLAG, FIELD(verbose), .letter = 'v' },
    { "quiet", NULL, "warnings and errors only", CLI_FLAG, FIELD(quiet), .letter = 'q' },
    { "help", NULL, "print this and stop", CLI_FLAG, FIELD(help), .letter = 'h' },
    CLI_END,
};

static void add_rows(cli_rows *out, const cli_option *rows, size_t offset, unsigned kinds)
{
    for (const cli_option *o = rows; o->name != NULL || o->rows != NULL; ++o) {
        if (o->rows != NULL) {
            add_rows(out, o->rows, offset + o->offset, kinds | o->kinds);
            continue;
        }
        assert(out->count < CLI_MOST_ROWS);
        out->row[out->count] = *o;
        out->row[out->count].offset += offset;
        out->row[out->count].kinds |= kinds;
        ++out->count;
    }
}

void cli_rows_of(cli_rows *out, const cli_command *command)
{
    out->count = 0;
    if (command->options != NULL)
        add_rows(out, command->options, 0, 0);
    add_rows(out, common, 0, 0);
}

/* ---- finding options ----------------------------------------------------------------------- */

static bool name_is(const char *name, const char *text, size_t length)
{
    return name != NULL && strlen(name) == length && strncmp(name, text, length) == 0;
}

static const cli_option *find_long(const cli_rows *rows, const char *text, size_t length)
{
    for (size_t i = 0; i < rows->count; ++i)
        if (name_is(rows->row[i].name, text, length) || name_is(rows->row[i].alias, text, length))
            return &rows->row[i];
    return NULL;
}

static const cli_option *find_letter(const cli_rows *rows, char letter)
{
    for (size_t i = 0; i < rows->count; ++i)
        if (rows->row[i].letter == letter)
            return &rows->row[i];
    return NULL;
}

static bool some_command_takes(const cli_command *const *commands, const char *text, size_t length)
{
    cli_rows rows;

    for (; *commands != NULL; ++commands) {
        cli_rows_of(&rows, *commands);
        if (find_long(&rows, text, length) != NULL)
            return true;
    }
    return false;
}

static int unknown_long(const parser *p, const char *text, size_t length)
{
    const char *names[2 * CLI_MOST_ROWS];
    char name[64];
    size_t count = 0;

    for (size_t i = 0; i < p->rows.count; ++i) {
        names[count++] = p->rows.row[i].name;
        if (p->rows.row[i].alias != NULL)
            names[count++] = p->rows.row[i].alias;
    }
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    const char *near = base_nearest(name, names, count);

    if (near != NULL)
        return usage_error(p->command, "unknown option --%s (did you mean --%s?)", name, near);
    if (some_command_takes(p->line->commands, text, length))
        return usage_error(p->command, "--%s is not an option of %s", name, p->command->name);
    return usage_error(p->command, "unknown option --%s", name);
}

/* ---- storing values ------------------------------------------------------------------------ */

/* Room for one more in both lists. */
static int grow_overrides(cli_line *line)
{
    const size_t room = line->override_count + 1;
    char **texts = realloc(line->overrides, room * sizeof *texts);

    if (texts != NULL)
        line->overrides = texts;
    const char **options = realloc(line->override_options, room * sizeof *options);

    if (options != NULL)
        line->override_options = options;
    return texts != NULL && options != NULL
               ? 0
               : alx_fail(ALX_E_MEMORY, "out of host memory for the command line");
}

static int add_override(cli_line *line, const cli_option *option, const char *key,
                        const char *value)
{
    const size_t bytes = strlen(value) + (key != NULL ? strlen(key) + 1 : 0) + 1;

    TRY(grow_overrides(line));
    char *text = malloc(bytes);

    if (text == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the command line");
    snprintf(text, bytes, "%s%s%s", key != NULL ? key : "", key != NULL ? "=" : "", value);
    line->override_options[line->override_count] = option->name;
    line->overrides[line->override_count++] = text;
    return 0;
}

static int number_error(const parser *p, const cli_option *option, const char *value)
{
    if (option->most > 0)
        return usage_error(p->command, "--%s wants a whole number from 1 to %d, not '%s'",
                           option->name, option->most, value);
    return usage_error(p->command, "--%s wants a whole number from 1, not '%s'", option->name,
                       value);
}

static long long most_of(const cli_option *option)
{
    if (option->most > 0)
        return option->most;
    return option->kind == CLI_INT ? INT_MAX : LLONG_MAX;
}

static int store_number(const parser *p, const cli_option *option, const char *value)
{
    void *field = p->options + option->offset;
    char *end = NULL;

    errno = 0;
    const long long number = strtoll(value, &end, 10);

    if (end == value || *end != '\0' || errno != 0 || number < 1 || number > most_of(option))
        return number_error(p, option, value);
    if (option->kind == CLI_INT)
        *(int *)field = (int)number;
    else
        *(size_t *)field = (size_t)number;
    return 0;
}

/* "conv1,conv2" and "freeze=yes" to conv1.freeze=yes and conv2.freeze=yes. */
static int add_layers(const parser *p, const cli_option *option, const char *value)
{
    const char *equals = strchr(option->key, '=');

    for (const char *name = value; name != NULL; name = *name == ',' ? name + 1 : NULL) {
        const int length = (int)strcspn(name, ",");
        char key[128];

        if (length == 0)
            return usage_error(p->command, "--%s wants %s, not '%s'", option->name, option->value,
                               value);
        snprintf(key, sizeof key, "%.*s.%.*s", length < 64 ? length : 64, name,
                 (int)(equals - option->key), option->key);
        TRY(add_override(p->line, option, key, equals + 1));
        name += length;
    }
    return 0;
}

static int store_value(const parser *p, const cli_option *option, const char *value)
{
    void *field = p->options + option->offset;

    p->line->given[option - p->rows.row] = true;
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)field = true;
        return 0;
    case CLI_TEXT:
        if (value[0] == '\0')
            return usage_error(p->command, "--%s is empty", option->name);
        if (strcmp(value, "-") == 0)
            return usage_error(p->command, "--%s wants %s, not '-'", option->name, option->value);
        *(const char **)field = value;
        return 0;
    case CLI_INT:
    case CLI_SIZE:
        return store_number(p, option, value);
    case CLI_OVERRIDE:
        return add_override(p->line, option, option->key, value);
    case CLI_LAYERS:
        return add_layers(p, option, value);
    case CLI_SET:
        if (strchr(value, '.') == NULL || strchr(value, '=') == NULL)
            return usage_error(p->command, "--%s wants %s, not '%s'", option->name, option->value,
                               value);
        return add_override(p->line, option, NULL, value);
    }
    return 0;
}

/* ---- one word of the command line ------------------------------------------------------------ */

static int take_value(const char **value, parser *p, const cli_option *option)
{
    if (*p->next == NULL)
        return usage_error(p->command, "--%s wants a value: --%s %s", option->name, option->name,
                           option->value);
    *value = *p->next++;
    return 0;
}

static int parse_long(parser *p, const char *text)
{
    const char *equals = strchr(text, '=');
    const size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);
    const cli_option *option = find_long(&p->rows, text, length);
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (option == NULL)
        return unknown_long(p, text, length);
    if (option->kind == CLI_FLAG && value != NULL)
        return usage_error(p->command, "--%s takes no value", option->name);
    if (option->kind != CLI_FLAG && value == NULL)
        TRY(take_value(&value, p, option));
    return store_value(p, option, value);
}

static int parse_letters(parser *p, const char *letters)
{
    for (; *letters != '\0'; ++letters) {
        const cli_option *option = find_letter(&p->rows, *letters);
        const char *value = letters + 1;

        if (option == NULL)
            return usage_error(p->command, "unknown option -%c", *letters);
        if (option->kind == CLI_FLAG) {
            TRY(store_value(p, option, NULL));
            continue;
        }
        if (*value == '\0')
            TRY(take_value(&value, p, option));
        return store_value(p, option, value);
    }
    return 0;
}

static int check_arguments(const cli_line *line, const cli_command *command)
{
    if (line->help)
        return 0;
    if (line->arg_count < command->min_args)
        return usage_error(command, "%s wants %s", command->name, command->arguments);
    if (line->arg_count > command->max_args)
        return usage_error(command, "%s does not take '%s'", command->name,
                           line->args[command->max_args]);
    return 0;
}

int cli_parse(void *options, const cli_command *command, int argc, char **argv)
{
    cli_line *line = options;
    parser p = { .command = command, .options = options, .line = line, .next = argv };
    bool only_arguments = false;

    line->command = command;
    cli_rows_of(&p.rows, command);
    line->args = calloc((size_t)argc + 1, sizeof *line->args);
    if (line->args == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the command line");
    while (*p.next != NULL) {
        const char *word = *p.next++;

        if (only_arguments || word[0] != '-' || word[1] == '\0')
            line->args[line->arg_count++] = word;
        else if (strcmp(word, "--") == 0)
            only_arguments = true;
        else if (word[1] == '-')
            TRY(parse_long(&p, word + 2));
        else
            TRY(parse_letters(&p, word + 1));
    }
    return check_arguments(line, command);
}

void cli_line_free(cli_line *line)
{
    for (size_t i = 0; i < line->override_count; ++i)
        free(line->overrides[i]);
    free(line->overrides);
    free(line->override_options);
    free(line->args);
}
