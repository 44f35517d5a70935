/* main.c - the command table, dispatch and the exit code. */
#include "cli/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* The only list of commands; dispatch and help both read it. */
const cli_command cli_commands[] = {
    { "devices", CLI_DEVICES, cmd_devices, "list the OpenCL devices of all platforms", "", 0, 0,
      "alexnet devices\n"
      "alexnet devices --json\n",
      "The number in front is what --device takes; so does part of a name. -v prints all that is "
      "known of each device." },
    { "help", CLI_HELP, cmd_help, "print help on a command, on config files, or all of it",
      "[COMMAND | config | all]", 0, 1,
      "alexnet help devices\n", NULL },
    { .name = NULL },
};

const cli_command *cli_command_find(const char *name)
{
    for (const cli_command *c = cli_commands; c->name != NULL; ++c)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static void set_log_level(const cli_options *options)
{
    if (options->quiet)
        alx_log_set_level(ALX_LOG_WARN);
    else if (options->verbose)
        alx_log_set_level(ALX_LOG_DEBUG);
}

static int run_command(const cli_command *command, int argc, char **argv)
{
    cli_options options = { 0 };
    int rc = cli_parse(&options, command, argc, argv);

    set_log_level(&options);
    if (rc == 0)
        rc = options.help ? cli_help(command->name) : command->run(&options);
    cli_options_free(&options);
    return rc;
}

static int dispatch(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : NULL;

    if (first == NULL)
        return alx_fail(ALX_E_USAGE, "no command; try alexnet help");
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
        cli_print_version();
        return 0;
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)
        return cli_help(argv[2]);
    if (strcmp(first, "--man") == 0)
        return cli_help("all");

    const cli_command *command = cli_command_find(first);

    if (command == NULL)
        return cli_help(first); /* says that there is none, and the nearest */
    return run_command(command, argc - 2, argv + 2);
}

/* A closed descriptor would be given to the next file that is opened, and text be written into it:
 * stdin and stdout become unreadable and unwritable, stderr swallows. */
static void keep_standard_streams(void)
{
    static const int modes[] = { O_WRONLY, O_RDONLY, O_WRONLY };

    for (int fd = 0; fd < 3; ++fd)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
            return;
}

static int flush_stdout(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return 0;
    return alx_fail(ALX_E_IO, "standard output cannot be written%s%s", errno != 0 ? ": " : "",
                    errno != 0 ? strerror(errno) : "");
}

int main(int argc, char **argv)
{
    keep_standard_streams();

    int rc = dispatch(argc, argv);

    cli_progress_stop();
    if (rc == 0)
        rc = flush_stdout();
    if (rc != 0)
        fprintf(stderr, "alexnet: %s\n", alx_status_text(rc));
    return alx_exit_code(rc);
}
