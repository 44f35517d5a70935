/* compare.c - two results side by side: what became slower, and what else differs. */
#include "alexnet/dev/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "base/try.h"
#include "report/result/rows.h"

#define LEAST_SHARE 0.01 /* of the whole time: shorter passes jump about */
#define SAME_PEAK 0.05   /* the device itself was slower or faster */

/* ---- what must be the same, what is only noted ----------------------------------------------- */

static int check_texts(const char *what, const char *baseline, const char *now)
{
    if (strcmp(baseline, now) == 0)
        return 0;
    return alx_fail(ALX_E_DATA, "the baseline is of %s %s, this is %s", what, baseline, now);
}

int alx_result_check_comparable(const alx_result *baseline, const alx_result *now)
{
    TRY(check_texts("bench", baseline->kind, now->kind));
    TRY(check_texts("config", baseline->config, now->config));
    TRY(check_texts("data", baseline->data, now->data));
    if (baseline->batch_size != now->batch_size)
        return alx_fail(ALX_E_DATA, "the baseline is of batch size %.0f, this is %.0f",
                        baseline->batch_size, now->batch_size);
    return 0;
}

static bool is_alike(const alx_result *a, const alx_result *b)
{
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->program, b->program) == 0 &&
           strcmp(a->config, b->config) == 0 && strcmp(a->device, b->device) == 0 &&
           a->batch_size == b->batch_size;
}

int alx_results_find(const alx_result **out, const alx_results *file, const alx_result *now,
                     const char *path)
{
    *out = NULL;
    for (size_t i = 0; i < file->count; ++i) {
        const bool fits = is_alike(&file->list[i], now);

        if (fits && *out != NULL)
            return alx_fail(ALX_E_DATA, "%s holds several results like this one", path);
        if (fits)
            *out = &file->list[i];
    }
    if (*out == NULL && file->count != 1)
        return alx_fail(ALX_E_DATA, "%s holds no result of bench %s %s, batch %.0f, on %s", path,
                        now->kind, now->config, now->batch_size, now->device);
    if (*out == NULL)
        *out = &file->list[0];
    return alx_fail_context(alx_result_check_comparable(*out, now), "%s", path);
}

static void note_text(alx_comparison *out, const char *what, const char *baseline, const char *now)
{
    const size_t used = strlen(out->notes);

    if (strcmp(baseline, now) != 0)
        snprintf(out->notes + used, sizeof out->notes - used, "%s: %.120s, the baseline's %.120s\n",
                 what, now[0] != '\0' ? now : "none", baseline[0] != '\0' ? baseline : "none");
}

static void note_peak(alx_comparison *out, const alx_result *baseline, const alx_result *now)
{
    const size_t used = strlen(out->notes);
    const double ratio = baseline->fma_gflops > 0.0 ? now->fma_gflops / baseline->fma_gflops : 0.0;

    if (ratio > 0.0 && fabs(ratio - 1.0) > SAME_PEAK)
        base_print(out->notes + used, sizeof out->notes - used,
                   "FMA peak: %.0f GFLOP/s, the baseline's %.0f: the device itself was %s\n",
                   now->fma_gflops, baseline->fma_gflops, ratio < 1.0 ? "slower" : "faster");
}

static void note_units(alx_comparison *out, const alx_result *baseline, const alx_result *now)
{
    const size_t used = strlen(out->notes);

    if (baseline->units > 0.0 && now->units > 0.0 && baseline->units != now->units)
        base_print(out->notes + used, sizeof out->notes - used,
                   "compute units: %.0f, the baseline's %.0f\n", now->units, baseline->units);
}

static void note_differences(alx_comparison *out, const alx_result *baseline, const alx_result *now)
{
    note_text(out, "program", baseline->program, now->program);
    note_text(out, "platform", baseline->platform, now->platform);
    note_text(out, "device", baseline->device, now->device);
    note_text(out, "second device", baseline->second_device, now->second_device);
    note_units(out, baseline, now);
    note_text(out, "driver", baseline->driver, now->driver);
    note_text(out, "convolution", baseline->conv, now->conv);
    note_text(out, "matrix product", baseline->gemm, now->gemm);
    note_peak(out, baseline, now);
}

/* ---- rows ---------------------------------------------------------------------------------- */

static void add_row(alx_comparison *out, const char *what, double baseline_ms, double now_ms,
                    double whole_ms, double threshold)
{
    alx_comparison_row *row = &out->rows[out->count++];

    *row = (alx_comparison_row){
        .baseline_ms = baseline_ms,
        .now_ms = now_ms,
        .speed = baseline_ms / now_ms,
        .counts = baseline_ms >= LEAST_SHARE * whole_ms,
    };
    snprintf(row->what, sizeof row->what, "%s", what);
    row->slower = row->counts && now_ms > baseline_ms * (1.0 + threshold);
    out->slower += row->slower;
}

static void add_rate(alx_comparison *out, const char *what, const alx_result_rate *baseline,
                     const alx_result_rate *now, double threshold)
{
    if (baseline->images_per_s > 0.0 && now->images_per_s > 0.0)
        add_row(out, what, baseline->median_ms, now->median_ms, baseline->median_ms, threshold);
}

/* Passes inside a step are those of one program, whatever kernels they ran; alone, each algorithm
 * is a measurement of its own. */
static const alx_result_row *find_row(const alx_result *result, const alx_result_row *wanted)
{
    const bool alone = strcmp(result->kind, "algos") == 0;

    for (size_t i = 0; i < result->row_count; ++i) {
        const alx_result_row *row = &result->rows[i];

        if (report_same_pass(row, wanted) &&
            (!alone || strcmp(row->algorithm, wanted->algorithm) == 0))
            return row;
    }
    return NULL;
}

static void add_rows(alx_comparison *out, const alx_result *baseline, const alx_result *now,
                     double threshold)
{
    double whole_ms = 0.0;
    char what[128];

    for (size_t i = 0; i < baseline->row_count; ++i)
        whole_ms += baseline->rows[i].median_ms;
    for (size_t i = 0; i < now->row_count; ++i) {
        const alx_result_row *row = &now->rows[i], *old = find_row(baseline, row);

        if (old == NULL)
            continue;
        snprintf(what, sizeof what, "%.47s %.15s%s%.60s", row->layer, row->pass,
                 row->algorithm[0] != '\0' ? " " : "", row->algorithm);
        add_row(out, what, old->median_ms, row->median_ms, whole_ms, threshold);
    }
}

int alx_result_compare(alx_comparison *out, const alx_result *baseline, const alx_result *now,
                       double threshold)
{
    *out = (alx_comparison){ 0 };
    TRY(alx_result_check_comparable(baseline, now));
    out->rows = calloc(now->row_count + 2, sizeof *out->rows);
    if (out->rows == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a comparison");
    note_differences(out, baseline, now);
    add_rate(out, "training", &baseline->train, &now->train, threshold);
    add_rate(out, "inference", &baseline->infer, &now->infer, threshold);
    add_rows(out, baseline, now, threshold);
    if (out->count == 0)
        return alx_fail(ALX_E_DATA, "nothing is both in the baseline and measured now");
    return 0;
}

void alx_comparison_free(alx_comparison *comparison)
{
    free(comparison->rows);
    *comparison = (alx_comparison){ 0 };
}
