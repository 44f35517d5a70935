/* train_text.c - what a training run prints: before it starts, of every epoch, after it ends; its
 * pictures. */
#include "cli/ui/train_text.h"

#include <stdio.h>

#include "alexnet/dev/report.h"
#include "alexnet/log.h"
#include "base/format.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/progress.h"

#define OVERFIT_ROWS 10
#define TABLE_COLUMNS 79

/* Where a checkpoint's algorithms rule, the head of the run has said others. */
static void print_algorithms(const alx_net *net, const alx_train_options *options)
{
    const alx_rows *rows = options->rows != NULL ? options->rows[0] : NULL;
    const alx_algorithms now = alx_net_algorithms(net);
    const alx_algorithms said = alx_algorithms_resolve(options->algorithms, alx_net_device(net, 0),
                                                       rows);

    if (options->resume != NULL && alx_net_dev_count(net) == 1 &&
        (now.conv != said.conv || now.gemm != said.gemm))
        alx_info("algorithms  conv %s, gemm %s, as the checkpoint was trained",
                 alx_conv_algo_name(now.conv), alx_gemm_algo_name(now.gemm));
}

/* The data are there and the network is made: now there will be a run. */
void cli_print_net(const alx_net *net, void *user)
{
    const alx_train_options *options = user;

    print_algorithms(net, options);
    alx_info("run         %s", options->run_dir);
    for (int dev = 0; dev < alx_net_dev_count(net); ++dev) {
        const alx_memory_plan m = alx_net_plan(net, dev);

        alx_debug("memory %s: parameters %s, gradients %s, momentum %s, activations %s, scratch %s",
                  base_format_bytes(m.total).text, base_format_bytes(m.parameters).text,
                  base_format_bytes(m.gradients).text, base_format_bytes(m.momentum).text,
                  base_format_bytes(m.activations).text, base_format_bytes(m.scratch).text);
    }
}

int cli_print_run_head(const alx_train_options *options, const cli_devices *devices)
{
    static const char *const schedules[] = {
        [ALX_SCHEDULE_CONSTANT] = "constant", [ALX_SCHEDULE_PLATEAU] = "plateau",
        [ALX_SCHEDULE_STEP] = "step",         [ALX_SCHEDULE_MULTISTEP] = "multistep",
        [ALX_SCHEDULE_COSINE] = "cosine",
    };
    const alx_config *config = &options->config;
    const alx_net_config *net = &config->net;
    const alx_train_config *train = &config->train;
    char passes[48] = "";
    alx_cost cost;

    TRY(alx_net_cost(&cost, net));
    alx_info("network     %s: %dx%dx%d to %d class%s, %d tower%s, %s parameters, %s MACs an "
             "image",
             config->name, net->channels, net->height, net->width, net->classes,
             net->classes == 1 ? "" : "es", net->towers, net->towers == 1 ? "" : "s",
             base_format_count(cost.parameters).text, base_format_count(cost.macs).text);
    if (train->shards > 0)
        snprintf(passes, sizeof passes, " x %d in %d shards", train->grad_accum,
                 alx_pass_count(train));
    else if (train->grad_accum > 1)
        snprintf(passes, sizeof passes, " x %d", train->grad_accum);
    alx_info("training    %d epoch%s, batch %d%s, lr %g %s, momentum %g, decay %g, seed %u",
             train->epochs, train->epochs == 1 ? "" : "s", train->batch_size, passes,
             train->lr * alx_lr_factor(train), schedules[train->schedule], train->momentum,
             train->weight_decay, train->seed);
    return cli_hint_tuning(devices, config);
}

/* ---- an epoch: a line in columns, on a narrower terminal three short ones -------------------- */

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

/* ---- the end --------------------------------------------------------------------------------- */

static void print_test(const alx_train_result *result)
{
    const alx_score *score = &result->test;

    if (score->images == 0)
        return;
    printf("test: loss %.4f, top-1 %s %%, top-5 %s %% of %s images, best epoch %zu%s\n",
           score->loss, base_format_percent(score->top1, score->images).text,
           base_format_percent(score->top5, score->images).text,
           base_format_count(score->images).text, result->best_epoch,
           result->test_is_validation ? " (chosen on the same images)" : "");
}

static int draw_pictures(const alx_train_options *options)
{
    char checkpoint[PATH_MAX];

    TRY(alx_run_plot_curves(options->run_dir, options->run_dir));
    if (options->diagnose)
        TRY(alx_run_plot_diagnosis(options->run_dir, options->run_dir));
    TRY(alx_checkpoint_find(checkpoint, options->run_dir, ALX_CHECKPOINT_LAST));
    return alx_run_plot_filters(options->run_dir, checkpoint);
}

static void print_work(const alx_train_result *result)
{
    const base_cell device = base_format_bytes(result->device_bytes);

    if (result->updates == 0) {
        alx_info("done        step %zu, nothing to train", result->steps);
        alx_info("memory      %s on the device", device.text);
        return;
    }
    alx_info("done        step %zu after %s, first step after %s, last loss %.4f", result->steps,
             base_format_clock(result->seconds).text,
             base_format_clock(result->first_step_seconds).text, result->last_loss);
    alx_info("memory      %s on the device, %s of RAM at most in a step", device.text,
             base_format_bytes(result->step_resident_bytes).text);
}

int cli_print_run_end(const alx_train_options *options, const alx_train_result *result)
{
    print_work(result);
    if (options->check_every > 0 && result->checks == 0)
        alx_warn("--check-every %zu: no update was compared, the run had %zu", options->check_every,
                 result->updates);
    print_test(result); /* before the pictures, which a full disk may refuse */
    TRY(draw_pictures(options));
    alx_info("run         %s", options->run_dir);
    return 0;
}
