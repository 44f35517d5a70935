/* train_text.c - what a training run prints before it starts and after it ends; its pictures. */
#include "cli/ui/train_text.h"

#include <stdio.h>

#include "alexnet/dev/report.h"
#include "alexnet/log.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/format.h"

/* Only with --verbose. */
static int print_memory(const alx_train_options *train, const cli_devices *devices)
{
    const alx_config *config = &train->config;
    const alx_net_options options = { .batch = config->train.batch_size,
                                      .training = true,
                                      .fuse_update = alx_train_fuses_update(train),
                                      .algorithms = devices->asked,
                                      .rows = devices->rows };
    alx_memory_plan plans[ALX_MAX_TOWERS];

    if (alx_log_get_level() < ALX_LOG_DEBUG)
        return 0;
    TRY(alx_net_memory(plans, &config->net, devices->dev, devices->count, &options));
    for (int dev = 0; dev < devices->count; ++dev) {
        const alx_memory_plan *m = &plans[dev];

        alx_debug("memory %s: parameters %s, gradients %s, momentum %s, activations %s, scratch %s",
                  cli_bytes(m->total).text, cli_bytes(m->parameters).text,
                  cli_bytes(m->gradients).text, cli_bytes(m->momentum).text,
                  cli_bytes(m->activations).text, cli_bytes(m->scratch).text);
    }
    return 0;
}

int train_print_head(const alx_train_options *options, const cli_devices *devices)
{
    static const char *const schedules[] = {
        [ALX_SCHEDULE_CONSTANT] = "constant", [ALX_SCHEDULE_PLATEAU] = "plateau",
        [ALX_SCHEDULE_STEP] = "step",         [ALX_SCHEDULE_MULTISTEP] = "multistep",
        [ALX_SCHEDULE_COSINE] = "cosine",
    };
    const alx_config *config = &options->config;
    const alx_net_config *net = &config->net;
    const alx_train_config *train = &config->train;
    char accumulated[48] = "";
    cli_cost cost;

    TRY(cli_net_cost(&cost, net));
    alx_info("network     %s: %dx%dx%d to %d classes, %d tower%s, %s parameters, %s MACs an image",
             config->name, net->channels, net->height, net->width, net->classes, net->towers,
             net->towers == 1 ? "" : "s", cli_count(cost.parameters).text,
             cli_count(cost.macs).text);
    if (train->grad_accum > 1)
        snprintf(accumulated, sizeof accumulated, " x %d", train->grad_accum);
    alx_info("training    %d epoch%s, batch %d%s, lr %g %s, momentum %g, decay %g, seed %u",
             train->epochs, train->epochs == 1 ? "" : "s", train->batch_size, accumulated,
             train->lr, schedules[train->schedule], train->momentum, train->weight_decay,
             train->seed);
    cli_hint_tuning(devices, config->name, 6.0 * (double)cost.macs * train->batch_size);
    TRY(print_memory(options, devices));
    alx_info("run         %s", options->run_dir);
    return 0;
}

static void print_test(const alx_train_result *result)
{
    const double images = (double)result->test.images;

    if (result->test.images == 0)
        return;
    printf("test: loss %.4f, top-1 %.2f %%, top-5 %.2f %% of %s images, best epoch %zu%s\n",
           result->test.loss, 100.0 * (double)result->test.top1 / images,
           100.0 * (double)result->test.top5 / images, cli_count(result->test.images).text,
           result->best_epoch, result->test_is_validation ? " (chosen on the same images)" : "");
}

static int draw_pictures(const alx_train_options *options)
{
    char checkpoint[PATH_MAX];

    TRY(alx_run_plot_curves(options->run_dir, options->run_dir));
    if (options->diagnose)
        TRY(alx_run_plot_diagnosis(options->run_dir, options->run_dir));
    TRY(cli_checkpoint_path(checkpoint, options->run_dir, CLI_LAST));
    return alx_run_plot_filters(options->run_dir, checkpoint);
}

static void print_work(const alx_train_result *result)
{
    const cli_text device = cli_bytes(result->device_bytes);

    if (result->updates == 0) {
        alx_info("done        step %zu, nothing to train", result->steps);
        alx_info("memory      %s on the device", device.text);
        return;
    }
    alx_info("done        step %zu after %s, the first after %s, last loss %.4f", result->steps,
             cli_clock(result->seconds).text, cli_clock(result->first_step_seconds).text,
             result->last_loss);
    alx_info("memory      %s on the device, %s of RAM at most in a step", device.text,
             cli_bytes(result->step_resident_bytes).text);
}

int train_print_end(const alx_train_options *options, const alx_train_result *result)
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
