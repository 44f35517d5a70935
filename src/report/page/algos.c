/* algos.c - each pass of a layer with weights, alone: a bar for each algorithm. */
#include "report/page/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "report/result/rows.h"

typedef struct algo_names {
    const char *name[PAGE_COLOURS];
    size_t count;
} algo_names;

/* Colour of an algorithm; beyond the last colour they share it. */
static int name_colour(algo_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; ++i)
        if (strcmp(names->name[i], name) == 0)
            return (int)i;
    if (names->count == PAGE_COLOURS)
        return PAGE_COLOURS - 1;
    names->name[names->count] = name;
    return (int)names->count++;
}

static void make_bar(page_bar *bar, const alx_result *r, size_t index, algo_names *names)
{
    const alx_result_row *row = &r->rows[index];
    const bool first = index == 0 || !report_same_pass(row, row - 1);

    *bar = (page_bar){ .segment = { row->gflops },
                       .segments = 1,
                       .mark = r->fma_gflops,
                       .colour = { name_colour(names, row->algorithm) },
                       .gap = first };
    if (first)
        snprintf(bar->label, sizeof bar->label, "%s %s", row->layer, row->pass);
    base_print(bar->note, sizeof bar->note, "%.0f", row->gflops);
}

static void put_chart(FILE *out, const alx_result *r)
{
    page_bar *bars = calloc(r->row_count, sizeof *bars);
    algo_names names = { .count = 0 };

    if (bars == NULL)
        return;
    for (size_t i = 0; i < r->row_count; ++i)
        make_bar(&bars[i], r, i, &names);
    fputs("<div class=card><b>", out);
    report_page_text(out, r->config);
    base_print_file(out, ", batch %.0f: ", r->batch_size);
    report_page_text(out, report_page_name(r).text);
    fputs("</b>, GFLOP/s\n", out);
    report_page_key(out, names.name, names.count);
    report_page_bars(out, bars, r->row_count, 180);
    fputs("</div>\n", out);
    free(bars);
}

void report_page_algos(FILE *out, const alx_results *results)
{
    bool headed = false;

    for (size_t i = 0; i < results->count; ++i) {
        if (strcmp(results->list[i].kind, "algos") != 0)
            continue;
        if (!headed)
            fputs("<h2>Algorithms, each pass alone</h2><p>GFLOP/s of direct convolution over the "
                  "time that was taken; the line is the FMA peak, which only doing fewer "
                  "multiplications can pass. im2col and clblast are CLBlast's matrix product."
                  "</p>\n",
                  out);
        headed = true;
        put_chart(out, &results->list[i]);
    }
}
