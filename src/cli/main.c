/* main.c - which command, and the exit code. */
#include "cli/cli.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/dev/rt.h"
#include "alexnet/log.h"
#include "cli/devices.h"
#include "cli/ui/output.h"
#include "cli/ui/progress.h"
#include "cli/ui/signals.h"

static void set_log_level(const cli_line *line)
{
    if (line->quiet)
        alx_log_set_level(ALX_LOG_WARN);
    else if (line->verbose)
        alx_log_set_level(ALX_LOG_DEBUG);
}

static int run_command(const cli_command *command, int argc, char **argv)
{
    void *options = calloc(1, command->options_bytes);
    cli_line *line = options;
    int rc = 0;

    if (options == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the command line");
    line->commands = cli_commands;
    rc = cli_parse(options, command, argc, argv);
    set_log_level(line);
    if (rc == 0)
        rc = line->help ? cli_help_of_line(line) : command->run(options);
    cli_line_free(line);
    free(options);
    return rc;
}

static int dispatch(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : NULL;

    if (first == NULL)
        return cli_guide();
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
        cli_print_version();
        return 0;
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)
        return cli_help(cli_commands, argv[2]);
    if (strcmp(first, "--man") == 0)
        return cli_help(cli_commands, "all");

    const cli_command *command = cli_command_find(cli_commands, first);

    if (strcmp(first, "version") == 0)
        return alx_fail(ALX_E_USAGE, "no command 'version' (did you mean --version?); try alexnet "
                                     "help");
    if (command == NULL)
        return cli_help(cli_commands, first); /* says that there is none, and the nearest */
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

/* It has seen enough, as in `| head`: nothing is lost that it wanted. */
static bool reader_has_gone(void)
{
    struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

    return poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

int main(int argc, char **argv)
{
    keep_standard_streams();
    /* a file too large for the user's limit, a pipe that nobody reads: failed writes, as others */
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);

    /* this program, started by itself; not a command of the user's */
    const bool compiles = argc == 3 && strcmp(argv[1], ALX_COMPILER_COMMAND) == 0;
    int rc;

    alx_log_set_sink(cli_log, NULL);
    cli_end_at_signals();
    if (compiles)
        cli_set_environment(0);
    rc = compiles ? alx_compiler_serve(argv[2]) : dispatch(argc, argv);
    cli_progress_stop();
    const int flushed = cli_flush_stdout();

    if (rc == 0 && flushed != 0 && reader_has_gone())
        return alx_exit_code(flushed);
    if (rc == 0)
        rc = flushed;
    if (rc != 0)
        cli_print_error(rc);
    if (rc == ALX_E_INTERRUPTED) /* a build may go on beside: it needs what exit handlers free */
        _exit(alx_exit_code(rc));
    return alx_exit_code(rc);
}
