/* measure.c - what a benchmark measures, as a result. */
#include "alexnet/dev/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alexnet/dev/ops.h"
#include "base/try.h"

/* ---- what was measured on what --------------------------------------------------------------- */

#define COPY(to, from) snprintf(to, sizeof(to), "%.*s", (int)sizeof(to) - 1, from)

static void describe_devices(alx_result *r, const alx_bench_setup *setup)
{
    const alx_device_info *info = alx_device_get_info(setup->devs[0]);
    const alx_algorithms algorithms = alx_algorithms_resolve(
        setup->algorithms, setup->devs[0], setup->rows != NULL ? setup->rows[0] : NULL);

    COPY(r->platform, info->platform);
    COPY(r->device, info->name);
    COPY(r->driver, info->driver);
    if (setup->dev_count > 1)
        COPY(r->second_device, alx_device_describe(setup->devs[1]));
    COPY(r->conv, alx_conv_algo_name(algorithms.conv));
    COPY(r->gemm, alx_gemm_algo_name(algorithms.gemm));
    r->units = info->compute_units;
}

void alx_result_describe(alx_result *r, const char *kind, const alx_bench_setup *setup)
{
    const time_t now = time(NULL);
    struct tm utc;

    COPY(r->kind, kind);
    gmtime_r(&now, &utc);
    strftime(r->date, sizeof r->date, "%Y-%m-%dT%H:%M:%SZ", &utc);
    COPY(r->config, setup->config->name);
    COPY(r->data, setup->data_path != NULL ? "real" : "made-up");
    r->batch_size = setup->config->train.batch_size;
    r->iterations = setup->iterations;
    describe_devices(r, setup);
}

int alx_result_measure_peaks(alx_result *r, const alx_bench_setup *setup)
{
    double fma_sum = 0.0, memory_sum = 0.0, local_sum = 0.0;

    for (int dev = 0; dev < setup->dev_count; ++dev) {
        alx_device *device = setup->devs[dev];
        double fma = 0.0, memory = 0.0, local = 0.0;

        TRY(alx_bench_fma_peak(&fma, device));
        TRY(alx_bench_memory_peak(&memory, device));
        if (alx_device_get_info(device)->type == ALX_DEVICE_GPU)
            TRY(alx_bench_local_peak(&local, device));
        fma_sum += fma;
        memory_sum += memory;
        local_sum += local;
    }
    r->fma_gflops = fmax(r->fma_gflops, fma_sum);
    r->memory_gbytes_per_s = fmax(r->memory_gbytes_per_s, memory_sum);
    r->local_gbytes_per_s = fmax(r->local_gbytes_per_s, local_sum);
    return 0;
}

/* ---- measuring ----------------------------------------------------------------------------- */

int alx_result_measure_rate(alx_result *r, const alx_bench_setup *setup, bool training)
{
    alx_bench_steps_result steps;
    double flops;

    TRY(alx_bench_flops(&flops, setup->config, training));
    TRY(alx_bench_steps(&steps, setup, training));
    *(training ? &r->train : &r->infer) = (alx_result_rate){
        .images_per_s = 1e3 * setup->config->train.batch_size / steps.times.median_ms,
        .median_ms = steps.times.median_ms,
        .min_ms = steps.times.min_ms,
        .max_ms = steps.times.max_ms,
        .gflops = 1e-6 * flops / steps.times.median_ms,
        .wait_share = steps.wait_share,
        .device_bytes = (double)steps.device_bytes,
        .resident_bytes = (double)steps.resident_bytes,
        .steps = steps.times.count,
    };
    return 0;
}

/* Inference first: the process's most memory only grows. */
static int measure_steps(alx_result *r, const alx_bench_setup *setup)
{
    TRY(alx_result_measure_rate(r, setup, false));
    TRY(alx_result_measure_rate(r, setup, true));
    return alx_result_measure_peaks(r, setup);
}

/* The least time that peak and bandwidth allow is the larger of the two. */
static alx_result_row make_row(const alx_bench_op *op, const alx_result *r)
{
    const double compute_ms = 1e-6 * op->flops / r->fma_gflops;
    const double memory_ms = 1e-6 * op->bytes / r->memory_gbytes_per_s;
    alx_result_row row = {
        .median_ms = op->times.median_ms,
        .min_ms = op->times.min_ms,
        .max_ms = op->times.max_ms,
        .gflops = 1e-6 * op->flops / op->times.median_ms,
        .gbytes_per_s = 1e-6 * op->bytes / op->times.median_ms,
        .roofline = fmax(compute_ms, memory_ms) / op->times.median_ms,
    };

    COPY(row.layer, op->layer);
    COPY(row.pass, op->pass);
    COPY(row.algorithm, op->how);
    COPY(row.limit, compute_ms > memory_ms ? "compute" : "memory");
    return row;
}

/* `step` NULL: alone. */
static int measure_passes(alx_result *r, alx_bench_times *step, const alx_bench_setup *setup,
                          const char *only, void (*on_pass)(size_t done, size_t total))
{
    alx_bench_op *ops = NULL;
    size_t count = 0;
    int rc = 0;

    TRY_DONE(step == NULL ? alx_bench_algos(&ops, &count, setup, only, on_pass)
                          : alx_bench_ops(&ops, &count, step, setup));
    TRY_DONE(alx_result_measure_peaks(r, setup));
    r->rows = calloc(count + 1, sizeof *r->rows);
    if (r->rows == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %zu passes", count);
        goto done;
    }
    for (size_t i = 0; i < count; ++i)
        if (alx_bench_names(only, ops[i].layer, ops[i].pass) && ops[i].times.median_ms > 0.0)
            r->rows[r->row_count++] = make_row(&ops[i], r);
    if (r->row_count == 0)
        rc = alx_fail(ALX_E_USAGE,
                      "%s: nothing to time: another pass does it along with its own "
                      "work, or there is one way to compute it",
                      only != NULL ? only : "all");
done:
    free(ops);
    return rc;
}

int alx_result_measure(alx_result *r, alx_bench_times *step, const alx_bench_setup *setup,
                       const char *only, void (*on_pass)(size_t done, size_t total))
{
    TRY(alx_result_measure_peaks(r, setup));
    if (strcmp(r->kind, "step") == 0)
        return measure_steps(r, setup);
    return measure_passes(r, strcmp(r->kind, "algos") == 0 ? NULL : step, setup, only, on_pass);
}

double alx_result_sum_ms(const alx_result *result)
{
    double sum = 0.0;

    for (size_t i = 0; i < result->row_count; ++i)
        sum += result->rows[i].median_ms;
    return sum;
}
