/* columns.c - suites put together: which are one column, and medians over the files of a column. */
#include "report/page/columns.h"

#include <stdlib.h>
#include <string.h>

#include "report/page/page.h"
#include "report/result/rows.h"

/* Another driver, number of cores or commit is another column: that is what people compare. */
static bool is_same_column(const alx_suite *a, const alx_suite *b)
{
    return strcmp(a->device.name, b->device.name) == 0 &&
           strcmp(a->device.platform, b->device.platform) == 0 &&
           strcmp(a->device.driver, b->device.driver) == 0 &&
           a->device.compute_units == b->device.compute_units &&
           strcmp(a->program, b->program) == 0 && strcmp(a->version, b->version) == 0 &&
           strcmp(a->commit, b->commit) == 0;
}

bool report_columns_open(page_columns *columns, const alx_results *results)
{
    *columns = (page_columns){
        .results = results,
        .first = calloc(results->suite_count + 1, sizeof *columns->first),
        .room = calloc(2 * (results->count + results->suite_count) + 1, sizeof(double)),
    };
    if (columns->first == NULL || columns->room == NULL)
        return false;
    for (size_t i = 0; i < results->suite_count; ++i) {
        size_t column = 0;

        while (column < columns->count &&
               !is_same_column(columns->first[column], &results->suites[i]))
            ++column;
        if (column == columns->count)
            columns->first[columns->count++] = &results->suites[i];
    }
    return true;
}

void report_columns_free(page_columns *columns)
{
    free(columns->first);
    free(columns->room);
}

/* ---- medians ------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    if (count == 0)
        return 0.0;
    qsort(values, count, sizeof *values, compare_numbers);
    return 0.5 * (values[(count - 1) / 2] + values[count / 2]);
}

size_t report_columns_files(const page_columns *columns, size_t column)
{
    size_t files = 0;

    for (size_t i = 0; i < columns->results->suite_count; ++i)
        files += is_same_column(&columns->results->suites[i], columns->first[column]);
    return files;
}

double report_columns_peak(const page_columns *columns, size_t column, page_peak peak)
{
    size_t count = 0;

    for (size_t i = 0; i < columns->results->suite_count; ++i) {
        const alx_suite *suite = &columns->results->suites[i];
        const double peaks[] = { suite->fma_gflops, suite->memory_gbytes_per_s,
                                 suite->local_gbytes_per_s };

        if (is_same_column(suite, columns->first[column]) && peaks[peak] > 0.0)
            columns->room[count++] = peaks[peak];
    }
    return median(columns->room, count);
}

/* ---- work ---------------------------------------------------------------------------------- */

static bool is_of_column(const page_columns *columns, size_t column, const alx_result *r)
{
    for (size_t i = 0; r->in_suite && i < columns->results->suite_count; ++i)
        if (columns->results->suites[i].file == r->file)
            return is_same_column(&columns->results->suites[i], columns->first[column]);
    return false;
}

static bool is_same_work(const alx_result *a, const alx_result *b)
{
    return strcmp(a->kind, b->kind) == 0 && report_page_same_work(a, b);
}

static page_value value_of(const alx_result *r, const page_work *work)
{
    const alx_result_rate *rate = work->training ? &r->train : &r->infer;

    if (work->row == NULL)
        return (page_value){ rate->images_per_s,
                             r->fma_gflops > 0.0 ? rate->gflops / r->fma_gflops : 0.0 };
    for (size_t i = 0; i < r->row_count; ++i)
        if (report_same_pass(&r->rows[i], work->row))
            return (page_value){ r->rows[i].median_ms, r->rows[i].roofline };
    return (page_value){ 0.0, 0.0 };
}

page_value report_columns_value(const page_columns *columns, size_t column, const page_work *work)
{
    double *shown = columns->room, *share = columns->room + columns->results->count;
    size_t count = 0;

    for (size_t i = 0; i < columns->results->count; ++i) {
        const alx_result *r = &columns->results->list[i];
        const page_value value = value_of(r, work);

        if (!is_same_work(r, work->like) || !is_of_column(columns, column, r))
            continue;

        if (value.shown > 0.0) {
            shown[count] = value.shown;
            share[count++] = value.share;
        }
    }
    return (page_value){ median(shown, count), median(share, count) };
}

bool report_columns_is_new(const page_columns *columns, size_t index, const char *kind)
{
    const alx_result *list = columns->results->list, *r = &list[index];

    if (strcmp(r->kind, kind) != 0 || !r->in_suite)
        return false;
    for (size_t i = 0; i < index; ++i)
        if (is_same_work(&list[i], r) && list[i].in_suite)
            return false;
    return true;
}

bool report_columns_is_new_pass(const page_columns *columns, size_t index, size_t row)
{
    const alx_result *list = columns->results->list, *r = &list[index];

    for (size_t i = 0; i <= index; ++i)
        for (size_t j = 0, end = i < index ? list[i].row_count : row; j < end; ++j)
            if (list[i].in_suite && is_same_work(&list[i], r) &&
                report_same_pass(&list[i].rows[j], &r->rows[row]))
                return false;
    return true;
}
