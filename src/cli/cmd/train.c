/* train.c - trains a network or goes on with a run: the head of the run, progress, a line per
 * epoch, a clean stop at the first signal, and at the end the test accuracy and the pictures. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/config_diff.h"
#include "cli/ui/epoch_table.h"
#include "cli/ui/progress.h"
#include "cli/ui/signals.h"
#include "cli/ui/train_text.h"

/** What the command line comes down to. */
typedef struct train_plan {
    alx_train_options options;
    alx_run_folder *folder;
    char resume[PATH_MAX], weights[PATH_MAX]; /* checkpoints */
} train_plan;

/* ---- from the command line to a plan --------------------------------------------------------- */

/* Absolute, so that the checkpoint can be used from other folders. */
static int settle_data_path(alx_config *config)
{
    char path[sizeof config->data.path];

    if (config->data.path[0] == '\0')
        return alx_fail(ALX_E_USAGE, "train wants --data DIR; try alexnet help train");
    TRY(base_path_absolute(path, sizeof path, config->data.path));
    memcpy(config->data.path, path, sizeof path);
    return 0;
}

/* A last checkpoint that is damaged is not the end of a run that has a best one. */
static int resume_read(alx_checkpoint *checkpoint, const char *path)
{
    const char *name = base_path_base(path);
    char best[PATH_MAX], why[PATH_MAX];
    const int rc = alx_checkpoint_read(checkpoint, path);

    snprintf(best, sizeof best, "%.*s%s", (int)(name - path), path, CLI_BEST);
    if (rc != ALX_E_DATA || strcmp(name, CLI_LAST) != 0 || !base_file_exists(best))
        return rc;
    snprintf(why, sizeof why, "%s", alx_status_text(rc));
    return alx_fail(rc, "%s; to go on from the best epoch: --resume %s", why, best);
}

/* With --resume the config is the checkpoint's, or the file given; options win over both. */
static int resume_config(train_plan *plan, const cli_options *options)
{
    alx_checkpoint checkpoint = { 0 };
    alx_config *config = &plan->options.config;
    const char *path = NULL;
    int rc = 0;

    TRY_DONE(resume_read(&checkpoint, plan->resume));
    if (options->arg_count > 0) {
        TRY_DONE(cli_read_config(config, options->args[0], options));
        if (config->data.path[0] == '\0')
            memcpy(config->data.path, checkpoint.config.data.path, sizeof config->data.path);
    } else {
        *config = checkpoint.config;
        TRY_DONE(cli_override_config(config, options));
    }
    plan->options.resume = plan->resume;
    if (strcmp(config->data.path, checkpoint.config.data.path) == 0)
        TRY_DONE(cli_checkpoint_data(&path, NULL, &checkpoint, plan->resume));
    TRY_DONE(settle_data_path(config));
    TRY_DONE(cli_print_differences(&checkpoint.config, config));
done:
    alx_checkpoint_free(&checkpoint);
    return rc;
}

/* Of a run that is resumed, unless the user names another. */
static int open_folder(train_plan *plan, const cli_options *options)
{
    const size_t length = (size_t)(base_path_base(plan->resume) - plan->resume);
    char path[PATH_MAX];

    if (options->output != NULL)
        return alx_run_folder_open(&plan->folder, options->output);
    snprintf(path, sizeof path, "%.*s", (int)length, plan->resume);
    return alx_run_folder_open(&plan->folder, length > 0 ? path : ".");
}

/* runs/CONFIG-DATE, which no other run has. */
static int create_folder(train_plan *plan)
{
    const time_t now = time(NULL);
    char path[PATH_MAX], date[32];
    struct tm local;

    localtime_r(&now, &local);
    strftime(date, sizeof date, "%Y%m%d-%H%M%S", &local);
    snprintf(path, sizeof path, "runs/%s-%s", plan->options.config.name, date);
    return alx_run_folder_create(&plan->folder, path);
}

/* The folder is held before the checkpoint in it is read. */
static int resume_run(train_plan *plan, const cli_options *options)
{
    TRY(cli_checkpoint_path(plan->resume, options->resume, CLI_LAST));
    if (!base_file_exists(plan->resume))
        return alx_fail(ALX_E_DATA, "%s: cannot be read: %s", plan->resume, strerror(errno));
    TRY(open_folder(plan, options));
    return resume_config(plan, options);
}

static int start_run(train_plan *plan, const cli_options *options)
{
    TRY(cli_read_config(&plan->options.config, options->args[0], options));
    TRY(settle_data_path(&plan->options.config));
    if (options->weights != NULL) {
        TRY(cli_checkpoint_path(plan->weights, options->weights, CLI_BEST));
        plan->options.weights = plan->weights;
    }
    return options->output != NULL ? open_folder(plan, options) : create_folder(plan);
}

static int make_plan(train_plan *plan, const cli_options *options)
{
    alx_train_options *o = &plan->options;

    if (options->resume == NULL && options->arg_count == 0)
        return alx_fail(ALX_E_USAGE, "train wants CONFIG or --resume PATH; try alexnet help train");
    if (options->resume != NULL && options->weights != NULL)
        return alx_fail(ALX_E_USAGE, "--weights starts anew, --resume goes on: choose one");
    if (options->replace != NULL && options->weights == NULL)
        return alx_fail(ALX_E_USAGE, "--replace is of --weights: give both");
    TRY(options->resume != NULL ? resume_run(plan, options) : start_run(plan, options));
    o->folder = plan->folder;
    o->run_dir = alx_run_folder_path(plan->folder);
    o->data_path = o->config.data.path;
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
    return 0;
}

/* ---- the command --------------------------------------------------------------------------- */

int cmd_train(const cli_options *options)
{
    train_plan plan = { 0 };
    alx_train_result result = { 0 };
    cli_devices devices = { .count = 0 };
    int rc = 0;

    TRY_DONE(cli_progress_start(options));
    TRY_DONE(make_plan(&plan, options));
    TRY_DONE(cli_open_devices(&devices, options));
    plan.options.algorithms = devices.asked;
    TRY_DONE(train_print_head(&plan.options, &devices));
    plan.options.interrupt = cli_catch_signals(
        "\nstopping after this step, with a checkpoint; again to kill\n");
    rc = alx_train_run(&result, devices.dev, devices.count, &plan.options);
    cli_progress_stop();
    if (rc == 0)
        TRY_DONE(train_print_end(&plan.options, &result));
done:
    rc = cli_close_devices(&devices, rc);
    alx_run_folder_close(plan.folder);
    return rc;
}
