/* numbers.h - numbers as text have a decimal point, whatever locale the process has set: what one
 * writes another reads. Where text holds no fraction the C library's own functions will do. */
#ifndef BASE_NUMBERS_H
#define BASE_NUMBERS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "alexnet/export.h"

/** strtod. */
double base_number_read(const char *text, char **end);

/** snprintf, vsnprintf, fprintf. */
int base_print(char *out, size_t bytes, const char *format, ...) ALX_PRINTF(3, 4);
int base_vprint(char *out, size_t bytes, const char *format, va_list args) ALX_PRINTF(3, 0);
int base_print_file(FILE *file, const char *format, ...) ALX_PRINTF(2, 3);

#endif
