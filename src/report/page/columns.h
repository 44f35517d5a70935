/* columns.h - suites put together: a column for each program on each device, medians over the files
 * of a column. */
#ifndef REPORT_COLUMNS_H
#define REPORT_COLUMNS_H

#include "alexnet/dev/report.h"

typedef struct page_columns {
    const alx_results *results; /**< borrowed */
    const alx_suite **first;    /**< the first suite of each column */
    size_t count;
    double *room; /**< two numbers for each result and each suite */
} page_columns;

/** False if out of memory. Free it whatever happens. */
bool report_columns_open(page_columns *columns, const alx_results *results);
void report_columns_free(page_columns *columns);

/** How many suites a column is made of. */
size_t report_columns_files(const page_columns *columns, size_t column);

typedef enum { PAGE_FMA, PAGE_MEMORY, PAGE_LOCAL } page_peak;

/** Median of a peak; 0 = not known. */
double report_columns_peak(const page_columns *columns, size_t column, page_peak peak);

/** What a line of a table is about. */
typedef struct page_work {
    const alx_result *like;    /**< same kind, config and batch size */
    const alx_result_row *row; /**< the same pass; NULL: whole steps */
    bool training;             /**< of whole steps */
} page_work;

typedef struct page_value {
    double shown; /**< images/s, or ms of a pass; 0 = not measured */
    double share; /**< of the FMA peak, or of the roofline; 0 = not known */
} page_value;

/** Medians. */
page_value report_columns_value(const page_columns *columns, size_t column, const page_work *work);

/** Whether a result is the first one of its kind, config and batch size in any suite. */
bool report_columns_is_new(const page_columns *columns, size_t index, const char *kind);
/** Whether a pass stands in no result of the same work before, and not before in this one. */
bool report_columns_is_new_pass(const page_columns *columns, size_t index, size_t row);

#endif
