/* page.c - results of benchmarks as one page that needs nothing else: who measured what, and the
 * numbers as tables. */
#include "report/page/page.h"

#include <string.h>

#include "base/numbers.h"
#include "base/try.h"

/* ---- cells --------------------------------------------------------------------------------- */

static void put_cell(FILE *out, const char *text)
{
    fputs("<td class=l>", out);
    report_page_text(out, text);
    fputs("</td>", out);
}

/* Nothing where the number is not known. */
static void put_number(FILE *out, int decimals, double value)
{
    if (value > 0.0)
        base_print_file(out, "<td>%.*f</td>", decimals, value);
    else
        fputs("<td></td>", out);
}

static int rate_decimals(double rate)
{
    return rate < 10.0 ? 2 : rate < 100.0 ? 1 : 0;
}

/* ---- who measured -------------------------------------------------------------------------- */

static void put_source(FILE *out, const alx_result *r)
{
    char program[160], driver[300], date[11];

    fputs("<tr>", out);
    snprintf(program, sizeof program, "%s %s " PAGE_COMMIT, r->program, r->version, r->commit);
    put_cell(out, program);
    put_cell(out, r->device);
    snprintf(driver, sizeof driver, "%s %s", r->platform, r->driver);
    put_cell(out, driver);
    put_cell(out, r->kind);
    put_cell(out, r->config);
    put_number(out, 0, r->batch_size);
    put_number(out, 0, r->fma_gflops);
    put_number(out, 1, r->memory_gbytes_per_s);
    snprintf(date, sizeof date, "%.10s", r->date);
    fputs("<td>", out); /* on one line */
    report_page_text(out, date);
    fputs("</td></tr>\n", out);
}

/* Suites have a table of their own. */
static void put_sources(FILE *out, const alx_results *results)
{
    size_t count = 0;

    for (size_t i = 0; i < results->count; ++i)
        count += !results->list[i].in_suite;
    if (count == 0)
        return;
    fputs("<h2>What was measured</h2><div class=card><table><tr><th class=l>program</th>"
          "<th class=l>device</th><th class=l>platform</th><th class=l>bench</th>"
          "<th class=l>config</th><th>batch</th>"
          "<th>FMA GFLOP/s</th><th>GB/s</th><th>date</th></tr>\n",
          out);
    for (size_t i = 0; i < results->count; ++i)
        if (!results->list[i].in_suite)
            put_source(out, &results->list[i]);
    fputs("</table></div>\n", out);
}

#define MIB 1048576.0

/* ---- numbers of the steps -------------------------------------------------------------------- */

static void put_rate(FILE *out, const alx_result *r, const char *what, const alx_result_rate *rate)
{
    if (rate->images_per_s == 0.0)
        return;
    fputs("<tr>", out);
    put_cell(out, report_page_name(r).text);
    put_cell(out, r->config);
    put_number(out, 0, r->batch_size);
    put_cell(out, what);
    put_number(out, rate_decimals(rate->images_per_s), rate->images_per_s);
    put_number(out, 1, rate->median_ms);
    put_number(out, 1, rate->min_ms);
    put_number(out, 1, rate->max_ms);
    put_number(out, 0, rate->gflops);
    put_number(out, 0, r->fma_gflops > 0.0 ? 100.0 * rate->gflops / r->fma_gflops : 0.0);
    put_number(out, 1, 100.0 * rate->wait_share);
    put_number(out, 0, rate->device_bytes / MIB);
    put_number(out, 0, rate->resident_bytes / MIB);
    fputs("</tr>\n", out);
}

static void put_steps(FILE *out, const alx_results *results)
{
    fputs("<details><summary>Steps in numbers</summary><div class=card><table><tr>"
          "<th class=l>program</th><th class=l>config</th><th>batch</th><th class=l>what</th>"
          "<th>images/s</th><th>median ms</th><th>min</th><th>max</th><th>GFLOP/s</th>"
          "<th>% of FMA peak</th><th>% wait</th><th>MiB on device</th><th>MiB of RAM</th></tr>\n",
          out);
    for (size_t i = 0; i < results->count; ++i) {
        put_rate(out, &results->list[i], "training", &results->list[i].train);
        put_rate(out, &results->list[i], "inference", &results->list[i].infer);
    }
    fputs("</table></div></details>\n", out);
}

/* ---- numbers of the passes ------------------------------------------------------------------- */

static void put_pass(FILE *out, const alx_result_row *row)
{
    fputs("<tr>", out);
    put_cell(out, row->layer);
    put_cell(out, row->pass);
    put_cell(out, row->algorithm);
    put_number(out, 3, row->median_ms);
    put_number(out, 3, row->min_ms);
    put_number(out, 3, row->max_ms);
    put_number(out, 0, row->gflops);
    put_number(out, 1, row->gbytes_per_s);
    put_number(out, 0, 100.0 * row->roofline);
    put_cell(out, row->limit);
    fputs("</tr>\n", out);
}

static void put_passes(FILE *out, const alx_result *r)
{
    if (r->row_count == 0)
        return;
    fputs("<details><summary>Passes in numbers: ", out);
    report_page_text(out, report_page_name(r).text);
    fputs(", bench ", out);
    report_page_text(out, r->kind);
    putc(' ', out);
    report_page_text(out, r->config);
    base_print_file(
        out,
        ", batch %.0f</summary><div class=card><table><tr><th class=l>layer</th>"
        "<th class=l>pass</th><th class=l>how</th><th>median ms</th><th>min</th><th>max</th>"
        "<th>GFLOP/s</th><th>GB/s</th><th>roofline %%</th><th class=l>limit</th></tr>\n",
        r->batch_size);
    for (size_t i = 0; i < r->row_count; ++i)
        put_pass(out, &r->rows[i]);
    fputs("</table></div></details>\n", out);
}

/* ---- the page ------------------------------------------------------------------------------ */

static int put_page(FILE *out, const void *user)
{
    const alx_results *results = user;

    fprintf(out,
            "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
            "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
            "<title>AlexNet benchmarks</title>\n<style>\n%s</style></head><body>\n"
            "<h1>AlexNet benchmarks</h1>\n<p>Medians. Made by <code>alexnet bench report</code>."
            "</p>\n",
            report_page_style);
    TRY(report_page_suites(out, results));
    put_sources(out, results);
    report_page_steps(out, results);
    put_steps(out, results);
    report_page_passes(out, results);
    report_page_rooflines(out, results);
    report_page_algos(out, results);
    for (size_t i = 0; i < results->count; ++i)
        put_passes(out, &results->list[i]);
    fputs("</body></html>\n", out);
    return 0;
}

int alx_report_html(const char *path, const alx_results *results)
{
    return report_page_write(path, put_page, results);
}
