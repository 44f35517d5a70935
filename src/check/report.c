/* report.c - the lines of a check. */
#include "check/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/progress.h"

#define MOST_WARNINGS 5 /* of one line */

void check_begin(check_report *report, const char *name)
{
    memset(&report->line, 0, sizeof report->line);
    snprintf(report->line.name, sizeof report->line.name, "%s", name);
}

/* How near the limit: 1 is on it. An exact comparison has limit 0. */
static double excess(double error, double limit)
{
    if (isnan(error))
        return INFINITY;
    return error <= 0.0 ? 0.0 : limit > 0.0 ? error / limit : INFINITY;
}

void check_add(check_report *report, double error, double limit, const char *where, ...)
{
    const bool first = report->line.count++ == 0, fails = !(error <= limit);
    char place[sizeof report->line.worst];
    va_list args;

    if (report->rehearsal)
        return;
    va_start(args, where);
    vsnprintf(place, sizeof place, where, args);
    va_end(args);
    if (fails && report->line.count <= MOST_WARNINGS)
        alx_warn("%s: %s differs by %.3g, at most %.2g is allowed", report->line.name, place, error,
                 limit);
    report->line.fails = report->line.fails || fails;
    if (!first && excess(error, limit) <= excess(report->line.error, report->line.limit))
        return;
    report->line.error = error;
    report->line.limit = limit;
    snprintf(report->line.worst, sizeof report->line.worst, "%s", place);
}

static void add_row(const check_report *report, bool fails)
{
    cJSON *row = cJSON_CreateObject();

    cJSON_AddStringToObject(row, "check", report->line.name);
    cJSON_AddBoolToObject(row, "pass", !fails);
    cJSON_AddNumberToObject(row, "error", report->line.error);
    cJSON_AddNumberToObject(row, "limit", report->line.limit);
    cJSON_AddStringToObject(row, "worst", report->line.worst);
    cJSON_AddNumberToObject(row, "comparisons", (double)report->line.count);
    cJSON_AddItemToArray(report->rows, row);
}

void check_end(check_report *report)
{
    const bool fails = report->line.fails || report->line.count == 0;

    cli_progress_wipe();
    if (report->rows != NULL)
        add_row(report, fails);
    else
        printf("%s  %-20s %8.2g  limit %-8.2g %s (of %zu)\n", fails ? "FAIL" : "PASS",
               report->line.name, report->line.error, report->line.limit, report->line.worst,
               report->line.count);
    fflush(stdout);
    ++report->lines;
    report->failed += fails;
}

int check_result(const check_report *report)
{
    if (report->lines == 0)
        return alx_fail(ALX_E_USAGE, "nothing was checked: --only or --max-macs leave nothing of "
                                     "the folder; --only takes ops, nets, full, an operation, "
                                     "operation/case, or a network");
    if (report->failed > 0)
        return alx_fail(ALX_E_NUMERIC, "%zu of %zu checks failed", report->failed, report->lines);
    alx_info("%zu of %zu checks passed", report->lines, report->lines);
    return 0;
}
