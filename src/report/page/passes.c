/* passes.c - where the time of a training step goes: a bar for each layer, a segment for each
 * direction. */
#include "report/page/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"

#define LEAST_SHARE 0.004 /* of the step: what is shorter is put together */

static const char *const directions[] = { "forward", "grad-input", "grad-weight", "update" };

static int direction_of(const char *pass)
{
    for (size_t i = 0; i < ALX_COUNT(directions); ++i)
        if (strcmp(pass, directions[i]) == 0)
            return (int)i;
    return strcmp(pass, "backward") == 0 ? 1 : 0;
}

static double layer_ms(const alx_result *r, const char *layer)
{
    double sum = 0.0;

    for (size_t i = 0; i < r->row_count; ++i)
        if (strcmp(r->rows[i].layer, layer) == 0)
            sum += r->rows[i].median_ms;
    return sum;
}

static page_bar *find_bar(page_bar *bars, size_t *count, const char *label)
{
    for (size_t i = 0; i < *count; ++i)
        if (strcmp(bars[i].label, label) == 0)
            return &bars[i];
    page_bar *bar = &bars[(*count)++];

    *bar = (page_bar){ .segments = ALX_COUNT(directions) };
    snprintf(bar->label, sizeof bar->label, "%s", label);
    for (int i = 0; i < bar->segments; ++i)
        bar->colour[i] = i;
    return bar;
}

/* In the order of the forward pass, the short ones last. */
static size_t make_bars(page_bar *bars, const alx_result *r)
{
    const double whole = alx_result_sum_ms(r);
    size_t count = 0;

    for (int rest = 0; rest < 2; ++rest)
        for (size_t i = 0; i < r->row_count; ++i) {
            const alx_result_row *row = &r->rows[i];
            const bool is_short = layer_ms(r, row->layer) < LEAST_SHARE * whole;

            if (is_short == (rest == 1))
                find_bar(bars, &count, is_short ? "all others" : row->layer)
                    ->segment[direction_of(row->pass)] += row->median_ms;
        }
    for (size_t i = 0; i < count; ++i) {
        double ms = 0.0;

        for (int s = 0; s < bars[i].segments; ++s)
            ms += bars[i].segment[s];
        base_print(bars[i].note, sizeof bars[i].note, "%.*f ms, %.1f %%", ms < 10.0 ? 2 : 1, ms,
                   100.0 * ms / whole);
    }
    return count;
}

static void put_chart(FILE *out, const alx_result *r)
{
    page_bar *bars = calloc(r->row_count, sizeof *bars);

    if (bars == NULL)
        return;
    fputs("<div class=card><b>", out);
    report_page_text(out, r->config);
    base_print_file(out, ", batch %.0f: ", r->batch_size);
    report_page_text(out, report_page_name(r).text);
    base_print_file(out, "</b>, %.1f ms in kernels\n", alx_result_sum_ms(r));
    report_page_key(out, directions, ALX_COUNT(directions));
    report_page_bars(out, bars, make_bars(bars, r), 110);
    fputs("</div>\n", out);
    free(bars);
}

void report_page_passes(FILE *out, const alx_results *results)
{
    bool headed = false;

    for (size_t i = 0; i < results->count; ++i) {
        if (strcmp(results->list[i].kind, "ops") != 0)
            continue;
        if (!headed)
            fputs("<h2>Where the time of a training step goes</h2>\n", out);
        headed = true;
        put_chart(out, &results->list[i]);
    }
}
