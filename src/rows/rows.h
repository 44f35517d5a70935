/* rows.h - a tuning row as a line of a file. */
#ifndef ROWS_ROWS_H
#define ROWS_ROWS_H

#include "alexnet/dev/rows.h"

/* A row as a line of a file has it. */
typedef struct rows_line {
    char device[256], driver[128], kernels[17];
    alx_row row;
} rows_line;

/* False if `text`, of `length` bytes, is no row. */
bool rows_line_parse(rows_line *out, const char *text, size_t length);
/* One line of JSON with its end; the caller's (free). NULL = out of memory. */
char *rows_line_text(const rows_line *line);
/* Appends whole lines in one write; begins a new line where the last one was torn. */
int rows_append(const char *path, const char *text) ALX_MUST_USE;

#endif
