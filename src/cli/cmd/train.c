/* train.c - trains a network or goes on with a run: the head of the run, progress, a line per
 * epoch, a clean stop at the first signal, and at the end the test accuracy and the pictures. */
#include <stdio.h>
#include <string.h>

#include <commit.h>

#include "alexnet/dev/check.h"
#include "alexnet/dev/comm.h"
#include "alexnet/dev/report.h"
#include "alexnet/log.h"
#include "alexnet/version.h"
#include "base/file.h"
#include "base/try.h"
#include "base/unread.h"
#include "cli/source.h"
#include "cli/ui/progress.h"
#include "cli/ui/signals.h"
#include "cli/ui/train_text.h"

typedef struct train_options {
    cli_line line;
    const char *resume, *output, *weights, *replace, *tensorboard, *mllog;
    size_t max_steps, save_every, check_every;
    bool overfit_batch, diagnose;
    cli_loading loading;
    cli_device_options device;
    cli_progress_options progress;
} train_options;

/** What the command line comes down to. */
typedef struct train_plan {
    alx_train_options options; /* first: cli_print_net and cli_epoch_row take it for them */
    alx_run_folder *folder;
    alx_events *events;                       /* NULL: without --tensorboard */
    alx_mllog *mllog;                         /* NULL: without --mllog */
    alx_check_step *check;                    /* NULL: without --check-every */
    char resume[PATH_MAX], weights[PATH_MAX]; /* checkpoints */
} train_plan;

#define DATA_PATH "data.path=" /* the override that --data is */

/* ---- from the command line to a plan --------------------------------------------------------- */

/* The presets that fit the data, where there are any, and the command that begins with one. */
static int name_presets(const train_options *options)
{
    char command[PATH_MAX];
    alx_data_glance set;

    for (size_t i = options->line.override_count; i-- > 0;) {
        const char *path = options->line.overrides[i];

        if (strncmp(path, DATA_PATH, strlen(DATA_PATH)) != 0 ||
            !alx_data_look(&set, path + strlen(DATA_PATH)))
            continue;
        path += strlen(DATA_PATH);
        TRY(alx_presets_print(stderr, &set));
        TRY(alx_preset_command(command, sizeof command, &set, path));
        return alx_fail(ALX_E_USAGE, "train wants CONFIG: %s", command);
    }
    return alx_fail(ALX_E_USAGE, "train wants CONFIG or --resume PATH; `alexnet` says what is "
                                 "here to train on");
}

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

static void print_difference(const char *section, const char *key, const char *old_value,
                             const char *new_value, void *user)
{
    (void)user;
    alx_info("changed     %s.%s: %s -> %s", section, key, old_value, new_value);
}

/* With --resume the config is the checkpoint's, or the file given; options win over both. */
static int resume_config(train_plan *plan, const train_options *options)
{
    alx_checkpoint checkpoint = { 0 };
    alx_config *config = &plan->options.config;
    const char *path = NULL;
    int rc = 0;

    TRY_DONE(alx_checkpoint_read_last(&checkpoint, plan->resume));
    if (options->line.arg_count > 0) {
        TRY_DONE(cli_read_config(config, options->line.args[0], &options->line));
        if (config->data.path[0] == '\0')
            memcpy(config->data.path, checkpoint.config.data.path, sizeof config->data.path);
    } else {
        *config = checkpoint.config;
        TRY_DONE(cli_override_config(config, &options->line));
    }
    plan->options.resume = plan->resume;
    if (strcmp(config->data.path, checkpoint.config.data.path) == 0)
        TRY_DONE(alx_checkpoint_data(&path, NULL, &checkpoint, plan->resume));
    TRY_DONE(settle_data_path(config));
    TRY_DONE(alx_checkpoint_check_network(&checkpoint, plan->resume, config));
    TRY_DONE(alx_config_differences(&checkpoint.config, config, print_difference, NULL));
done:
    alx_checkpoint_free(&checkpoint);
    return rc;
}

/* Of a run that is resumed, unless the user names another. */
static int open_folder(train_plan *plan, const train_options *options)
{
    char path[PATH_MAX];

    if (alx_comm_rank(plan->options.comm) > 0) /* rank 0 writes there */
        return 0;
    if (options->output != NULL)
        return alx_run_folder_open(&plan->folder, options->output);
    TRY(base_path_folder(path, sizeof path, plan->resume));
    return alx_run_folder_open(&plan->folder, path);
}

/* The folder is held before the checkpoint in it is read. */
static int resume_run(train_plan *plan, const train_options *options)
{
    TRY(alx_checkpoint_find(plan->resume, options->resume, ALX_CHECKPOINT_LAST));
    if (!base_file_exists(plan->resume))
        return base_fail_unread(plan->resume, "cannot be read");
    TRY(open_folder(plan, options));
    return resume_config(plan, options);
}

/* Before the data are listed, which may take minutes: that it is a file of weights at all. */
static int find_weights(train_plan *plan, const char *given)
{
    alx_weights_facts facts = { 0 };
    int rc = 0;

    TRY(alx_checkpoint_find(plan->weights, given, ALX_CHECKPOINT_BEST));
    if (!base_file_exists(plan->weights))
        return base_fail_unread(plan->weights, "cannot be read");
    rc = alx_weights_facts_gather(&facts, plan->weights, &plan->options.config);
    alx_weights_facts_free(&facts);
    plan->options.weights = plan->weights;
    return rc;
}

static int start_run(train_plan *plan, const train_options *options)
{
    TRY(cli_read_config(&plan->options.config, options->line.args[0], &options->line));
    TRY(settle_data_path(&plan->options.config));
    if (options->weights != NULL)
        TRY(find_weights(plan, options->weights));
    if (options->output != NULL || alx_comm_rank(plan->options.comm) > 0)
        return open_folder(plan, options);
    return alx_run_folder_create_named(&plan->folder, plan->options.config.name);
}

static int make_plan(train_plan *plan, const train_options *options)
{
    alx_train_options *o = &plan->options;

    if (options->resume == NULL && options->line.arg_count == 0)
        return name_presets(options);
    if (options->resume != NULL && options->weights != NULL)
        return alx_fail(ALX_E_USAGE, "--weights starts anew, --resume goes on: choose one");
    if (options->replace != NULL && options->weights == NULL)
        return alx_fail(ALX_E_USAGE, "--replace is of --weights: give both");
    TRY(options->resume != NULL ? resume_run(plan, options) : start_run(plan, options));
    o->folder = plan->folder;
    o->run_dir = plan->folder != NULL ? alx_run_folder_path(plan->folder) : NULL;
    o->data_path = o->config.data.path;
    o->replace = options->replace;
    o->max_steps = options->max_steps;
    o->save_every = options->save_every;
    o->check_every = options->check_every;
    o->workers = options->loading.workers;
    o->diagnose = options->diagnose;
    o->overfit_batch = options->overfit_batch;
    o->skip_bad = options->loading.skip_bad;
    o->program = "alexnet " ALX_VERSION " " ALEXNET_COMMIT;
    o->on_net = cli_print_net;
    o->on_progress = cli_progress_step;
    o->on_epoch = cli_epoch_row;
    o->on_build = cli_progress_build;
    o->user = plan;
    return 0;
}

/* ---- --tensorboard, --mllog ------------------------------------------------------------------ */

static int record(const alx_train_moment *m, void *user)
{
    const train_plan *plan = user;

    if (plan->mllog != NULL)
        TRY(alx_mllog_moment(plan->mllog, m));
    if (plan->events != NULL && m->phase == ALX_TRAIN_SAVED)
        TRY(alx_events_epoch(plan->events, m->net, m->metrics));
    return 0;
}

static int prepare_records(train_plan *plan, const train_options *options)
{
    const char *run_dir = plan->options.run_dir;

    plan->options.on_moment = record;
    if (alx_comm_rank(plan->options.comm) > 0)
        return 0;
    if (options->tensorboard != NULL)
        TRY(alx_fail_context(
            alx_events_create(&plan->events, options->tensorboard, run_dir, options->diagnose),
            "--tensorboard"));
    if (options->mllog != NULL)
        TRY(alx_fail_context(alx_mllog_create(&plan->mllog, options->mllog, run_dir), "--mllog"));
    return 0;
}

/* ---- --check-every --------------------------------------------------------------------------- */

static int prepare_check(train_plan *plan)
{
    if (plan->options.check_every == 0)
        return 0;
    TRY(alx_check_step_create(&plan->check));
    plan->options.check = alx_check_step_watch(plan->check);
    return 0;
}

/* ---- the command --------------------------------------------------------------------------- */

static int train_run(const void *given)
{
    const train_options *options = given;
    train_plan plan = { 0 };
    alx_train_result result = { 0 };
    cli_devices devices = { .count = 0 };
    bool leads = true;
    int rc = 0;

    TRY_DONE(cli_progress_start(&options->progress));
    TRY_DONE(alx_comm_open(&plan.options.comm, options->device.timeout));
    leads = alx_comm_rank(plan.options.comm) == 0;
    if (!leads)
        alx_log_set_level(ALX_LOG_QUIET);
    TRY_DONE(make_plan(&plan, options));
    TRY_DONE(prepare_check(&plan));
    TRY_DONE(prepare_records(&plan, options));
    devices.comm = plan.options.comm;
    TRY_DONE(cli_open_devices(&devices, &options->device));
    plan.options.algorithms = devices.asked;
    plan.options.rows = devices.rows;
    TRY_DONE(cli_print_run_head(&plan.options, &devices));
    plan.options.interrupt = cli_catch_signals(
        leads ? "\nstopping; what is trained will be saved; again to kill\n" : "");
    rc = alx_train_run(&result, devices.dev, devices.count, &plan.options);
    cli_progress_stop();
    if (rc == 0 && leads)
        TRY_DONE(cli_print_run_end(&plan.options, &result));
done:
    alx_mllog_close(plan.mllog, rc);
    rc = cli_close_devices(&devices, rc);
    alx_events_free(plan.events);
    alx_check_step_free(plan.check);
    alx_run_folder_close(plan.folder);
    return alx_comm_close(plan.options.comm, rc);
}

#define FIELD(name) .offset = offsetof(train_options, name)

static const cli_option train_rows[] = {
    { "data", "DIR",
      "data set: folder, tar, list, LMDB or CIFAR-10 binaries; default data.path of the config",
      CLI_OVERRIDE, .key = "data.path" },
    { "output-dir", "DIR",
      "folder of the run; default runs/<config>-<date-time>, with --resume the run's own", CLI_TEXT,
      FIELD(output), .letter = 'o' },
    { "resume", "RUN", "go on from a checkpoint, or from the last one of a run's folder", CLI_TEXT,
      FIELD(resume) },
    { CLI_ROWS(cli_weights_row, train_options, weights) },
    { "replace", "LAYER,...", "of --weights: layers that start anew, such as fc8 for other classes",
      CLI_TEXT, FIELD(replace) },
    { "freeze", "LAYER,...", "layers that keep their weights", CLI_LAYERS, .key = "freeze=yes" },
    { "epochs", "N", "passes over the training images", CLI_OVERRIDE, .key = "train.epochs" },
    { "max-steps", "N", "stop after N updates", CLI_SIZE, FIELD(max_steps) },
    { .rows = cli_train_batch_row },
    { "grad-accum", "N", "batches of one update, which sees batch-size * N images", CLI_OVERRIDE,
      .key = "train.grad-accum" },
    { "lr", "RATE", "learning rate", CLI_OVERRIDE, .key = "train.lr" },
    { "momentum", "M", "momentum", CLI_OVERRIDE, .key = "train.momentum" },
    { "weight-decay", "DECAY", "weight decay", CLI_OVERRIDE, .key = "train.weight-decay",
      .alias = "wd" },
    { .rows = cli_seed_row },
    { .rows = cli_set_row },
    { "overfit-batch", NULL,
      "one fixed batch, no augmentation, no dropout: the loss must go to zero", CLI_FLAG,
      FIELD(overfit_batch) },
    { "save-every", "N", "save a checkpoint every N updates too, not only after each epoch",
      CLI_SIZE, FIELD(save_every) },
    { "check-every", "N",
      "compare every Nth step with the reference twins, one image and one filter of each layer "
      "in turn; exit code 6 where they differ. Takes seconds, changes no number",
      CLI_SIZE, FIELD(check_every) },
    { "diagnose", NULL,
      "after every epoch, how each layer fares: norms of weights, gradient and update, dead "
      "units, activations on held-out images (without any, on training ones); into diagnose.csv "
      "and diagnose.png. To be given again with --resume",
      CLI_FLAG, FIELD(diagnose) },
    { "tensorboard", "DIR",
      "write event files there for TensorBoard: an epoch's numbers and filters, with --diagnose "
      "histograms of all weights. To be given again with --resume",
      CLI_TEXT, FIELD(tensorboard) },
    { "mllog", "FILE",
      "write how the run goes there in MLPerf's form, for its compliance checker. One go of a run "
      "each: with --resume another FILE",
      CLI_TEXT, FIELD(mllog) },
    { CLI_ROWS(cli_loading_rows, train_options, loading) },
    { CLI_ROWS(cli_compute_rows, train_options, device) },
    { CLI_ROWS(cli_progress_row, train_options, progress) },
    { CLI_ROWS(cli_log_every_row, train_options, progress) },
    CLI_END,
};

const cli_command cli_cmd_train = {
    .name = "train",
    .summary = "train a network, or go on with a run",
    .arguments = "CONFIG --data DIR",
    .max_args = 1,
    .examples =
        "alexnet train cifar10 --data cifar-10-batches-bin\n"
        "alexnet train paper --data imagenet --device gpu -b 256 --lr 0.02 -o runs/paper\n"
        "alexnet train cifar10.ini --data cifar --set train.schedule=cosine --epochs 60\n"
        "alexnet train --resume runs/paper\n"
        "alexnet train cifar10 --data cifar --overfit-batch --max-steps 100\n"
        "alexnet train paper --data birds --set net.classes=200 --weights w.safetensors --replace "
        "fc8\n",
    .details = "CONFIG is a file or the name of a preset (alexnet help config). The first "
               "interrupt (Ctrl-C) saves a checkpoint and stops with exit code 130. --resume "
               "goes on, bit for bit as if nothing had happened; it takes the config from the "
               "checkpoint unless CONFIG is given. Options given with it win, and what they "
               "change is printed; with -o it goes on in another folder, where the metrics and "
               "the best checkpoint so far are copied. A run that is in the way keeps its files "
               "as *.old; one that still trains there is left alone, and this one refused with "
               "exit code 1. --weights takes weights by layer; layers that the file lacks start "
               "anew, as those of --replace do.",
    .options = train_rows,
    .options_bytes = sizeof(train_options),
    .run = train_run,
};
