/* parse.c - command line to cli_options by the option table: --name value, --name=value, -b 32,
 * -b32, -vq, and -- before arguments that start with a dash. */
#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/status.h"
#include "base/nearest.h"
#include "base/try.h"

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

/* ---- finding options ----------------------------------------------------------------------- */

static bool name_is(const char *name, const char *text, size_t length)
{
    return name != NULL && strlen(name) == length && strncmp(name, text, length) == 0;
}

static const cli_option *find_long(const cli_command *command, const char *text, size_t length)
{
    for (const cli_option *o = cli_option_table; o->name != NULL; ++o)
        if ((o->commands & command->bit) != 0 &&
            (name_is(o->name, text, length) || name_is(o->alias, text, length)))
            return o;
    return NULL;
}

static const cli_option *find_letter(const cli_command *command, char letter)
{
    for (const cli_option *o = cli_option_table; o->name != NULL; ++o)
        if ((o->commands & command->bit) != 0 && o->letter == letter)
            return o;
    return NULL;
}

static int unknown_long(const cli_command *command, const char *text, size_t length)
{
    static const cli_command any = { .bit = CLI_ALL };
    const char *names[256];
    char name[64];
    size_t count = 0;

    for (const cli_option *o = cli_option_table; o->name != NULL; ++o)
        if ((o->commands & command->bit) != 0 && count + 2 <= ALX_COUNT(names)) {
            names[count++] = o->name;
            if (o->alias != NULL)
                names[count++] = o->alias;
        }
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    const char *near = base_nearest(name, names, count);

    if (near != NULL)
        return usage_error(command, "unknown option --%s (did you mean --%s?)", name, near);
    if (find_long(&any, text, length) != NULL)
        return usage_error(command, "--%s is not an option of %s", name, command->name);
    return usage_error(command, "unknown option --%s", name);
}

/* ---- storing values ------------------------------------------------------------------------ */

static int add_override(cli_options *options, const char *key, const char *value)
{
    const size_t bytes = strlen(value) + (key != NULL ? strlen(key) + 1 : 0) + 1;
    char *text = malloc(bytes);
    char **grown = realloc(options->overrides, (options->override_count + 1) * sizeof *grown);

    if (grown != NULL)
        options->overrides = grown;
    if (text == NULL || grown == NULL) {
        free(text);
        return alx_fail(ALX_E_MEMORY, "out of host memory for the command line");
    }
    snprintf(text, bytes, "%s%s%s", key != NULL ? key : "", key != NULL ? "=" : "", value);
    options->overrides[options->override_count++] = text;
    return 0;
}

static int number_error(const cli_options *options, const cli_option *option, const char *value)
{
    const long long most = cli_option_most(option);

    if (most < INT_MAX)
        return usage_error(options->command, "--%s wants a whole number from %d to %lld, not '%s'",
                           option->name, option->min, most, value);
    return usage_error(options->command, "--%s wants a whole number from %d, not '%s'",
                       option->name, option->min, value);
}

static int store_number(cli_options *options, const cli_option *option, const char *value)
{
    void *field = (char *)options + option->offset;
    char *end = NULL;

    errno = 0;
    const long long number = strtoll(value, &end, 10);

    if (end == value || *end != '\0' || errno != 0 || number < option->min ||
        number > cli_option_most(option))
        return number_error(options, option, value);
    if (option->kind == CLI_INT)
        *(int *)field = (int)number;
    else
        *(size_t *)field = (size_t)number;
    return 0;
}

/* "conv1,conv2" and "freeze=yes" to conv1.freeze=yes and conv2.freeze=yes. */
static int add_layers(cli_options *options, const cli_option *option, const char *value)
{
    const char *equals = strchr(option->key, '=');

    for (const char *name = value; name != NULL; name = *name == ',' ? name + 1 : NULL) {
        const int length = (int)strcspn(name, ",");
        char key[128];

        if (length == 0)
            return usage_error(options->command, "--%s wants %s, not '%s'", option->name,
                               option->value, value);
        snprintf(key, sizeof key, "%.*s.%.*s", length < 64 ? length : 64, name,
                 (int)(equals - option->key), option->key);
        TRY(add_override(options, key, equals + 1));
        name += length;
    }
    return 0;
}

static int store_value(cli_options *options, const cli_option *option, const char *value)
{
    void *field = (char *)options + option->offset;

    options->given[option - cli_option_table] = true;
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)field = true;
        return 0;
    case CLI_TEXT:
        if (value[0] == '\0')
            return usage_error(options->command, "--%s is empty", option->name);
        if (strcmp(value, "-") == 0)
            return usage_error(options->command, "--%s wants %s, not '-'", option->name,
                               option->value);
        *(const char **)field = value;
        return 0;
    case CLI_INT:
    case CLI_SIZE:
        return store_number(options, option, value);
    case CLI_OVERRIDE:
        return add_override(options, option->key, value);
    case CLI_LAYERS:
        return add_layers(options, option, value);
    case CLI_SET:
        if (strchr(value, '.') == NULL || strchr(value, '=') == NULL)
            return usage_error(options->command, "--%s wants %s, not '%s'", option->name,
                               option->value, value);
        return add_override(options, NULL, value);
    }
    return 0;
}

/* ---- one word of the command line ------------------------------------------------------------ */

typedef struct word_list {
    char **next; /* what follows the word at hand; NULL-terminated as argv is */
} word_list;

static int take_value(const cli_options *options, const cli_option *option, word_list *words,
                      const char **value)
{
    if (*words->next == NULL)
        return usage_error(options->command, "--%s wants a value: --%s %s", option->name,
                           option->name, option->value);
    *value = *words->next++;
    return 0;
}

static int parse_long(cli_options *options, const char *text, word_list *words)
{
    const char *equals = strchr(text, '=');
    const size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);
    const cli_option *option = find_long(options->command, text, length);
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (option == NULL)
        return unknown_long(options->command, text, length);
    if (option->kind == CLI_FLAG && value != NULL)
        return usage_error(options->command, "--%s takes no value", option->name);
    if (option->kind != CLI_FLAG && value == NULL)
        TRY(take_value(options, option, words, &value));
    return store_value(options, option, value);
}

static int parse_letters(cli_options *options, const char *letters, word_list *words)
{
    for (; *letters != '\0'; ++letters) {
        const cli_option *option = find_letter(options->command, *letters);
        const char *value = letters + 1;

        if (option == NULL)
            return usage_error(options->command, "unknown option -%c", *letters);
        if (option->kind == CLI_FLAG) {
            TRY(store_value(options, option, NULL));
            continue;
        }
        if (*value == '\0')
            TRY(take_value(options, option, words, &value));
        return store_value(options, option, value);
    }
    return 0;
}

static int check_arguments(const cli_options *options)
{
    const cli_command *command = options->command;

    if (options->help)
        return 0;
    if (options->arg_count < command->min_args)
        return usage_error(command, "%s wants %s", command->name, command->arguments);
    if (options->arg_count > command->max_args)
        return usage_error(command, "%s does not take '%s'", command->name,
                           options->args[command->max_args]);
    return 0;
}

int cli_parse(cli_options *options, const cli_command *command, int argc, char **argv)
{
    word_list words = { argv };
    bool only_arguments = false;

    options->command = command;
    options->args = calloc((size_t)argc + 1, sizeof *options->args);
    if (options->args == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the command line");
    while (*words.next != NULL) {
        const char *word = *words.next++;

        if (only_arguments || word[0] != '-' || word[1] == '\0')
            options->args[options->arg_count++] = word;
        else if (strcmp(word, "--") == 0)
            only_arguments = true;
        else if (word[1] == '-')
            TRY(parse_long(options, word + 2, &words));
        else
            TRY(parse_letters(options, word + 1, &words));
    }
    return check_arguments(options);
}

void cli_options_free(cli_options *options)
{
    for (size_t i = 0; i < options->override_count; ++i)
        free(options->overrides[i]);
    free(options->overrides);
    free(options->args);
}
