/* steps.c - images per second of whole steps, all results of one config and batch together. */
#include "report/page/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"

#define CHARACTER 7.3 /* of a label, in units of the chart */
#define MOST_LABEL 480.0

/* Two bars a result: training, inference. */
enum { TRAINING, INFERENCE };

static const alx_result_rate *rate_of(const alx_result *r, int what)
{
    return what == TRAINING ? &r->train : &r->infer;
}

/* What direct convolution could do at most: the mark tells who does fewer multiplications. */
static double direct_limit(const alx_result *r, const alx_result_rate *rate)
{
    return rate->gflops > 0.0 ? r->fma_gflops * rate->images_per_s / rate->gflops : 0.0;
}

static bool is_ours(const alx_result *r)
{
    return strcmp(r->program, "alexnet") == 0;
}

/* The best rate of the other programs on this work: of those that were measured along with it, in
 * its file, or else of all; 0 if there is none. */
static double best_other(const alx_results *results, const alx_result *like, int what)
{
    double best = 0.0, along = 0.0;

    for (size_t i = 0; i < results->count; ++i) {
        const alx_result *r = &results->list[i];
        const double rate = rate_of(r, what)->images_per_s;

        if (is_ours(r) || !report_page_same_work(r, like))
            continue;
        best = rate > best ? rate : best;
        along = r->file == like->file && rate > along ? rate : along;
    }
    return along > 0.0 ? along : best;
}

/* Of the same work and the same name. */
static bool is_namesake(const alx_result *r, const alx_result *like)
{
    return r != like && report_page_same_work(r, like) && strcmp(r->kind, like->kind) == 0 &&
           strcmp(report_page_name(r).text, report_page_name(like).text) == 0;
}

static const alx_result *find_namesake(const alx_results *results, const alx_result *like)
{
    for (size_t i = 0; i < results->count; ++i)
        if (is_namesake(&results->list[i], like))
            return &results->list[i];
    return NULL;
}

/* How many namesakes come before it, and itself. */
static int number_of(const alx_results *results, const alx_result *r)
{
    int number = 1;

    for (const alx_result *other = results->list; other < r; ++other)
        number += is_namesake(other, r);
    return number;
}

/* Those of one name are told apart by the time, which is to the minute, else by the commit, else by
 * their order. */
static void put_label(page_bar *bar, const alx_results *results, const alx_result *r)
{
    const alx_result *other = find_namesake(results, r);
    const page_name name = report_page_name(r);

    if (other != NULL && strncmp(other->date, r->date, 16) != 0 && strlen(r->date) >= 16)
        snprintf(bar->label, sizeof bar->label, "%.70s, %.5s %.5s", name.text, r->date + 5,
                 r->date + 11);
    else if (other != NULL && strcmp(other->commit, r->commit) == 0)
        snprintf(bar->label, sizeof bar->label, "%.70s, no. %d", name.text, number_of(results, r));
    else if (other != NULL && r->commit[0] != '\0')
        snprintf(bar->label, sizeof bar->label, "%.70s, " PAGE_COMMIT, name.text, r->commit);
    else
        snprintf(bar->label, sizeof bar->label, "%.95s", name.text);
}

static page_bar make_bar(const alx_results *results, const alx_result *r, int what)
{
    const alx_result_rate *rate = rate_of(r, what);
    const double other = best_other(results, r, what);
    page_bar bar = { .segment = { rate->images_per_s },
                     .colour = { is_ours(r) ? 0 : 7 },
                     .segments = 1,
                     .mark = direct_limit(r, rate),
                     .gap = true };
    char ratio[48] = "";

    if (is_ours(r) && other > 0.0)
        base_print(ratio, sizeof ratio, " (%.1fx)", rate->images_per_s / other);
    put_label(&bar, results, r);
    base_print(bar.note, sizeof bar.note, "%.*f%s", rate->images_per_s < 10.0 ? 2 : 1,
               rate->images_per_s, ratio);
    return bar;
}

static void put_chart(FILE *out, const alx_results *results, size_t first, page_bar *bars, int what)
{
    const alx_result *like = &results->list[first];
    size_t count = 0, longest = 0;

    for (size_t i = first; i < results->count; ++i)
        if (report_page_same_work(&results->list[i], like) &&
            rate_of(&results->list[i], what)->images_per_s > 0.0) {
            bars[count] = make_bar(results, &results->list[i], what);
            longest = strlen(bars[count].label) > longest ? strlen(bars[count].label) : longest;
            ++count;
        }
    if (count == 0)
        return;
    fprintf(out, "<h3>%s, images/s</h3>\n", what == TRAINING ? "Training" : "Inference");
    report_page_bars(out, bars, count, (int)fmin(CHARACTER * (double)longest + 8.0, MOST_LABEL));
}

static bool is_step(const alx_result *r)
{
    return strcmp(r->kind, "step") == 0;
}

/* Whether an earlier result's chart has it already. */
static bool is_shown(const alx_results *results, size_t index)
{
    for (size_t i = 0; i < index; ++i)
        if (is_step(&results->list[i]) &&
            report_page_same_work(&results->list[i], &results->list[index]))
            return true;
    return false;
}

void report_page_steps(FILE *out, const alx_results *results)
{
    page_bar *bars = calloc(results->count, sizeof *bars);
    bool headed = false;

    for (size_t i = 0; i < results->count && bars != NULL; ++i) {
        const alx_result *r = &results->list[i];

        if (!is_step(r) || is_shown(results, i))
            continue;
        if (!headed)
            fputs("<h2>Whole steps</h2><p>The upright line of a bar is what direct convolution "
                  "could reach at the FMA peak that was measured beside it. Where other programs "
                  "were measured, brackets say how many times the best of them in the same file "
                  "(of all files where it has none).</p>\n",
                  out);
        headed = true;
        fputs("<div class=card><b>", out);
        report_page_text(out, r->config);
        base_print_file(out, ", batch %.0f</b>\n", r->batch_size);
        put_chart(out, results, i, bars, TRAINING);
        put_chart(out, results, i, bars, INFERENCE);
        fputs("</div>\n", out);
    }
    free(bars);
}
