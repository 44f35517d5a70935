/* parts.c - what a suite consists of, and how long it will take. */
#include "suite/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/try.h"

#define CHECK_SECONDS 30.0
#define PEAKS_SECONDS 5.0
#define START_SECONDS 2.0  /* of a network: memory, weights, kernels */
#define SHARE_OF_PEAK 0.25 /* before anything was timed */

static const int batches[] = { 1, 32, ALX_SUITE_BATCH, 512 };

/* ---- the list ------------------------------------------------------------------------------ */

static int count_flops(suite_part *part)
{
    alx_config *config = malloc(sizeof *config);
    int rc = 0;

    if (config == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a config");
    *config = *part->config;
    config->train.batch_size = part->batch;
    rc = alx_bench_flops(&part->flops, config, part->training);
    free(config);
    return rc;
}

static int add_part(suite_run *run, suite_part part)
{
    TRY(count_flops(&part));
    run->parts[run->count++] = part;
    return 0;
}

/* Passes are last: the events that time them stay on. */
int suite_list_parts(suite_run *run)
{
    const alx_suite_setup *setup = run->setup;

    run->parts = calloc(2 + setup->config_count * (2 * ALX_COUNT(batches) + 1), sizeof *run->parts);
    if (run->parts == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the parts of a suite");
    run->parts[run->count++].kind = SUITE_CHECK;
    run->parts[run->count++].kind = SUITE_PEAKS;
    for (size_t i = 0; i < setup->config_count; ++i)
        for (size_t j = 0; j < 2 * ALX_COUNT(batches); ++j)
            TRY(add_part(run, (suite_part){ SUITE_STEPS, &setup->configs[i], batches[j / 2],
                                            j % 2 != 0, 0.0 }));
    for (size_t i = 0; i < setup->config_count; ++i)
        TRY(add_part(run,
                     (suite_part){ SUITE_PASSES, &setup->configs[i], ALX_SUITE_BATCH, true, 0.0 }));
    return 0;
}

void suite_part_name(char name[128], const suite_part *part)
{
    switch (part->kind) {
    case SUITE_CHECK:
        snprintf(name, 128, "check");
        break;
    case SUITE_PEAKS:
        snprintf(name, 128, "peaks");
        break;
    case SUITE_STEPS:
        snprintf(name, 128, "%.60s, batch %d, %s", part->config->name, part->batch,
                 part->training ? "training" : "inference");
        break;
    case SUITE_PASSES:
        snprintf(name, 128, "%.60s, batch %d, passes", part->config->name, part->batch);
        break;
    }
}

/* ---- time ---------------------------------------------------------------------------------- */

double suite_step_seconds(const suite_run *run, const suite_part *part)
{
    const double peak = run->results->suites[0].fma_gflops;
    const double gflops = run->gflops > 0.0 ? run->gflops : SHARE_OF_PEAK * peak;

    return gflops > 0.0 ? 1e-9 * part->flops / gflops : 0.0;
}

static double part_seconds(const suite_run *run, const suite_part *part)
{
    const double step = suite_step_seconds(run, part), limit = run->setup->seconds;

    if (part->kind == SUITE_CHECK)
        return CHECK_SECONDS;
    if (part->kind == SUITE_PEAKS)
        return PEAKS_SECONDS;
    if (step > limit)
        return 0.0;
    return START_SECONDS + step + fmin(SUITE_STEPS_TIMED * step, limit + step);
}

void suite_show(const suite_run *run, const char *more)
{
    char name[128], task[192];
    double eta = 0.0;

    if (run->setup->on_task == NULL)
        return;
    for (size_t i = run->done; i < run->count; ++i)
        eta += part_seconds(run, &run->parts[i]);
    suite_part_name(name, &run->parts[run->done]);
    snprintf(task, sizeof task, "%s%s%.40s", name, more[0] != '\0' ? ": " : "", more);
    run->setup->on_task(task, run->done, run->count, eta, run->setup->user);
}
