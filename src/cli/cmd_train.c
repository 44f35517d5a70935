/* cmd_train.c - trains a network or goes on with a run: the head of the run, progress, a line per
 * epoch, a clean stop at the first signal, and at the end the test accuracy and the pictures. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/config_diff.h"
#include "cli/epoch_table.h"
#include "cli/progress.h"
#include "cli/setup.h"
#include "cli/signals.h"
#include "cli/train_text.h"

/** What the command line comes down to. */
typedef struct train_plan {
    alx_train_options options;
    char run_dir[PATH_MAX];
    char resume[PATH_MAX], weights[PATH_MAX]; /* checkpoints */
} train_plan;

/* ---- from the command line to a plan --------------------------------------------------------- */

/* With --resume the config is the checkpoint's, or the file given; options win over both. */
static int resume_config(train_plan *plan, const cli_options *options)
{
    alx_checkpoint checkpoint = { 0 };
    alx_config *config = &plan->options.config;
    int rc = 0;

    TRY(cli_checkpoint_path(plan->resume, options->resume, CLI_LAST));
    TRY(alx_checkpoint_read(&checkpoint, plan->resume));
    if (options->arg_count > 0) {
        TRY(cli_read_config(config, options->args[0], options));
        if (config->data.path[0] == '\0')
            memcpy(config->data.path, checkpoint.config.data.path, sizeof config->data.path);
    } else {
        *config = checkpoint.config;
        TRY(cli_override_config(config, options));
    }
    plan->options.resume = plan->resume;
    TRY(cli_print_differences(&checkpoint.config, config));
done:
    alx_checkpoint_free(&checkpoint);
    return rc;
}

static int choose_run_dir(train_plan *plan, const cli_options *options)
{
    const time_t now = time(NULL);
    const char *slash = strrchr(plan->resume, '/');
    const int folder = slash == plan->resume ? 1 : slash != NULL ? (int)(slash - plan->resume) : 0;
    char date[32];
    struct tm local;
    int length;

    if (options->output != NULL) {
        length = snprintf(plan->run_dir, PATH_MAX, "%s", options->output);
    } else if (options->resume != NULL) {
        length = slash == NULL ? snprintf(plan->run_dir, PATH_MAX, ".")
                               : snprintf(plan->run_dir, PATH_MAX, "%.*s", folder, plan->resume);
    } else {
        localtime_r(&now, &local);
        strftime(date, sizeof date, "%Y%m%d-%H%M%S", &local);
        length = snprintf(plan->run_dir, PATH_MAX, "runs/%s-%s", plan->options.config.name, date);
    }
    if (length < 0 || length >= PATH_MAX)
        return alx_fail(ALX_E_IO, "%.64s...: path too long", plan->run_dir);
    plan->options.run_dir = plan->run_dir;
    return 0;
}

static int make_plan(train_plan *plan, const cli_options *options)
{
    alx_train_options *o = &plan->options;
    int rc = 0;

    if (options->resume == NULL && options->arg_count == 0)
        return alx_fail(ALX_E_USAGE, "train wants CONFIG or --resume PATH; try alexnet help train");
    if (options->resume != NULL && options->weights != NULL)
        return alx_fail(ALX_E_USAGE, "--weights starts anew, --resume goes on: choose one");
    if (options->replace != NULL && options->weights == NULL)
        return alx_fail(ALX_E_USAGE, "--replace is of --weights: give both");
    if (options->resume != NULL)
        TRY(resume_config(plan, options));
    else
        TRY(cli_read_config(&o->config, options->args[0], options));
    if (o->config.data.path[0] == '\0') {
        rc = alx_fail(ALX_E_USAGE, "train wants --data DIR; try alexnet help train");
        goto done;
    }
    TRY(choose_run_dir(plan, options));
    TRY(alx_mkdirs_check(plan->run_dir));
    o->data_path = o->config.data.path;
    if (options->weights != NULL) {
        TRY(cli_checkpoint_path(plan->weights, options->weights, CLI_BEST));
        o->weights = plan->weights;
    }
    o->replace = options->replace;
    o->max_steps = options->max_steps;
    o->save_every = options->save_every;
    o->check_every = options->check_every;
    o->workers = cli_workers(options);
    o->diagnose = options->diagnose;
    o->overfit_batch = options->overfit_batch;
    o->skip_bad = options->skip_bad;
    o->on_progress = cli_progress_step;
    o->on_epoch = cli_epoch_row;
    o->on_build = cli_progress_build;
    o->user = o;
done:
    return rc;
}

/* ---- the command --------------------------------------------------------------------------- */

int cmd_train(const cli_options *options)
{
    train_plan plan = { 0 };
    alx_train_result result = { 0 };
    cli_devices devices = { .count = 0 };
    int rc = 0;

    TRY(cli_progress_start(options));
    TRY(make_plan(&plan, options));
    TRY(cli_open_devices(&devices, options));
    plan.options.algorithms = devices.asked;
    TRY(train_print_head(&plan.options, &devices));
    plan.options.interrupt =
        cli_catch_signals("\nstopping after this step, with a checkpoint; again to kill\n");
    rc = alx_train_run(&result, devices.dev, devices.count, &plan.options);
    cli_progress_stop();
    if (rc == 0)
        TRY(train_print_end(&plan.options, &result));
done:
    cli_close_devices(&devices);
    return rc;
}
