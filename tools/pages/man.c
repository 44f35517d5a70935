/* man.c - the man pages, in the macros of man(7), for 80 columns. */
#include <stdlib.h>
#include <string.h>

#include "alexnet/config.h"
#include "alexnet/version.h"
#include "base/embedded.h"
#include "base/env.h"
#include "base/wrap.h"
#include "config/schema.h"
#include "pages.h"

#define COLUMNS 66 /* of an example, which stands in a column of its own */
#define EXAMPLE "tiny.ini"

/* ---- roff ---------------------------------------------------------------------------------- */

/* A text of roff begins its lines with no control character; a dash is what a user types. */
static void print_text(FILE *out, const char *text)
{
    bool begins = true;

    for (; *text != '\0'; ++text) {
        if (begins && strchr(".'", *text) != NULL)
            fputs("\\&", out);
        begins = *text == '\n';
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '^')
            fputs("\\(ha", out);
        else if (*text == '~')
            fputs("\\(ti", out);
        else if (*text == '`')
            fputs("\\(ga", out);
        else
            fputc(*text, out);
    }
}

static void print_line(FILE *out, const char *text)
{
    print_text(out, text);
    fputc('\n', out);
}

static void print_head(FILE *out, const char *name, int section)
{
    fprintf(out, ".\\\" made from the program's tables by tools/pages\n");
    fprintf(out, ".TH \"%s\" %d \"%s\" \"alexnet %s\" \"%s\"\n.nh\n.ad l\n", name, section,
            RELEASE_DATE, ALX_VERSION, section == 1 ? "User Commands" : "File Formats");
}

static void print_section(FILE *out, const char *title)
{
    fprintf(out, ".SH %s\n", title);
}

/* A paragraph with a head that stands out at its left. */
static void print_item(FILE *out, const char *bold, const char *italic, const char *text)
{
    fputs(".TP\n\\fB", out);
    print_text(out, bold);
    fputs("\\fR", out);
    if (italic != NULL) {
        fputs(" \\fI", out);
        print_text(out, italic);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    print_line(out, text);
}

/* Lines as they are, those that are too long with a \ at the end. */
static void print_example(FILE *out, const char *line, int length)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *folded = open_memstream(&text, &bytes);

    if (folded == NULL)
        return;
    base_wrap_command(folded, line, length, 0, COLUMNS);
    fclose(folded);
    print_text(out, text);
    free(text);
}

static void print_examples(FILE *out, const char *lines, bool first_alone)
{
    while (*lines != '\0') {
        const int length = (int)strcspn(lines, "\n");

        print_example(out, lines, length);
        lines += length + (lines[length] == '\n');
        if (first_alone)
            break;
    }
}

static void begin_examples(FILE *out)
{
    fputs(".PP\n.nf\n.RS 4\n", out);
}

static void end_examples(FILE *out)
{
    fputs(".RE\n.fi\n", out);
}

/* ---- pages --------------------------------------------------------------------------------- */

static void print_option(FILE *out, const cli_option *option)
{
    char names[96];
    const char letter[] = { '-', option->letter, ',', ' ', '\0' };

    snprintf(names, sizeof names, "%s--%s%s%s", option->letter != 0 ? letter : "", option->name,
             option->alias != NULL ? ", --" : "", option->alias != NULL ? option->alias : "");
    print_item(out, names, option->value, option->doc);
}

static void print_synopsis(FILE *out, const cli_command *command)
{
    print_section(out, "SYNOPSIS");
    fputs(".B alexnet ", out);
    print_line(out, command->name);
    if (command->arguments[0] != '\0')
        print_line(out, command->arguments);
    fputs("[\\fIOPTION\\fR...]\n", out);
}

static void print_commands(FILE *out)
{
    char name[64];

    print_section(out, "COMMANDS");
    for (const cli_command *const *command = cli_commands; *command != NULL; ++command) {
        snprintf(name, sizeof name, "alexnet-%s(1)", (*command)->name);
        print_item(out, name, NULL, (*command)->summary);
    }
}

static void print_environment(FILE *out)
{
    print_section(out, "ENVIRONMENT");
    for (int i = 0; i < BASE_ENV_COUNT; ++i)
        print_item(out, base_env_variable((enum base_env_name)i), NULL,
                   base_env_doc((enum base_env_name)i));
}

static void print_exit_codes(FILE *out)
{
    char code[8];

    print_section(out, "EXIT STATUS");
    for (const cli_exit_code *exit = cli_exit_codes; exit->meaning != NULL; ++exit) {
        snprintf(code, sizeof code, "%d", exit->code);
        print_item(out, code, NULL, exit->meaning);
    }
}

void pages_man_program(FILE *out)
{
    print_head(out, "ALEXNET", 1);
    print_section(out, "NAME");
    fprintf(out, "alexnet \\- ");
    print_line(out, CLI_PURPOSE);
    print_section(out, "SYNOPSIS");
    fputs(".B alexnet\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR...] [\\fIOPTION\\fR...]\n", out);
    print_commands(out);
    print_environment(out);
    print_exit_codes(out);
    print_section(out, "EXAMPLES");
    begin_examples(out);
    for (const cli_command *const *command = cli_commands; *command != NULL; ++command)
        print_examples(out, (*command)->examples, true);
    end_examples(out);
    print_section(out, "SEE ALSO");
    fputs(".BR alexnet\\-config (5),\n.BR clinfo (1)\n", out);
}

void pages_man_command(FILE *out, const cli_command *command)
{
    cli_rows rows;
    char title[64];

    snprintf(title, sizeof title, "alexnet-%s", command->name);
    print_head(out, title, 1);
    print_section(out, "NAME");
    print_text(out, title);
    fputs(" \\- ", out);
    print_line(out, command->summary);
    print_synopsis(out, command);
    if (command->kinds != NULL || command->details != NULL)
        print_section(out, "DESCRIPTION");
    for (const cli_kind *kind = command->kinds; kind != NULL && kind->name != NULL; ++kind)
        print_item(out, kind->name, NULL, kind->summary);
    if (command->kinds != NULL)
        fputs(".PP\n", out);
    if (command->details != NULL)
        print_line(out, command->details);
    print_section(out, "OPTIONS");
    cli_rows_of(&rows, command);
    for (size_t i = 0; i < rows.count; ++i)
        print_option(out, &rows.row[i]);
    print_section(out, "EXAMPLES");
    begin_examples(out);
    print_examples(out, command->examples, false);
    end_examples(out);
    print_section(out, "SEE ALSO");
    fputs(".BR alexnet (1)\nfor environment and exit status,\n.BR alexnet\\-config (5)\n", out);
}

/* ---- config -------------------------------------------------------------------------------- */

static void print_key(FILE *out, const config_key *key)
{
    char allowed[640];

    config_describe(allowed, sizeof allowed, key);
    print_item(out, key->name, NULL, allowed);
    fputs(".br\n", out);
    print_line(out, key->doc);
}

/* Without its comments, which are wide. */
static void print_config(FILE *out, const char *text)
{
    char line[256];

    for (; *text != '\0'; text += strcspn(text, "\n") + 1) {
        snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\n"), text);
        if (line[0] != ';')
            print_line(out, line);
    }
}

static void print_preset(FILE *out, const char *name)
{
    fputs(".br\n", out);
    print_line(out, name);
}

void pages_man_config(FILE *out)
{
    print_head(out, "alexnet-config", 5);
    print_section(out, "NAME");
    fputs("alexnet\\-config \\- ", out);
    print_line(out, "networks, their data and their training, as text");
    print_section(out, "DESCRIPTION");
    print_line(out, config_help_intro);
    for (const config_help_part *part = config_help_parts; part->section != NULL; ++part) {
        fputs(".SS ", out);
        print_line(out, part->title);
        if (part->text != NULL)
            print_line(out, part->text);
        for (size_t i = 0; i < config_key_count; ++i)
            if (strcmp(config_keys[i].section, part->section) == 0)
                print_key(out, &config_keys[i]);
    }
    print_section(out, "PRESETS");
    print_line(out, config_help_presets);
    for (const char *const *preset = alx_config_presets(); *preset != NULL; ++preset)
        print_preset(out, *preset);
    print_section(out, "EXAMPLE");
    begin_examples(out);
    print_config(out, base_embedded_find(EXAMPLE));
    end_examples(out);
    print_section(out, "SEE ALSO");
    fputs(".BR alexnet (1),\n.BR alexnet\\-train (1)\n", out);
}
