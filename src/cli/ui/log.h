/* log.h - the library's messages on stderr. */
#ifndef CLI_LOG_H
#define CLI_LOG_H

#include "alexnet/log.h"

/** A sink. On a terminal a line of a label and its text goes on under the text. */
void cli_log(enum alx_log_level level, const char *text, void *user);

#endif
