/* log.h - messages that are no failure: what is printed, and where. */
#ifndef ALEXNET_LOG_H
#define ALEXNET_LOG_H

#include "alexnet/export.h"

ALX_BEGIN_DECLS

enum alx_log_level { ALX_LOG_QUIET, ALX_LOG_WARN, ALX_LOG_INFO, ALX_LOG_DEBUG };

/** Sets what reaches stderr; the start value comes from ALEXNET_LOG (quiet, warn, info, debug). */
void alx_log_set_level(enum alx_log_level level);
enum alx_log_level alx_log_get_level(void);

/** One line to stderr; `clear_line` of a progress bar runs first. Thread-safe. */
void alx_info(const char *format, ...) ALX_PRINTF(1, 2);
void alx_warn(const char *format, ...) ALX_PRINTF(1, 2);
void alx_debug(const char *format, ...) ALX_PRINTF(1, 2);

/** A progress bar registers how to wipe its line before a message is printed; NULL removes it. */
void alx_log_set_clear_line(void (*clear_line)(void));

ALX_END_DECLS

#endif
