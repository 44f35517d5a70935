/* clblast.c - parameters of CLBlast's kernels. One set serves a device, so each is measured on
 * the products of all passes together, convolutions with few images. */
#include "tune/tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/try.h"

/* Of one pass; larger fully connected layers are left out, they are like the others. */
#define MOST_FLOPS 1e9
#define MOST_FLOPS_FC 2.5e9
#define MOST_CASES 64
/* Else these products would not reach Xgemm at all on many devices. */
#define XGEMM_ALWAYS "XGEMM_MIN_INDIRECT_SIZE=1"

typedef struct clblast_suite {
    alx_bench_case cases[MOST_CASES];
    alx_check_pass *checks[MOST_CASES];
    size_t count;
    double gflop; /* of all */
} clblast_suite;

/* The pass with as many images as fit; false if not even the batch of a fully connected layer. */
static bool pass_shrink(alx_pass_info *info)
{
    const double image_flops = info->flops / info->in.n;
    int images = (int)(MOST_FLOPS / image_flops);

    if (info->work == ALX_WORK_FC)
        return info->flops <= MOST_FLOPS_FC;
    images = images < 1 ? 1 : images < info->in.n ? images : info->in.n;
    info->in.n = info->out.n = images;
    info->flops = image_flops * images;
    return true;
}

static int suite_create(clblast_suite *suite, const alx_tune *tune)
{
    const alx_chooser clblast = { .dev = tune->dev,
                                  .algorithms = { ALX_CONV_IM2COL, ALX_GEMM_CLBLAST, false } };

    for (size_t i = 0; i < tune->problem_count && suite->count < MOST_CASES; ++i) {
        alx_pass_info info = tune->problems[i].info;
        alx_bench_case *c = &suite->cases[suite->count];

        if (!pass_shrink(&info))
            continue;
        ++suite->count;
        suite->gflop += 1e-9 * info.flops;
        TRY(alx_bench_case_create(c, &info, &clblast));
        TRY(alx_check_pass_create(&suite->checks[suite->count - 1], c));
    }
    return 0;
}

static void suite_free(clblast_suite *suite)
{
    for (size_t i = 0; i < suite->count; ++i) {
        alx_bench_case_free(&suite->cases[i]);
        alx_check_pass_free(suite->checks[i]);
    }
}

/* Largest error of all passes; the kernels are built. */
static int suite_check(alx_row *row, clblast_suite *suite, bool *right)
{
    *right = true;
    for (size_t i = 0; i < suite->count; ++i) {
        alx_bench_case *c = &suite->cases[i];
        double error = 0.0;

        TRY(alx_tensor_fill(alx_bench_case_output(c), NAN));
        TRY(alx_bench_case_run(c));
        TRY(alx_check_pass_error(&error, suite->checks[i], c));
        *right = *right && error <= alx_ref_pass_limit(c->info.pass);
        row->error = fmax(row->error, error);
    }
    return 0;
}

/* All passes in turn. `user` is the suite. */
static int suite_run(void *user)
{
    clblast_suite *suite = user;

    for (size_t i = 0; i < suite->count; ++i)
        TRY(alx_bench_case_run(&suite->cases[i]));
    return 0;
}

static int measure_set(alx_row *row, alx_tune *tune, clblast_suite *suite, const char *kernel)
{
    alx_bench_times times;
    bool right = false;

    if (strcmp(row->choice, ALX_CLBLAST_PACKAGED) != 0) {
        TRY(alx_clblast_override(tune->dev, "GemmRoutine", XGEMM_ALWAYS));
        TRY(alx_clblast_override(tune->dev, kernel, row->choice));
    }
    TRY(suite_check(row, suite, &right));
    if (!right) {
        alx_warn("CLBlast's %s with %s gives wrong numbers: not used", kernel, row->choice);
        return 0;
    }
    TRY(alx_bench_time(&times, tune->dev, suite_run, suite, 1));
    row->ms = times.min_ms / suite->gflop;
    return 0;
}

/* One row for each set that has none. */
static int search_kernel(alx_tune *tune, clblast_suite *suite, const char *kernel)
{
    char sets[ALX_MAX_SETS][ALX_CHOICE_BYTES];
    const size_t count = alx_clblast_sets(sets, alx_device_get_info(tune->dev), kernel);
    alx_row row = { .batch = 0 };
    int rc = 0;

    snprintf(row.problem, sizeof row.problem, "clblast %s", kernel);
    for (size_t i = 0; i < count; ++i) {
        memcpy(row.choice, sets[i], sizeof row.choice);
        if (tune_find_row(tune, row.problem, 0, row.choice) != NULL)
            continue;
        if (suite->count == 0)
            TRY(suite_create(suite, tune));
        if (tune_should_stop(tune))
            break;
        tune_task(tune, row.problem, i, count, -1.0);
        row.ms = row.error = 0.0;
        rc = measure_set(&row, tune, suite, kernel);
        if (rc != 0) {
            alx_debug("%s with %s: %s", row.problem, row.choice, alx_status_text(rc));
            TRY(alx_device_finish(tune->dev));
            if (alx_tune_interrupted(tune))
                continue;
            row.ms = 0.0;
        }
        TRY(alx_rows_add(tune->rows, &row));
    }
    return 0;
}

/* The best set from now on. False if that is the packaged one. */
static int use_best(alx_tune *tune, const char *kernel, bool *found)
{
    char problem[ALX_PROBLEM_BYTES];
    const alx_row *row = NULL;
    int rc = 0;

    snprintf(problem, sizeof problem, "clblast %s", kernel);
    row = alx_rows_find(tune->rows, problem, 0);
    *found = row != NULL && strcmp(row->choice, ALX_CLBLAST_PACKAGED) != 0;
    if (*found) {
        alx_debug("%s  %s  %.1f GFLOP/s", problem, row->choice, 1e3 / row->ms);
        rc = alx_clblast_override(tune->dev, kernel, row->choice);
    }
    return rc;
}

int tune_clblast(alx_tune *tune, bool *tuned)
{
    clblast_suite suite = { 0 };
    int rc = 0;

    *tuned = false;
    for (size_t i = 0; alx_clblast_kernels[i] != NULL && !tune->stopped; ++i) {
        bool found = false;

        TRY_DONE(search_kernel(tune, &suite, alx_clblast_kernels[i]));
        TRY_DONE(use_best(tune, alx_clblast_kernels[i], &found));
        *tuned = *tuned || found;
        if (!found)
            break; /* the packaged set is best, and cannot be had back */
    }
done:
    alx_device_set_label(tune->dev, NULL); /* the label is a case's */
    suite_free(&suite);
    return rc;
}

void tune_add_clblast_ways(alx_tune *tune)
{
    for (size_t i = 0; i < tune->problem_count; ++i) {
        alx_tune_problem *p = &tune->problems[i];

        if (p->way_count < ALX_MAX_WAYS)
            snprintf(p->ways[p->way_count++], ALX_CHOICE_BYTES, "%s",
                     p->info.work == ALX_WORK_CONV ? ALX_TUNED_IM2COL : ALX_TUNED_CLBLAST);
    }
}
