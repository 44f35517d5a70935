/* zsh.c - completion for zsh, by its own _arguments. */
#include <string.h>

#include "pages.h"

static const char head[] =
    "#compdef alexnet\n"
    "# completion of alexnet for zsh; made from the program's tables by tools/pages\n";

static const char functions[] =
    "_alexnet_config() {\n"
    "    _alternative 'presets:preset:($=_alexnet_presets)' 'files:INI file:_files -g \"*.ini\"'\n"
    "}\n"
    "_alexnet_device() {\n"
    "    local -a devices\n"
    "    devices=('cpu:the first CPU' 'gpu:the first GPU'\n"
    "        ${(f)\"$(alexnet devices 2>/dev/null |\n"
    "        awk '$1 ~ /^[0-9]+$/ { gsub(/:/, \" \"); i = $1; $1 = \"\"; print i \":\" substr($0, "
    "2) }'\n"
    "        )\"})\n"
    "    compset -P '*,'\n"
    "    _describe device devices\n"
    "}\n"
    "_alexnet_run() {\n"
    "    local -a runs\n"
    "    [[ $PREFIX = */* ]] || runs=(runs/*/checkpoint-*(N:h))\n"
    "    _alternative \"runs:run:(${(u)runs})\" 'files:file:_files'\n"
    "}\n"
    "_alexnet_key() { compadd -S = -- $=_alexnet_keys }\n"
    "_alexnet_file() { _files }\n"
    "_alexnet_command() { compadd -- $=_alexnet_commands all config }\n"
    "_alexnet_none() { : }\n";

/* Inside single quotes, and inside brackets that end a description. */
static void print_description(FILE *out, const char *text)
{
    char beginning[512];

    pages_short(beginning, sizeof beginning, text);
    for (const char *c = beginning; *c != '\0'; ++c) {
        if (*c == '\'')
            fputs("'\\'", out);
        else if (strchr("[]:\\", *c) != NULL)
            fputc('\\', out);
        fputc(*c, out);
    }
}

static void print_option_as(FILE *out, const cli_option *option, const char *dashes,
                            const char *name)
{
    fprintf(out, " \\\n            '*%s%s[", dashes, name);
    print_description(out, option->doc);
    if (option->value != NULL)
        fprintf(out, "]:%s:_alexnet_%s'", option->value,
                pages_kind_name(pages_kind_of(option->value)));
    else
        fputs("]'", out);
}

static void print_command(FILE *out, const cli_command *command)
{
    pages_arguments arguments;
    cli_rows rows;

    cli_rows_of(&rows, command);
    pages_arguments_of(&arguments, command);
    fprintf(out, "    %s)\n        _arguments -s", command->name);
    for (size_t i = 0; i < rows.count; ++i) {
        const cli_option *option = &rows.row[i];
        const char letter[] = { option->letter, '\0' };

        print_option_as(out, option, "--", option->name);
        if (option->alias != NULL)
            print_option_as(out, option, "--", option->alias);
        if (option->letter != 0)
            print_option_as(out, option, "-", letter);
    }
    fprintf(out, " \\\n            '*:argument:_alexnet_%s_arguments' ;;\n", command->name);
}

static void print_arguments(FILE *out, const cli_command *command)
{
    pages_arguments arguments;

    pages_arguments_of(&arguments, command);
    fprintf(out, "_alexnet_%s_arguments() {\n    _alternative", command->name);
    if (arguments.words[0] != '\0')
        fprintf(out, " 'words:word:(%s)'", arguments.words);
    for (pages_kind kind = PAGES_FILE; kind < PAGES_KINDS; ++kind)
        if (arguments.kinds[kind])
            fprintf(out, " '%s:%s:_alexnet_%s'", pages_kind_name(kind), pages_kind_name(kind),
                    pages_kind_name(kind));
    fputs("\n}\n", out);
}

void pages_zsh(FILE *out)
{
    fputs(head, out);
    pages_lists(out, "", "=");
    fputs(functions, out);
    for (const cli_command *const *command = cli_commands; *command != NULL; ++command)
        print_arguments(out, *command);
    fputs("_alexnet() {\n"
          "    local -a commands\n"
          "    if (( CURRENT == 2 )); then\n"
          "        commands=(\n",
          out);
    for (const cli_command *const *command = cli_commands; *command != NULL; ++command) {
        fprintf(out, "            '%s:", (*command)->name);
        print_description(out, (*command)->summary);
        fputs("'\n", out);
    }
    fputs("        )\n        _describe command commands\n        return\n    fi\n"
          "    shift words\n    (( CURRENT -= 1 ))\n    case $words[1] in\n",
          out);
    for (const cli_command *const *command = cli_commands; *command != NULL; ++command)
        print_command(out, *command);
    fputs("    esac\n}\n_alexnet \"$@\"\n", out);
}
