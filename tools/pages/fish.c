/* fish.c - completion for fish. */
#include <string.h>

#include "pages.h"

static const char functions[] =
    "# completion of alexnet for fish; made from the program's tables by tools/pages\n"
    "function __alexnet_lists\n"
    "    string split ' ' -- $argv\n"
    "end\n"
    "function __alexnet_config\n"
    "    __alexnet_lists $_alexnet_presets\n"
    "    __fish_complete_suffix .ini\n"
    "end\n"
    "function __alexnet_device\n"
    "    printf '%s\\t%s\\n' cpu 'the first CPU' gpu 'the first GPU'\n"
    "    alexnet devices 2>/dev/null |\n"
    "        awk '$1 ~ /^[0-9]+$/ { i = $1; $1 = \"\"; print i \"\\t\" substr($0, 2) }'\n"
    "end\n"
    "function __alexnet_run\n"
    "    for file in runs/*/checkpoint-*\n"
    "        dirname $file\n"
    "    end | sort -u\n"
    "    __fish_complete_path\n"
    "end\n"
    "function __alexnet_key\n"
    "    __alexnet_lists $_alexnet_keys | string replace -r '$' =\n"
    "end\n"
    "function __alexnet_file\n"
    "    __fish_complete_path\n"
    "end\n"
    "function __alexnet_command\n"
    "    __alexnet_lists \"$_alexnet_commands all config\"\n"
    "end\n"
    "function __alexnet_none\n"
    "end\n"
    "complete -c alexnet -f\n";

static void print_description(FILE *out, const char *text)
{
    char beginning[512];

    pages_short(beginning, sizeof beginning, text);
    fputs(" -d '", out);
    for (const char *c = beginning; *c != '\0'; ++c) {
        if (*c == '\'' || *c == '\\')
            fputc('\\', out);
        fputc(*c, out);
    }
    fputs("'\n", out);
}

static void print_option(FILE *out, const cli_command *command, const cli_option *option)
{
    fprintf(out, "complete -c alexnet -n '__fish_seen_subcommand_from %s' -l %s", command->name,
            option->name);
    if (option->alias != NULL)
        fprintf(out, " -l %s", option->alias);
    if (option->letter != 0)
        fprintf(out, " -s %c", option->letter);
    if (option->value != NULL)
        fprintf(out, " -x -a '(__alexnet_%s)'", pages_kind_name(pages_kind_of(option->value)));
    print_description(out, option->doc);
}

static void print_command(FILE *out, const cli_command *command)
{
    pages_arguments arguments;
    cli_rows rows;

    pages_arguments_of(&arguments, command);
    fprintf(out, "complete -c alexnet -n __fish_use_subcommand -a %s", command->name);
    print_description(out, command->summary);
    if (arguments.words[0] != '\0')
        fprintf(out, "complete -c alexnet -n '__fish_seen_subcommand_from %s' -a '%s'\n",
                command->name, arguments.words);
    for (pages_kind kind = PAGES_FILE; kind < PAGES_KINDS; ++kind)
        if (arguments.kinds[kind])
            fprintf(out,
                    "complete -c alexnet -n '__fish_seen_subcommand_from %s' -a "
                    "'(__alexnet_%s)'\n",
                    command->name, pages_kind_name(kind));
    cli_rows_of(&rows, command);
    for (size_t i = 0; i < rows.count; ++i)
        print_option(out, command, &rows.row[i]);
}

void pages_fish(FILE *out)
{
    fputs(functions, out);
    pages_lists(out, "set -g ", " ");
    for (const cli_command *const *command = cli_commands; *command != NULL; ++command)
        print_command(out, *command);
}
