/* epoch_table.c - a line per epoch while training, in columns. */
#include "cli/epoch_table.h"

#include <stdio.h>

#include "cli/format.h"

#define OVERFIT_ROWS 10

static cli_text share_text(size_t right, size_t images)
{
    cli_text out = { "-" };

    if (images > 0)
        snprintf(out.text, sizeof out.text, "%.2f%%", 100.0 * (double)right / (double)images);
    return out;
}

static cli_text loss_text(const alx_score *score)
{
    cli_text out = { "-" };

    if (score->images > 0)
        snprintf(out.text, sizeof out.text, "%.4f", score->loss);
    return out;
}

void cli_epoch_row(const alx_epoch_metrics *m, void *user)
{
    static bool heads_printed;
    const alx_train_options *options = user;
    const alx_score *t = &m->train, *v = &m->validation;

    if (options->overfit_batch && m->epoch % OVERFIT_ROWS != 0) /* an epoch is a step there */
        return;
    if (!heads_printed) {
        alx_info("%5s  %9s  %8s  %7s  %7s  %8s  %7s  %7s  %8s  %4s  %7s", "epoch", "lr", "loss",
                 "top-1", "top-5", "val loss", "top-1", "top-5", "images/s", "wait", "time");
        heads_printed = true;
    }
    alx_info("%5zu  %9.4g  %8s  %7s  %7s  %8s  %7s  %7s  %8s  %3.0f%%  %7s", m->epoch, m->lr,
             loss_text(t).text, share_text(t->top1, t->images).text,
             share_text(t->top5, t->images).text, loss_text(v).text,
             share_text(v->top1, v->images).text, share_text(v->top5, v->images).text,
             cli_rate(m->images_s).text, 100.0 * m->wait_share, cli_clock(m->seconds).text);
}
