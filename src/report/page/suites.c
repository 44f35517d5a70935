/* suites.c - devices side by side: what suites say of them, a column for each. */
#include <string.h>

#include "base/format.h"
#include "base/numbers.h"
#include "base/try.h"
#include "report/page/columns.h"
#include "report/page/page.h"

/* ---- tables -------------------------------------------------------------------------------- */

static void put_cell(FILE *out, const char *text)
{
    fputs("<td>", out);
    report_page_text(out, text[0] != '\0' ? text : "-");
    fputs("</td>", out);
}

static void begin_line(FILE *out, const char *what)
{
    fputs("<tr><td class=l>", out);
    report_page_text(out, what);
    fputs("</td>", out);
}

static void begin_table(FILE *out, const page_columns *columns, const char *corner)
{
    fprintf(out, "<div class=card><table class=d><tr><th class=l>%s</th>", corner);
    for (size_t i = 0; i < columns->count; ++i) {
        fputs("<th>", out);
        report_page_text(out, columns->first[i]->device.name);
        fputs("</th>", out);
    }
    fputs("</tr>\n", out);
}

static void end_table(FILE *out)
{
    fputs("</table></div>\n", out);
}

/* ---- the devices ----------------------------------------------------------------------------- */

/* A fact of a device as text; room for any. */
typedef void say_fact(char text[512], const page_columns *columns, size_t column);

static const alx_suite_device *device_of(const page_columns *columns, size_t column)
{
    return &columns->first[column]->device;
}

static void say_bytes(char text[512], double bytes)
{
    if (bytes > 0.0 && bytes < 1e18)
        snprintf(text, 512, "%s", base_format_bytes((size_t)bytes).text);
}

static void say_number(char text[512], double number, int decimals)
{
    if (number > 0.0)
        base_print(text, 512, "%.*f", decimals, number);
}

static void say_platform(char text[512], const page_columns *columns, size_t column)
{
    snprintf(text, 512, "%s", device_of(columns, column)->platform);
}

static void say_driver(char text[512], const page_columns *columns, size_t column)
{
    snprintf(text, 512, "%s", device_of(columns, column)->driver);
}

static void say_kind(char text[512], const page_columns *columns, size_t column)
{
    const alx_suite_device *d = device_of(columns, column);

    base_print(text, 512, "%s, %.0f units", d->type, d->compute_units);
}

static void say_memory(char text[512], const page_columns *columns, size_t column)
{
    say_bytes(text, device_of(columns, column)->global_bytes);
}

static void say_buffer(char text[512], const page_columns *columns, size_t column)
{
    say_bytes(text, device_of(columns, column)->max_alloc_bytes);
}

static void say_local(char text[512], const page_columns *columns, size_t column)
{
    say_bytes(text, device_of(columns, column)->local_bytes);
}

static void say_group(char text[512], const page_columns *columns, size_t column)
{
    say_number(text, device_of(columns, column)->max_group, 0);
}

static void say_fma(char text[512], const page_columns *columns, size_t column)
{
    say_number(text, report_columns_peak(columns, column, PAGE_FMA), 0);
}

static void say_bandwidth(char text[512], const page_columns *columns, size_t column)
{
    say_number(text, report_columns_peak(columns, column, PAGE_MEMORY), 1);
}

static void say_local_rate(char text[512], const page_columns *columns, size_t column)
{
    say_number(text, report_columns_peak(columns, column, PAGE_LOCAL), 0);
}

static void say_program(char text[512], const page_columns *columns, size_t column)
{
    const alx_suite *suite = columns->first[column];

    snprintf(text, 512, "%s %s " PAGE_COMMIT, suite->program, suite->version, suite->commit);
}

static void say_date(char text[512], const page_columns *columns, size_t column)
{
    snprintf(text, 512, "%.10s", columns->first[column]->date);
}

static void say_files(char text[512], const page_columns *columns, size_t column)
{
    snprintf(text, 512, "%zu", report_columns_files(columns, column));
}

static const struct {
    const char *name;
    say_fact *say;
} facts[] = {
    { "platform", say_platform },
    { "driver", say_driver },
    { "device", say_kind },
    { "memory", say_memory },
    { "largest buffer", say_buffer },
    { "local memory", say_local },
    { "largest group", say_group },
    { "FMA peak, GFLOP/s", say_fma },
    { "memory, GB/s", say_bandwidth },
    { "local memory, GB/s", say_local_rate },
    { "program", say_program },
    { "date", say_date },
    { "files", say_files },
};

static void put_devices(FILE *out, const page_columns *columns)
{
    char text[512];

    begin_table(out, columns, "");
    for (size_t fact = 0; fact < ALX_COUNT(facts); ++fact) {
        begin_line(out, facts[fact].name);
        for (size_t i = 0; i < columns->count; ++i) {
            text[0] = '\0';
            facts[fact].say(text, columns, i);
            put_cell(out, text);
        }
        fputs("</tr>\n", out);
    }
    end_table(out);
}

/* ---- times --------------------------------------------------------------------------------- */

/* The value; below it its share, and how many times as fast as the first column it is. */
static void put_value(FILE *out, const page_work *work, page_value value, const page_value *first)
{
    const bool step = work->row == NULL;

    if (value.shown <= 0.0) {
        put_cell(out, "");
        return;
    }
    fprintf(out, "<td>%s<small>",
            step ? base_format_rate(value.shown).text : base_format_number(value.shown, 3).text);
    if (value.share > 0.0)
        base_print_file(out, "%.0f %%", 100.0 * value.share);
    if (first != NULL && first->shown > 0.0)
        fprintf(
            out, "%s%sx", value.share > 0.0 ? ", " : "",
            base_format_rate(step ? value.shown / first->shown : first->shown / value.shown).text);
    fputs("</small></td>", out);
}

static void put_line(FILE *out, const page_columns *columns, const char *what,
                     const page_work *work)
{
    const page_value first = report_columns_value(columns, 0, work);

    begin_line(out, what);
    put_value(out, work, first, NULL);
    for (size_t i = 1; i < columns->count; ++i)
        put_value(out, work, report_columns_value(columns, i, work), &first);
    fputs("</tr>\n", out);
}

static void put_steps(FILE *out, const page_columns *columns)
{
    char what[128];

    begin_table(out, columns, "images/s");
    for (size_t i = 0; i < columns->results->count; ++i) {
        const alx_result *r = &columns->results->list[i];

        for (int training = 1; training >= 0 && report_columns_is_new(columns, i, "step");
             --training) {
            const page_work work = { r, NULL, training != 0 };

            base_print(what, sizeof what, "%s, batch %.0f, %s", r->config, r->batch_size,
                       training ? "training" : "inference");
            put_line(out, columns, what, &work);
        }
    }
    end_table(out);
}

/* The passes of one config and batch, in the order of the first device that has each. */
static void put_passes_of(FILE *out, const page_columns *columns, const alx_result *like)
{
    const alx_results *results = columns->results;
    char what[80];

    fputs("<details><summary>Passes of a training step of ", out);
    report_page_text(out, like->config);
    base_print_file(out, ", batch %.0f</summary>\n", like->batch_size);
    begin_table(out, columns, "ms");
    for (size_t i = 0; i < results->count; ++i) {
        const alx_result *r = &results->list[i];

        if (!r->in_suite || strcmp(r->kind, like->kind) != 0 || !report_page_same_work(r, like))
            continue;
        for (size_t row = 0; row < r->row_count; ++row) {
            const page_work work = { r, &r->rows[row], true };

            snprintf(what, sizeof what, "%s %s", r->rows[row].layer, r->rows[row].pass);
            if (report_columns_is_new_pass(columns, i, row))
                put_line(out, columns, what, &work);
        }
    }
    end_table(out);
    fputs("</details>\n", out);
}

/* ---- what is wrong or not there -------------------------------------------------------------- */

static void put_failures(FILE *out, const alx_suite *suite)
{
    for (size_t i = 0; i < suite->check_count; ++i) {
        const alx_suite_check *check = &suite->checks[i];

        if (alx_suite_check_passes(check))
            continue;
        fputs("<li>fails: ", out);
        report_page_text(out, check->check);
        base_print_file(out, ", error %.2g, limit %.2g: ", check->error, check->limit);
        report_page_text(out, check->worst);
        fputs("</li>\n", out);
    }
}

static void put_gaps(FILE *out, const alx_suite *suite)
{
    for (size_t i = 0; i < suite->gap_count; ++i) {
        fputs("<li>left out: ", out);
        report_page_text(out, suite->gaps[i].what);
        fputs(": ", out);
        report_page_text(out, suite->gaps[i].why);
        fputs("</li>\n", out);
    }
}

static void put_remarks(FILE *out, const alx_results *results)
{
    fputs("<h3>Checks, and what was not measured</h3><div class=card>\n", out);
    for (size_t i = 0; i < results->suite_count; ++i) {
        const alx_suite *suite = &results->suites[i];

        fputs("<b>", out);
        report_page_text(out, suite->device.name);
        fprintf(out, "</b>: %zu of %zu checks pass<ul>\n",
                suite->check_count - alx_suite_failures(suite), suite->check_count);
        put_failures(out, suite);
        put_gaps(out, suite);
        fputs("</ul>\n", out);
    }
    fputs("</div>\n", out);
}

static void put_section(FILE *out, const page_columns *columns)
{
    const alx_results *results = columns->results;

    fputs("<h2>Devices side by side</h2><p>Medians over the files of a device. Below a rate: its "
          "share of the FMA peak that was measured on the device, counting direct convolution "
          "(one that does fewer multiplications may pass it); below the time of a pass: its "
          "share of the roofline; then how many times as fast as the first device.</p>\n",
          out);
    put_devices(out, columns);
    put_steps(out, columns);
    for (size_t i = 0; i < results->count; ++i)
        if (report_columns_is_new(columns, i, "ops"))
            put_passes_of(out, columns, &results->list[i]);
    put_remarks(out, results);
}

int report_page_suites(FILE *out, const alx_results *results)
{
    page_columns columns = { 0 };
    int rc = 0;

    if (results->suite_count == 0)
        return 0;
    if (report_columns_open(&columns, results))
        put_section(out, &columns);
    else
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %zu suites side by side",
                      results->suite_count);
    report_columns_free(&columns);
    return rc;
}
