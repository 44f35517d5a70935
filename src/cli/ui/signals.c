/* signals.c - the end: files that were begun are removed first. A clean stop: the first signal
 * raises a flag, the next ends. */
#include "cli/ui/signals.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/dev/rt.h"
#include "base/unfinished.h"

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };
static const char *stop_notice;
static volatile int stop_asked;

static void end(int signal_number)
{
    base_unfinished_remove();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void cli_end_at_signals(void)
{
    for (size_t i = 0; i < ALX_COUNT(stop_signals); ++i)
        if (signal(stop_signals[i], end) == SIG_IGN)
            signal(stop_signals[i], SIG_IGN);
}

static void stop_ask(int signal_number)
{
    const ssize_t ignored = write(STDERR_FILENO, stop_notice, strlen(stop_notice));

    (void)ignored;
    (void)signal_number;
    stop_asked = 1;
    for (size_t i = 0; i < ALX_COUNT(stop_signals); ++i)
        signal(stop_signals[i], end);
}

/* A script's background job starts with SIGINT ignored and is stopped by it all the same; SIGHUP
 * stays ignored under nohup. */
const volatile int *cli_catch_signals(const char *notice)
{
    struct sigaction action = { .sa_handler = stop_ask, .sa_flags = SA_RESTART };
    struct sigaction old;

    stop_notice = notice;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ALX_COUNT(stop_signals); ++i)
        if (sigaction(stop_signals[i], &action, &old) == 0 && old.sa_handler == SIG_IGN &&
            stop_signals[i] == SIGHUP)
            sigaction(SIGHUP, &old, NULL);
    alx_builds_stop_at(&stop_asked);
    return &stop_asked;
}
