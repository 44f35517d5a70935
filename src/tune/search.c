/* search.c - measures the ways of every problem, one row each. What was measured before is in
 * the user's file and is not measured again, so a search that was stopped goes on. */
#include "tune/tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/try.h"

/* A way that is this much slower than the best is not measured twice. */
#define HOPELESS 1.3
#define SHORT_MS 10.0 /* where one run says little */
#define RUNS 3

/* ---- problems ------------------------------------------------------------------------------ */

static alx_tune_problem *problem_find(alx_tune *tune, const char *name)
{
    for (size_t i = 0; i < tune->problem_count; ++i)
        if (strcmp(tune->problems[i].problem, name) == 0)
            return &tune->problems[i];
    return NULL;
}

static void problem_add(alx_tune *tune, const alx_pass_info *info)
{
    char name[ALX_PROBLEM_BYTES];
    alx_tune_problem *p = NULL;

    alx_pass_problem(name, info);
    p = problem_find(tune, name);
    if (p != NULL) {
        ++p->calls;
        return;
    }
    p = &tune->problems[tune->problem_count++];
    p->info = *info;
    p->calls = 1;
    memcpy(p->problem, name, sizeof name);
    p->way_count = info->work == ALX_WORK_CONV
                       ? alx_op_conv2d_ways(p->ways, tune->dev, info->pass, info->in, info->out,
                                            &info->conv)
                       : alx_op_fc_ways(p->ways, tune->dev, info->pass);
}

/* "conv2.1 forward" is of "conv2". */
static bool label_is_of(const char *label, const char *layer)
{
    const size_t length = strlen(layer);

    return strncmp(label, layer, length) == 0 && strchr(". ", label[length]) != NULL;
}

int tune_list(alx_tune *tune, const alx_graph *graph, int batch, const char *only)
{
    alx_pass_info *passes = NULL;
    size_t count = 0;
    int rc = 0;

    TRY_DONE(alx_graph_passes(&passes, &count, graph, batch, true));
    tune->problems = calloc(count, sizeof *tune->problems);
    if (tune->problems == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %zu passes", count);
        goto done;
    }
    for (size_t i = 0; i < count; ++i)
        if (passes[i].work != ALX_WORK_OTHER &&
            (only == NULL || label_is_of(passes[i].label, only)))
            problem_add(tune, &passes[i]);
    if (tune->problem_count == 0)
        rc = alx_fail(ALX_E_USAGE, "no layer '%s' that could be tuned", only);
done:
    free(passes);
    return rc;
}

const alx_row *tune_find_row(const alx_tune *tune, const char *problem, int batch,
                             const char *choice)
{
    size_t count = 0;
    const alx_row *rows = alx_rows_all(tune->rows, &count);

    for (size_t i = count; i-- > 0;)
        if (!rows[i].shipped && rows[i].batch == batch && strcmp(rows[i].choice, choice) == 0 &&
            strcmp(rows[i].problem, problem) == 0)
            return &rows[i];
    return NULL;
}

const alx_row *tune_row(const alx_tune *tune, const alx_tune_problem *p, const char *choice)
{
    return tune_find_row(tune, p->problem, p->info.in.n, choice);
}

/* ---- one way ------------------------------------------------------------------------------- */

/* Milliseconds of the fastest way so far; infinite if there is none. */
static double best_ms(const alx_tune *tune, const alx_tune_problem *p)
{
    double best = INFINITY;

    for (size_t i = 0; i < p->way_count; ++i) {
        const alx_row *row = tune_row(tune, p, p->ways[i]);

        if (row != NULL && row->ms > 0.0 && row->ms < best)
            best = row->ms;
    }
    return best;
}

/* It has run once already. */
static int time_way(alx_row *row, alx_bench_case *c, double best)
{
    const double start = base_seconds();
    alx_bench_times times;

    TRY(alx_bench_case_run(c));
    TRY(alx_device_finish(c->x.dev));
    row->ms = 1e3 * (base_seconds() - start);
    if (row->ms > HOPELESS * best && row->ms > SHORT_MS)
        return 0;
    TRY(alx_bench_time(&times, c->x.dev, alx_bench_case_run, c, RUNS));
    row->ms = times.min_ms;
    return 0;
}

/* Builds, runs once and looks at the numbers, then measures. */
static int run_way(alx_row *row, alx_bench_case *c, const alx_check_pass *check, double best)
{
    const double limit = alx_ref_pass_limit(c->info.pass);

    TRY(alx_bench_case_choose(c, row->choice));
    TRY(alx_tensor_fill(alx_bench_case_output(c), NAN));
    TRY(alx_bench_case_run(c));
    TRY(alx_device_finish(c->x.dev));
    TRY(alx_check_pass_error(&row->error, check, c));
    if (row->error <= limit)
        TRY(time_way(row, c, best));
    else
        alx_warn("%s: %s is off by %.2g of the maximum, at most %.0e is allowed: not used",
                 c->info.label, row->choice, row->error, limit);
    return 0;
}

/* A way may fail: it does not build, or asks for more than the device has. The device may not. */
static int measure_way(alx_tune *tune, const alx_tune_problem *p, const char *choice,
                       alx_bench_case *c, const alx_check_pass *check)
{
    alx_row row = { .batch = p->info.in.n };
    char why[512];
    int rc = 0;

    snprintf(row.problem, sizeof row.problem, "%s", p->problem);
    snprintf(row.choice, sizeof row.choice, "%s", choice);
    rc = run_way(&row, c, check, best_ms(tune, p));
    if (rc != 0) {
        snprintf(why, sizeof why, "%.*s", (int)strcspn(alx_status_text(rc), "\n"),
                 alx_status_text(rc));
        TRY(alx_device_finish(tune->dev));
        if (alx_tune_interrupted(tune))
            return rc;
        alx_warn("%s: %s fails: %s", p->info.label, choice, why);
        row.ms = 0.0;
    }
    return alx_rows_add(tune->rows, &row);
}

/* ---- the loop ------------------------------------------------------------------------------ */

bool alx_tune_interrupted(const alx_tune *tune)
{
    return tune->interrupt != NULL && *tune->interrupt != 0;
}

bool tune_should_stop(alx_tune *tune)
{
    tune->stopped = alx_tune_interrupted(tune) || base_seconds() >= tune->deadline;
    return tune->stopped;
}

void tune_task(const alx_tune *tune, const char *task, size_t done, size_t total,
               double eta_seconds)
{
    if (tune->on_task != NULL)
        tune->on_task(task, done, total, eta_seconds, tune->user);
}

static void show_progress(alx_tune *tune, const alx_tune_problem *p, const char *choice)
{
    const double now = base_seconds(), left = tune->deadline - now;
    const double each = tune->done > 0 ? (now - tune->started) / (double)tune->done : 0.0;
    const double eta = each * (double)(tune->total - tune->done);
    char label[160];

    snprintf(label, sizeof label, "%s %s", p->info.label, choice);
    tune_task(tune, label, tune->done, tune->total,
              tune->done == 0 ? -1.0
              : eta < left    ? eta
                              : left);
}

static bool is_pending(const alx_tune *tune, const alx_tune_problem *p, size_t way)
{
    return tune_row(tune, p, p->ways[way]) == NULL;
}

static size_t pending_count(const alx_tune *tune, const alx_tune_problem *p)
{
    size_t pending = 0;

    for (size_t i = 0; i < p->way_count; ++i)
        pending += is_pending(tune, p, i);
    return pending;
}

static int search_problem(alx_tune *tune, const alx_tune_problem *p)
{
    const alx_algorithms any = { .exact = false };
    const alx_chooser usual = { .dev = tune->dev,
                                .algorithms = alx_algorithms_resolve(any, tune->dev, NULL) };
    alx_bench_case c = { 0 };
    alx_check_pass *check = NULL;
    int rc = 0;

    TRY_DONE(alx_bench_case_create(&c, &p->info, &usual));
    TRY_DONE(alx_check_pass_create(&check, &c));
    for (size_t i = 0; i < p->way_count; ++i) {
        if (!is_pending(tune, p, i))
            continue;
        if (tune_should_stop(tune))
            break;
        show_progress(tune, p, p->ways[i]);
        TRY_DONE(measure_way(tune, p, p->ways[i], &c, check));
        ++tune->done;
    }
done:
    alx_device_set_label(tune->dev, NULL); /* the label is the case's */
    alx_check_pass_free(check);
    alx_bench_case_free(&c);
    return rc;
}

/* An interrupt that ends a build of kernels ends the search as one between two ways does. */
static int search_until_stopped(alx_tune *tune, const alx_tune_problem *p)
{
    const int rc = search_problem(tune, p);

    if (rc != ALX_E_INTERRUPTED)
        return rc;
    tune->stopped = true;
    return 0;
}

int tune_search(alx_tune *tune)
{
    tune->started = base_seconds();
    tune->done = tune->total = 0;
    for (size_t i = 0; i < tune->problem_count; ++i)
        tune->total += pending_count(tune, &tune->problems[i]);
    for (size_t i = 0; i < tune->problem_count && !tune->stopped; ++i)
        if (pending_count(tune, &tune->problems[i]) > 0)
            TRY(search_until_stopped(tune, &tune->problems[i]));
    return 0;
}
