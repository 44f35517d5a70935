/* log.h - messages that are no failure: warnings, what is done, details. */
#ifndef ALEXNET_LOG_H
#define ALEXNET_LOG_H

#include "alexnet/export.h"

ALX_BEGIN_DECLS

enum alx_log_level { ALX_LOG_QUIET, ALX_LOG_WARN, ALX_LOG_INFO, ALX_LOG_DEBUG };

/** Takes a message: its text, without a prefix or a line end behind it, borrowed for the call. No
 *  name of a file in it breaks a line or moves a cursor. The library calls it from any thread, one
 *  call at a time; it must not log itself. */
typedef void alx_log_sink(enum alx_log_level level, const char *text, void *user);

/** Where messages go from now on, for the whole process. The library prints nothing: without a
 *  sink, as at the start of a process, messages are dropped. NULL removes it. */
void alx_log_set_sink(alx_log_sink *sink, void *user);
/** A sink: lines on stderr, "warning: " and "debug: " before those. `user` is not used. */
void alx_log_to_stderr(enum alx_log_level level, const char *text, void *user);

/** Messages up to this level reach the sink; the start value comes from ALEXNET_LOG (quiet, warn,
 *  info, debug), else it is info. */
void alx_log_set_level(enum alx_log_level level);
enum alx_log_level alx_log_get_level(void);

/** One message. Thread-safe. */
void alx_info(const char *format, ...) ALX_PRINTF(1, 2);
void alx_warn(const char *format, ...) ALX_PRINTF(1, 2);
void alx_debug(const char *format, ...) ALX_PRINTF(1, 2);

ALX_END_DECLS

#endif
