/* status.c - one message per thread: set where the fact is known, read once at the top. */
#include "alexnet/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/numbers.h"

#define MESSAGE_BYTES 8192 /* room for a build log's first screen */

static _Thread_local struct {
    int code;
    char text[MESSAGE_BYTES];
} record;

static const struct {
    int code, exit_code;
    const char *text;
} statuses[] = {
    { ALX_OK, 0, "no error" },
    { ALX_E_IO, 1, "input or output failed" },
    { ALX_E_USAGE, 2, "wrong usage" },
    { ALX_E_DEVICE, 3, "OpenCL device or driver failed" },
    { ALX_E_BUILD, 3, "an OpenCL kernel does not build" },
    { ALX_E_DATA, 4, "bad input data" },
    { ALX_E_MEMORY, 5, "out of memory" },
    { ALX_E_NUMERIC, 6, "wrong numbers" },
    { ALX_E_SLOWER, 7, "slower than the baseline" },
    { ALX_E_INTERRUPTED, 130, "interrupted" },
};

/* What comes out of files may hold ends of lines; a message of a file has one line. */
static void escape_line_ends(void)
{
    static const char escape[] = "\\x0a";
    const size_t length = sizeof escape - 1;

    for (char *end = strchr(record.text, '\n'); end != NULL; end = strchr(end, '\n')) {
        const size_t room = sizeof record.text - (size_t)(end - record.text);
        const size_t rest = strlen(end + 1);

        if (rest + length >= room) {
            *end = '\0';
            return;
        }
        memmove(end + length, end + 1, rest + 1);
        memcpy(end, escape, length);
    }
}

static int record_code(int code)
{
    record.code = code;
    if (code == ALX_E_DATA || code == ALX_E_IO)
        escape_line_ends();
    return code;
}

int alx_fail(int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    base_vprint(record.text, sizeof record.text, format, args);
    va_end(args);
    return record_code(code);
}

int alx_fail_context(int code, const char *format, ...)
{
    char context[512], rest[MESSAGE_BYTES];
    va_list args;

    if (code == 0)
        return 0;
    va_start(args, format);
    base_vprint(context, sizeof context, format, args);
    va_end(args);
    snprintf(rest, sizeof rest, "%s", alx_status_text(code));
    snprintf(record.text, sizeof record.text, "%s: %.*s", context,
             (int)(sizeof record.text - sizeof context - 3), rest);
    return record_code(code);
}

int alx_fail_hint(int code, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list args;

    if (code == 0)
        return 0;
    const int length = snprintf(message, sizeof message, "%s", alx_status_text(code));

    va_start(args, format);
    base_vprint(message + length, sizeof message - (size_t)length, format, args);
    va_end(args);
    memcpy(record.text, message, sizeof message);
    return record_code(code);
}

const char *alx_status_text(int code)
{
    if (code != 0 && record.code == code)
        return record.text;
    for (size_t i = 0; i < ALX_COUNT(statuses); ++i)
        if (statuses[i].code == code)
            return statuses[i].text;
    return "unknown error";
}

int alx_exit_code(int code)
{
    for (size_t i = 0; i < ALX_COUNT(statuses); ++i)
        if (statuses[i].code == code)
            return statuses[i].exit_code;
    return 1;
}
