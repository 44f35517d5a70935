/* signals.h - a clean end where a signal asks for it, and a clean stop of a long command. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

/** From now on SIGINT, SIGTERM and SIGHUP end the program as they would, but remove the files that
 *  it has begun. What is ignored stays so. */
void cli_end_at_signals(void);

/** From now on the first SIGINT, SIGTERM or SIGHUP prints `notice` and raises the flag that is
 *  returned; no more kernels are built then. The next one ends the program. `notice` is a string
 *  constant: "\nstopping ...\n". */
const volatile int *cli_catch_signals(const char *notice);

#endif
