/* csv.h - a table of numbers, and at most one column of words, under a line of column names. */
#ifndef REPORT_CSV_H
#define REPORT_CSV_H

#include <stddef.h>

#include "alexnet/export.h"

typedef struct csv_table {
    char *text;         /* the file; names point into it */
    const char **names; /* columns */
    double *values;     /* columns x rows: a column is contiguous; NAN where a field is empty */
    size_t columns, rows;
    const char **words; /* of the column of words, each once, in order; they point into text */
    size_t word_count;
} csv_table;

/* Every line has as many fields as the first. The values of the column `words` (NULL: there is
 * none) are indices of its words. Release with report_csv_free, also after failure. */
int report_csv_read(csv_table *out, const char *path, const char *words) ALX_MUST_USE;
void report_csv_free(csv_table *table);

/* The column's `rows` values; NULL if there is none of that name. */
const double *report_csv_column(const csv_table *table, const char *name);

#endif
