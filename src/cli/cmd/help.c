/* help.c - the command of that name. */
#include "cli/cli.h"

static int help_run(const void *given)
{
    const cli_line *line = given;

    return cli_help(line->commands, line->args[0]);
}

const cli_command cli_cmd_help = {
    .name = "help",
    .summary = "print help on a command, on config files, or all of it",
    .arguments = "[COMMAND | config | all]",
    .max_args = 1,
    .examples = "alexnet help train\n"
                "alexnet help config\n",
    .options_bytes = sizeof(cli_line),
    .run = help_run,
};
