/* output.h - standard output, messages and terminals. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "alexnet/log.h"

/** What was printed goes out. @return 0; ALX_E_IO with the reason, also if it failed before */
int cli_flush_stdout(void);
/** Columns of the terminal that a file descriptor is; `otherwise` where it is none. */
int cli_columns(int fd, int otherwise);
/** A sink of the library's messages, on stderr. On a terminal a line of a label and its text goes
 *  on under the text. */
void cli_log(enum alx_log_level level, const char *text, void *user);

#endif
