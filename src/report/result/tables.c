/* tables.c - results of benchmarks as tables for people. */
#include "alexnet/dev/report.h"

#include <string.h>

#include "base/format.h"
#include "base/name_write.h"
#include "base/numbers.h"

#define WIDE_COLUMNS 112 /* of a line that tells all */

/* Where a table goes. On a terminal where lines would break some columns are left out. */
typedef struct table {
    FILE *out;
    bool narrow;
} table;

static void print_peaks(const table *t, const alx_result *r)
{
    base_print_file(t->out, "measured   FMA %.0f GFLOP/s", r->fma_gflops);
    if (r->memory_gbytes_per_s > 0.0)
        base_print_file(t->out, ", memory %.1f GB/s", r->memory_gbytes_per_s);
    if (r->local_gbytes_per_s > 0.0)
        base_print_file(t->out, ", local memory %.0f GB/s", r->local_gbytes_per_s);
    base_print_file(t->out, "\n");
}

/* ---- steps --------------------------------------------------------------------------------- */

static void print_rate(const table *t, const char *what, const alx_result *r,
                       const alx_result_rate *rate)
{
    base_print_file(t->out, "%-10s %9s %11.1f", what, base_format_rate(rate->images_per_s).text,
                    rate->median_ms);
    if (!t->narrow)
        base_print_file(t->out, " %9.1f %9.1f", rate->min_ms, rate->max_ms);
    base_print_file(t->out, " %9.0f %8.0f%% %11s %9s", rate->gflops,
                    100.0 * rate->gflops / r->fma_gflops,
                    base_format_bytes((size_t)rate->device_bytes).text,
                    base_format_bytes((size_t)rate->resident_bytes).text);
    if (strcmp(r->data, "real") == 0)
        base_print_file(t->out, " %5.1f%%", 100.0 * rate->wait_share);
    base_print_file(t->out, "\n");
}

static void print_steps(const table *t, const alx_result *r)
{
    base_name_print(t->out, r->config, BASE_NAME_LINE);
    base_print_file(t->out, ", batch %.0f, median of %.0f steps\n", r->batch_size, r->iterations);
    print_peaks(t, r);
    base_print_file(t->out, "%-10s %9s %11s", "", "images/s", "median ms");
    if (!t->narrow)
        base_print_file(t->out, " %9s %9s", "min", "max");
    base_print_file(t->out, " %9s %9s %11s %9s%s\n", "GFLOP/s", "of peak", "on device", "RAM",
                    strcmp(r->data, "real") == 0 ? "   wait" : "");
    print_rate(t, "training", r, &r->train);
    print_rate(t, "inference", r, &r->infer);
}

/* ---- passes -------------------------------------------------------------------------------- */

static void print_row(const table *t, const alx_result_row *row, double whole_ms)
{
    char name[72];

    snprintf(name, sizeof name, "%s %s", row->layer, row->pass);
    base_print_file(t->out, "%-20s %9.3f", name, row->median_ms);
    if (!t->narrow)
        base_print_file(t->out, " %9.3f %9.3f", row->min_ms, row->max_ms);
    if (whole_ms > 0.0)
        base_print_file(t->out, " %5.1f%%", 100.0 * row->median_ms / whole_ms);
    base_print_file(t->out, " %8s", base_format_number(row->gflops, 0).text);
    if (!t->narrow)
        base_print_file(t->out, " %7s", base_format_number(row->gbytes_per_s, 1).text);
    if (row->roofline > 0.0)
        base_print_file(t->out, " %7.0f%%", 100.0 * row->roofline);
    else
        base_print_file(t->out, " %8s", "-");
    if (!t->narrow)
        base_print_file(t->out, "  %-7s", row->roofline > 0.0 ? row->limit : "");
    base_print_file(t->out, "  %s\n", row->algorithm);
}

static void print_pass_heads(const table *t, bool inside)
{
    base_print_file(t->out, "%-20s %9s", "", "median ms");
    if (!t->narrow)
        base_print_file(t->out, " %9s %9s", "min", "max");
    base_print_file(t->out, "%s %8s", inside ? "  share" : "", "GFLOP/s");
    if (!t->narrow)
        base_print_file(t->out, " %7s", "GB/s");
    base_print_file(t->out, " %8s", "roofline");
    if (!t->narrow)
        base_print_file(t->out, "  %-7s", "limit");
    base_print_file(t->out, "  %s\n", inside ? "kernel" : "algorithm");
}

static void print_passes(const table *t, const alx_result *r, const alx_bench_times *step)
{
    const bool inside = strcmp(r->kind, "ops") == 0;

    base_name_print(t->out, r->config, BASE_NAME_LINE);
    base_print_file(t->out, ", batch %.0f, %s, median of %.0f\n", r->batch_size,
                    inside ? "passes of a training step" : "passes alone", r->iterations);
    print_peaks(t, r);
    print_pass_heads(t, inside);
    for (size_t i = 0; i < r->row_count; ++i)
        print_row(t, &r->rows[i], inside ? step->median_ms : 0.0);
    if (inside)
        base_print_file(t->out, "%-20s %9.3f of a step of %.3f ms (min %.3f, max %.3f)\n", "sum",
                        alx_result_sum_ms(r), step->median_ms, step->min_ms, step->max_ms);
}

/* ---- own kernels against CLBlast ------------------------------------------------------------- */

static void print_duels(const table *t, const alx_result *r)
{
    const alx_result_row *own, *clblast;

    base_print_file(t->out, "\n%-20s %12s %12s %8s\n", "", "own ms", "CLBlast ms", "faster");
    for (size_t i = 0; i < r->row_count;) {
        i = alx_result_fastest(&own, &clblast, r, i);
        if (own == NULL || clblast == NULL)
            continue;
        base_print_file(t->out, "%-6s %-13s %12.3f %12.3f %7.2fx  %s\n", own->layer, own->pass,
                        own->median_ms, clblast->median_ms, clblast->median_ms / own->median_ms,
                        own->algorithm);
    }
}

void alx_result_print(FILE *out, const alx_result *result, const alx_bench_times *step, int columns)
{
    const table whole = { out, columns > 0 && columns < WIDE_COLUMNS }, *t = &whole;

    if (strcmp(result->kind, "step") == 0)
        print_steps(t, result);
    else
        print_passes(t, result, step);
    if (strcmp(result->kind, "algos") == 0)
        print_duels(t, result);
}

/* ---- comparison ---------------------------------------------------------------------------- */

void alx_comparison_print(FILE *out, const alx_comparison *c, double threshold)
{
    base_print_file(out, "\n%-36s %12s %12s %8s\n", "against the baseline", "baseline ms", "now ms",
                    "speed");
    for (size_t i = 0; i < c->count; ++i) {
        const alx_comparison_row *row = &c->rows[i];

        base_print_file(out, "%-36s %12.3f %12.3f %7.2fx%s\n", row->what, row->baseline_ms,
                        row->now_ms, row->speed,
                        row->slower   ? "  slower"
                        : row->counts ? ""
                                      : "  too short to count");
    }
    if (c->slower == 0)
        base_print_file(out, "nothing is more than %g %% slower\n", 100.0 * threshold);
}
