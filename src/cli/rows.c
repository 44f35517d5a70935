/* rows.c - a command's options, one after the other. */
#include "cli/cli.h"

#include <assert.h>

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
