/* epoch_table.c - a line per epoch while training, in columns; on a terminal that is narrower than
 * they are, three short lines. */
#include "cli/ui/epoch_table.h"

#include <stdio.h>

#include "alexnet/log.h"
#include "base/format.h"
#include "cli/ui/progress.h"

#define OVERFIT_ROWS 10
#define TABLE_COLUMNS 79

/* Six characters, however large. */
static base_cell loss_text(const alx_score *score)
{
    const int decimals = score->loss < 9.99995 ? 4 : score->loss < 99.9995 ? 3 : 2;
    base_cell out = { "-" };

    if (score->images > 0 && score->loss < 999.995)
        snprintf(out.text, sizeof out.text, "%.*f", decimals, score->loss);
    else if (score->images > 0)
        snprintf(out.text, sizeof out.text, "%.2g", score->loss);
    return out;
}

static void print_row(const alx_epoch_metrics *m)
{
    static bool heads_printed;
    const alx_score *t = &m->train, *v = &m->validation;

    if (!heads_printed)
        alx_info("%5s %8s %6s %6s %6s %8s %6s %6s %8s %4s %7s", "epoch", "lr", "loss", "top-1%",
                 "top-5%", "val loss", "top-1%", "top-5%", "images/s", "wait", "time");
    heads_printed = true;
    alx_info("%5zu %8.3g %6s %6s %6s %8s %6s %6s %8s %3.0f%% %7s", m->epoch, m->lr,
             loss_text(t).text, base_format_percent(t->top1, t->images).text,
             base_format_percent(t->top5, t->images).text, loss_text(v).text,
             base_format_percent(v->top1, v->images).text,
             base_format_percent(v->top5, v->images).text, base_format_rate(m->images_s).text,
             100.0 * m->wait_share, base_format_clock(m->seconds).text);
}

static void print_score(const char *name, const alx_score *score)
{
    if (score->images > 0)
        alx_info("  %-5s %s top-1 %s top-5 %s", name, loss_text(score).text,
                 base_format_percent(score->top1, score->images).text,
                 base_format_percent(score->top5, score->images).text);
}

/* At most 40 columns. */
static void print_narrow(const alx_epoch_metrics *m)
{
    alx_info("epoch %zu: %s", m->epoch, base_format_clock(m->seconds).text);
    alx_info("  lr %.3g  %s images/s  wait %.0f%%", m->lr, base_format_rate(m->images_s).text,
             100.0 * m->wait_share);
    print_score("train", &m->train);
    print_score("val", &m->validation);
}

void cli_epoch_row(const alx_epoch_metrics *m, void *user)
{
    const alx_train_options *options = user;

    if (options->overfit_batch && m->epoch % OVERFIT_ROWS != 0) /* an epoch is a step there */
        return;
    if (cli_progress_columns() < TABLE_COLUMNS)
        print_narrow(m);
    else
        print_row(m);
}
