/* log.c - messages to the sink that the process has set, by level. */
#include "alexnet/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/name_write.h"
#include "base/numbers.h"

#define LEVEL_UNKNOWN (-1) /* ALEXNET_LOG has not been read */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    alx_log_sink *call;
    void *user;
} sink;
static _Atomic int level = LEVEL_UNKNOWN;

void alx_log_set_sink(alx_log_sink *call, void *user)
{
    pthread_mutex_lock(&lock);
    sink.call = call;
    sink.user = user;
    pthread_mutex_unlock(&lock);
}

void alx_log_to_stderr(enum alx_log_level of, const char *text, void *user)
{
    static const char *const prefixes[] = { "", "warning: ", "", "debug: " };

    (void)user;
    fprintf(stderr, "%s%s\n", prefixes[of], text);
}

static void read_level(void)
{
    static const char *const names[] = { "quiet", "warn", "info", "debug" };
    const char *given = base_env(BASE_ENV_LOG), *wanted = given != NULL ? given : "info";
    int unknown = LEVEL_UNKNOWN;
    int i = 0;

    while (i <= ALX_LOG_DEBUG && strcmp(wanted, names[i]) != 0)
        ++i;
    if (atomic_compare_exchange_strong(&level, &unknown, i <= ALX_LOG_DEBUG ? i : ALX_LOG_INFO) &&
        i > ALX_LOG_DEBUG)
        alx_warn("ALEXNET_LOG=%s is none of quiet, warn, info, debug: info is used", wanted);
}

enum alx_log_level alx_log_get_level(void)
{
    if (level == LEVEL_UNKNOWN)
        read_level();
    return (enum alx_log_level)level;
}

void alx_log_set_level(enum alx_log_level wanted)
{
    level = (int)wanted;
}

/* malloc'ed; NULL if memory is out. */
static char *formatted(const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    const int length = base_vprint(NULL, 0, format, again);
    va_end(again);
    char *line = length >= 0 ? malloc((size_t)length + 1) : NULL;

    if (line != NULL)
        base_vprint(line, (size_t)length + 1, format, args);
    return line;
}

/* The message with what names may not do to a terminal written out; the caller frees. */
static char *message_text(const char *format, va_list args)
{
    char *line = formatted(format, args), *text = NULL;

    if (line == NULL)
        return NULL;
    const size_t bytes = base_name_write(NULL, 0, line, BASE_NAME_MESSAGE) + 1;

    text = malloc(bytes);
    if (text != NULL)
        base_name_write(text, bytes, line, BASE_NAME_MESSAGE);
    free(line);
    return text;
}

static void log_message(enum alx_log_level of, const char *format, va_list args)
{
    if (alx_log_get_level() < of)
        return;
    char *text = message_text(format, args);

    if (text == NULL)
        return;
    pthread_mutex_lock(&lock);
    if (sink.call != NULL)
        sink.call(of, text, sink.user);
    pthread_mutex_unlock(&lock);
    free(text);
}

void alx_info(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_message(ALX_LOG_INFO, format, args);
    va_end(args);
}

void alx_warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_message(ALX_LOG_WARN, format, args);
    va_end(args);
}

void alx_debug(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_message(ALX_LOG_DEBUG, format, args);
    va_end(args);
}
