/* log.c - lines to stderr, by level. */
#define _GNU_SOURCE
#include "alexnet/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/name_write.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void (*clear_line_hook)(void);
static enum alx_log_level level;
static bool level_known;

enum alx_log_level alx_log_get_level(void)
{
    static const char *const names[] = { "quiet", "warn", "info", "debug" };

    if (!level_known) {
        const char *given = base_env(BASE_ENV_LOG), *wanted = given != NULL ? given : "info";
        size_t i = 0;

        while (i < ALX_COUNT(names) && strcmp(wanted, names[i]) != 0)
            ++i;
        level = i < ALX_COUNT(names) ? (enum alx_log_level)i : ALX_LOG_INFO;
        level_known = true;
        if (i == ALX_COUNT(names))
            alx_warn("ALEXNET_LOG=%s is none of quiet, warn, info, debug: info is used", wanted);
    }
    return level;
}

void alx_log_set_level(enum alx_log_level wanted)
{
    level = wanted;
    level_known = true;
}

void alx_log_set_clear_line(void (*clear_line)(void))
{
    pthread_mutex_lock(&lock);
    clear_line_hook = clear_line;
    pthread_mutex_unlock(&lock);
}

static void print_line(enum alx_log_level of, const char *prefix, const char *format, va_list args)
{
    char *line = NULL;

    if (alx_log_get_level() < of || vasprintf(&line, format, args) < 0)
        return;
    pthread_mutex_lock(&lock);
    if (clear_line_hook != NULL)
        clear_line_hook();
    fputs(prefix, stderr);
    base_name_print(stderr, line, BASE_NAME_MESSAGE);
    fputc('\n', stderr);
    pthread_mutex_unlock(&lock);
    free(line);
}

void alx_info(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(ALX_LOG_INFO, "", format, args);
    va_end(args);
}

void alx_warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(ALX_LOG_WARN, "warning: ", format, args);
    va_end(args);
}

void alx_debug(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(ALX_LOG_DEBUG, "debug: ", format, args);
    va_end(args);
}
