/* report.c - the lines of a check. */
#include "check/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/numbers.h"

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
    base_vprint(place, sizeof place, where, args);
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

/* Beyond the first line, no list means that one was lost. */
static void keep_line(alx_check_total *total, const alx_check_line *line)
{
    alx_check_line *grown = NULL;

    if (total->lines == 0 || total->list != NULL)
        grown = realloc(total->list, (total->lines + 1) * sizeof *grown);
    if (grown != NULL)
        grown[total->lines] = *line;
    else
        free(total->list);
    total->list = grown;
    ++total->lines;
    total->failed += line->fails;
}

void check_end(check_report *report)
{
    report->line.fails = report->line.fails || report->line.count == 0;
    if (report->options->on_line != NULL)
        report->options->on_line(&report->line, report->options->user);
    keep_line(report->total, &report->line);
}

void alx_check_total_free(alx_check_total *total)
{
    free(total->list);
    *total = (alx_check_total){ 0 };
}

void check_task(const alx_check_options *options, const char *task, size_t done, size_t total,
                double start)
{
    const double left = (double)(total - done);
    const bool known = done > 0 && start >= 0.0;

    if (options->on_task != NULL)
        options->on_task(task, done, total,
                         known ? (base_seconds() - start) / (double)done * left : -1.0,
                         options->user);
}

alx_chooser check_chooser(const alx_check_options *options)
{
    return alx_chooser_of(options->devs[0], options->rows != NULL ? options->rows[0] : NULL,
                          options->algorithms);
}
