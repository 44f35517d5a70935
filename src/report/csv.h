/* csv.h - a table of numbers under a line of column names. */
#ifndef REPORT_CSV_H
#define REPORT_CSV_H

#include "alexnet/base.h"

typedef struct csv_table {
    char *text;          /* the file; names point into it */
    const char **names;  /* columns */
    double *values;      /* columns x rows: a column is contiguous; NAN where a field is empty */
    size_t columns, rows;
} csv_table;

/* Every line has as many fields as the first. Release with alx_csv_free, also after failure. */
int alx_csv_read(csv_table *out, const char *path) ALX_MUST_USE;
void alx_csv_free(csv_table *table);

/* The column's `rows` values; NULL if there is none of that name. */
const double *alx_csv_column(const csv_table *table, const char *name);

#endif
