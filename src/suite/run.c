/* run.c - asks a device everything, part by part. */
#include "suite/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/numbers.h"
#include "base/try.h"

/* ---- does it compute right ------------------------------------------------------------------- */

static void show_check(const char *task, size_t done, size_t total, double eta_seconds, void *user)
{
    (void)done;
    (void)total;
    (void)eta_seconds;
    suite_show(user, task);
}

static int run_check(suite_run *run)
{
    const alx_suite_setup *setup = run->setup;
    alx_check_options options = {
        .devs = &setup->dev,
        .dev_count = 1,
        .algorithms = alx_algorithms_resolve(setup->algorithms, setup->dev, setup->rows),
        .rows = &setup->rows,
        .quick = true,
        .on_task = show_check,
        .user = run,
    };
    alx_check_total total = { 0 };
    int rc = 0;

    TRY_DONE(alx_check_kernels(&total, &options));
    TRY_DONE(suite_add_checks(&run->results->suites[0], &total));
done:
    alx_check_total_free(&total);
    return rc;
}

/* ---- how fast is it -------------------------------------------------------------------------- */

static void show_build(int built, int total, void *user)
{
    char more[64];

    snprintf(more, sizeof more, "kernel %d of %d", built, total);
    suite_show(user, built < total ? more : "");
}

static alx_bench_setup bench_setup(suite_run *run, const alx_config *config)
{
    return (alx_bench_setup){
        .config = config,
        .devs = &run->setup->dev,
        .dev_count = 1,
        .algorithms = run->setup->algorithms,
        .rows = &run->setup->rows,
        .iterations = SUITE_STEPS_TIMED,
        .seconds = run->setup->seconds,
        .on_build = show_build,
        .user = run,
    };
}

/* Nothing makes a device look faster than it is: the best so far counts. */
static void keep_peaks(alx_suite *suite, const alx_result *r)
{
    suite->fma_gflops = fmax(suite->fma_gflops, r->fma_gflops);
    suite->memory_gbytes_per_s = fmax(suite->memory_gbytes_per_s, r->memory_gbytes_per_s);
    suite->local_gbytes_per_s = fmax(suite->local_gbytes_per_s, r->local_gbytes_per_s);
}

static void take_peaks(alx_result *r, const alx_suite *suite)
{
    r->fma_gflops = suite->fma_gflops;
    r->memory_gbytes_per_s = suite->memory_gbytes_per_s;
    r->local_gbytes_per_s = suite->local_gbytes_per_s;
}

static int run_peaks(suite_run *run)
{
    const alx_bench_setup setup = bench_setup(run, NULL);
    alx_result peaks = { 0 };

    TRY(alx_result_measure_peaks(&peaks, &setup));
    keep_peaks(&run->results->suites[0], &peaks);
    return 0;
}

/* Adds a result that has something to say; training goes to the inference of the same work. */
static int keep_result(suite_run *run, alx_result *measured)
{
    alx_results *results = run->results;
    alx_result *last = results->count > 0 ? &results->list[results->count - 1] : NULL, *list;

    if (last != NULL && strcmp(measured->kind, "step") == 0 && measured->infer.median_ms == 0.0 &&
        last->train.median_ms == 0.0 && strcmp(last->kind, "step") == 0 &&
        strcmp(last->config, measured->config) == 0 && last->batch_size == measured->batch_size) {
        last->train = measured->train;
        return 0;
    }
    list = realloc(results->list, (results->count + 1) * sizeof *list);
    if (list == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu results", results->count + 1);
    results->list = list;
    list[results->count++] = *measured;
    *measured = (alx_result){ 0 }; /* its rows are the list's */
    return 0;
}

static int measure(suite_run *run, alx_result *r, const suite_part *part,
                   const alx_bench_setup *setup)
{
    alx_bench_times step;

    take_peaks(r, &run->results->suites[0]);
    if (part->kind == SUITE_STEPS) {
        alx_result_describe(r, "step", setup);
        TRY(alx_result_measure_rate(r, setup, part->training));
        run->gflops = part->training ? r->train.gflops : r->infer.gflops;
    } else {
        alx_result_describe(r, "ops", setup);
        TRY(alx_result_measure(r, &step, setup, NULL, NULL));
        r->iterations = step.count;
        keep_peaks(&run->results->suites[0], r);
    }
    return keep_result(run, r);
}

static int run_net(suite_run *run, const suite_part *part)
{
    alx_config *config = malloc(sizeof *config);
    alx_result result = { 0 };
    int rc = 0;

    if (config == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a config");
    *config = *part->config;
    config->train.batch_size = part->batch;
    const alx_bench_setup setup = bench_setup(run, config);
    rc = measure(run, &result, part, &setup);
    alx_result_free(&result);
    free(config);
    return rc;
}

/* ---- what is left out ------------------------------------------------------------------------ */

static int run_part(suite_run *run, const suite_part *part)
{
    switch (part->kind) {
    case SUITE_CHECK:
        return run_check(run);
    case SUITE_PEAKS:
        return run_peaks(run);
    default:
        return run_net(run, part);
    }
}

/* How what leaves a part out is called; NULL: it ends the run. */
static const char *gap_name(int rc)
{
    return rc == ALX_E_MEMORY   ? "memory"
           : rc == ALX_E_BUILD  ? "build"
           : rc == ALX_E_DEVICE ? "device"
                                : NULL;
}

/* Without memory for a part or a kernel that builds, the others go on; without the device none. */
static int try_part(suite_run *run, const suite_part *part)
{
    const double seconds = suite_step_seconds(run, part), limit = run->setup->seconds;
    char why[512];
    int rc = 0;

    if (seconds > limit) {
        base_print(why, sizeof why, "time: a step would take about %.0f s, %.0f s are given to it",
                   seconds, limit);
        return suite_add_gap(&run->results->suites[0], part, why);
    }
    rc = run_part(run, part);
    if (rc == 0 || gap_name(rc) == NULL)
        return rc;
    snprintf(why, sizeof why, "%s: %.400s", gap_name(rc), alx_status_text(rc));
    TRY(suite_add_gap(&run->results->suites[0], part, why));
    return rc == ALX_E_DEVICE ? rc : 0;
}

/* The process's memory so far says nothing of one result among many. */
static void finish(alx_result *r, const alx_suite *suite)
{
    take_peaks(r, suite);
    r->train.resident_bytes = r->infer.resident_bytes = 0.0;
}

static int start(suite_run *run)
{
    run->results->suites = calloc(1, sizeof *run->results->suites);
    if (run->results->suites == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a suite");
    run->results->suite_count = 1;
    suite_describe(&run->results->suites[0], run->setup->dev);
    return suite_list_parts(run);
}

int alx_suite_run(alx_results *results, const alx_suite_setup *setup)
{
    suite_run run = { .setup = setup, .results = results };
    const double begin = base_seconds();
    int rc = 0;

    *results = (alx_results){ 0 };
    TRY_DONE(start(&run));
    for (; run.done < run.count; ++run.done) {
        suite_show(&run, "");
        TRY_DONE(try_part(&run, &run.parts[run.done]));
    }
    for (size_t i = 0; i < setup->config_count; ++i)
        TRY_DONE(suite_add_ways(&results->suites[0], setup, &setup->configs[i]));
done:
    for (size_t i = 0; i < results->count; ++i)
        finish(&results->list[i], &results->suites[0]);
    if (results->suites != NULL)
        results->suites[0].seconds = base_seconds() - begin;
    free(run.parts);
    return rc;
}
