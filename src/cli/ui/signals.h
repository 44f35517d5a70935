/* signals.h - a clean stop of a long command. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

/** From now on the first SIGINT, SIGTERM or SIGHUP prints `notice` and raises the flag that is
 *  returned; no more kernels are built then. The next one ends the program. `notice` is a string
 *  constant: "\nstopping ...\n". */
const volatile int *cli_catch_signals(const char *notice);

#endif
