/* numbers.c - the C locale for the calls of one thread: setlocale is the whole process's. */
#include "base/numbers.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>

static locale_t plain;

static void make_plain(void)
{
    plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* Returns what the thread had, for uselocale. */
static locale_t begin_plain(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_plain);
    return uselocale(plain);
}

double base_number_read(const char *text, char **end)
{
    const locale_t before = begin_plain();
    const double value = strtod(text, end);

    uselocale(before);
    return value;
}

int base_vprint(char *out, size_t bytes, const char *format, va_list args)
{
    const locale_t before = begin_plain();
    const int length = vsnprintf(out, bytes, format, args);

    uselocale(before);
    return length;
}

int base_print(char *out, size_t bytes, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int length = base_vprint(out, bytes, format, args);

    va_end(args);
    return length;
}

int base_print_file(FILE *file, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const locale_t before = begin_plain();
    const int length = vfprintf(file, format, args);

    uselocale(before);
    va_end(args);
    return length;
}
