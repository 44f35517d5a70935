/* bash.c - completion for bash, without the functions of bash-completion. */
#include <string.h>

#include "pages.h"

static const char head[] =
    "# completion of alexnet for bash; made from the program's tables by tools/pages\n"
    "_alexnet_config() {\n"
    "    compgen -W \"$_alexnet_presets\" -- \"$1\"\n"
    "    compgen -f -X '!*.ini' -- \"$1\"\n"
    "    compgen -d -- \"$1\"\n"
    "}\n"
    "_alexnet_device() {\n"
    "    local before=\n"
    "    case $1 in *,*) before=${1%,*}, ;; esac\n"
    "    compgen -P \"$before\" -W \"cpu gpu $(alexnet devices 2>/dev/null |\n"
    "        awk '$1 ~ /^[0-9]+$/ { print $1 }')\" -- \"${1##*,}\"\n"
    "}\n"
    "_alexnet_run() {\n"
    "    local folder\n"
    "    for folder in \"$1\"*/checkpoint-* runs/*/checkpoint-*; do\n"
    "        case $folder in \"$1\"*)\n"
    "            ! [ -e \"$folder\" ] || printf '%s\\n' \"${folder%/*}\" ;;\n"
    "        esac\n"
    "    done | sort -u\n"
    "    compgen -f -- \"$1\"\n"
    "}\n"
    "_alexnet_key() {\n"
    "    compgen -S = -W \"$_alexnet_keys\" -- \"$1\"\n"
    "}\n"
    "_alexnet_file() { compgen -f -- \"$1\"; }\n"
    "_alexnet_command() { compgen -W \"$_alexnet_commands all config\" -- \"$1\"; }\n"
    "_alexnet_none() { :; }\n";

static const char tail[] =
    "    case $previous in *.*) return ;; esac\n" /* the value of a key */
    "    case $current in\n"
    "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$current\")); return ;;\n"
    "    esac\n"
    "    if [ -n \"$kind\" ]; then arguments=$kind words=; fi\n"
    "    for kind in $arguments; do\n"
    "        while IFS= read -r candidate; do\n" /* names of files have blanks */
    "            COMPREPLY+=(\"$candidate\")\n"
    "        done < <(\"_alexnet_$kind\" \"$current\")\n"
    "    done\n"
    "    [ \"$kind\" != key ] || compopt -o nospace\n"
    "    COMPREPLY+=($(compgen -W \"$words\" -- \"$current\"))\n"
    "}\n"
    "complete -o filenames -F _alexnet alexnet\n";

/* "--name|-n)": all names of an option. */
static void print_names(FILE *out, const cli_option *option, const char *between)
{
    fprintf(out, "--%s", option->name);
    if (option->alias != NULL)
        fprintf(out, "%s--%s", between, option->alias);
    if (option->letter != 0)
        fprintf(out, "%s-%c", between, option->letter);
}

static void print_command(FILE *out, const cli_command *command)
{
    pages_arguments arguments;
    cli_rows rows;

    cli_rows_of(&rows, command);
    pages_arguments_of(&arguments, command);
    fprintf(out, "    %s)\n        options='", command->name);
    for (size_t i = 0; i < rows.count; ++i) {
        fputs(i > 0 ? " " : "", out);
        print_names(out, &rows.row[i], " ");
    }
    fprintf(out, "'\n        words='%s'\n        arguments='", arguments.words);
    const char *between = "";

    for (pages_kind kind = PAGES_NONE; kind < PAGES_KINDS; ++kind)
        if (arguments.kinds[kind]) {
            fprintf(out, "%s%s", between, pages_kind_name(kind));
            between = " ";
        }
    fprintf(out, "'\n        case $previous in\n");
    for (size_t i = 0; i < rows.count; ++i) {
        if (rows.row[i].value == NULL)
            continue;
        fputs("        ", out);
        print_names(out, &rows.row[i], "|");
        fprintf(out, ") kind=%s ;;\n", pages_kind_name(pages_kind_of(rows.row[i].value)));
    }
    fputs("        esac\n        ;;\n", out);
}

void pages_bash(FILE *out)
{
    fputs(head, out);
    pages_lists(out, "", "=");
    fputs("_alexnet() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local options= words= arguments= kind= candidate=\n"
          "    COMPREPLY=()\n"
          "    [ \"$current\" != = ] || current=\n" /* --name=value is three words here */
          "    [ \"$previous\" != = ] || previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        current=$(compgen -W \"$_alexnet_commands --help --version\" -- \"$current\")\n"
          "        COMPREPLY=($current)\n"
          "        return\n"
          "    fi\n"
          "    case ${COMP_WORDS[1]} in\n",
          out);
    for (const cli_command *const *command = cli_commands; *command != NULL; ++command)
        print_command(out, *command);
    fputs("    *) return ;;\n    esac\n", out);
    fputs(tail, out);
}
