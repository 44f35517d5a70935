/* open.c - everything a run needs, opened in an order that touches no file before all is well. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/net.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/try.h"
#include "train/job/job.h"
#include "train/network.h"
#include "train/run.h"

#define OVERFIT_STEPS 200

/* ---- state --------------------------------------------------------------------------------- */

static void adapt_to_overfit(alx_train_config *config, size_t max_steps)
{
    config->epochs = (int)(max_steps > 0 ? max_steps : OVERFIT_STEPS);
    config->schedule = ALX_SCHEDULE_CONSTANT;
    config->warmup_epochs = 0;
}

static int fresh_state(train_run *run)
{
    run->state.config = run->options->config;
    run->state.lr = run->options->config.train.lr;
    run->state.best_error = INFINITY;
    run->state.best_signal = INFINITY;
    return 0;
}

/* The caller's config rules: a rate that was edited takes effect at once. */
static int resumed_state(train_run *run)
{
    alx_checkpoint *state = &run->state;
    double rate = 0.0;

    TRY(alx_checkpoint_read(state, run->options->resume));
    TRY(alx_checkpoint_check_network(state, run->options->resume, &run->options->config));
    rate = state->config.train.lr;
    state->config = run->options->config;
    if (state->config.train.lr != rate)
        state->lr = state->config.train.lr;
    if (state->config.train.schedule != ALX_SCHEDULE_PLATEAU)
        state->lr = state->config.train.lr;
    if (state->epoch >= (size_t)state->config.train.epochs)
        alx_info("resume      %s: after epoch %zu, step %zu", run->options->resume, state->epoch,
                 state->step);
    else
        alx_info("resume      %s: epoch %zu, step %zu", run->options->resume, state->epoch + 1,
                 state->step);
    return 0;
}

static int open_state(train_run *run)
{
    const int rc = run->options->resume != NULL ? resumed_state(run) : fresh_state(run);

    if (rc == 0 && run->options->overfit_batch)
        adapt_to_overfit(&run->state.config.train, run->options->max_steps);
    run->first_step = run->state.step;
    return rc;
}

/* ---- network ------------------------------------------------------------------------------- */

/* The checkpoint's algorithms, unless the user chose others. */
static alx_algorithms choose_algorithms(const train_run *run)
{
    alx_algorithms choice = run->options->algorithms;

    if (run->options->resume != NULL && choice.conv == ALX_CONV_AUTO &&
        !(choice.exact && !alx_conv_algo_is_exact(run->state.algorithms.conv)))
        choice.conv = run->state.algorithms.conv;
    if (run->options->resume != NULL && choice.gemm == ALX_GEMM_AUTO)
        choice.gemm = run->state.algorithms.gemm;
    return choice;
}

static void compare_algorithms(const train_run *run, alx_algorithms now, const char *tuning)
{
    const alx_algorithms then = run->state.algorithms;

    if (run->options->resume != NULL && (now.conv != then.conv || now.gemm != then.gemm))
        alx_warn("the checkpoint was trained with --conv-algo %s --gemm %s: the numbers will "
                 "differ in their last digits",
                 alx_conv_algo_name(then.conv), alx_gemm_algo_name(then.gemm));
    else if (run->options->resume != NULL && strcmp(tuning, run->state.tuning) != 0)
        alx_warn("the checkpoint was trained with other tuning rows: the numbers will differ in "
                 "their last digits");
}

/* Not where something else wants the gradients. */
static bool fuses_update(const alx_train_options *options)
{
    return alx_update_can_fuse(&options->config.train) && options->check_every == 0 &&
           !options->diagnose;
}

/* The run's end needs the best checkpoint: that it cannot be read is known before any work. */
static int try_best(const train_run *run, alx_net *net)
{
    char path[PATH_MAX];
    int rc = 0;

    if (!train_run_leads(run))
        return 0;
    TRY(train_run_path_beside(path, run->options->resume, ALX_CHECKPOINT_BEST));
    if (run->state.best_epoch == 0 || !base_file_exists(path))
        return 0;
    rc = alx_checkpoint_load_net(net, path);
    if (rc == ALX_E_DATA)
        rc = alx_fail_hint(rc,
                           ": put a whole copy there, or remove it: the best epoch is then chosen "
                           "from epoch %zu on",
                           run->state.epoch + 1);
    return rc;
}

static int start_net(const train_run *run, alx_net *net)
{
    TRY(alx_net_init(net, run->state.config.train.seed));
    if (run->options->weights != NULL)
        TRY(alx_weights_start(net, run->options->weights, run->options->replace));
    return 0;
}

/* What the network has chosen goes into the state. */
static int note_algorithms(train_run *run, const alx_net *net)
{
    char tuning[33];

    TRY(alx_net_tuning(tuning, net));
    compare_algorithms(run, alx_net_algorithms(net), tuning);
    memcpy(run->state.tuning, tuning, sizeof tuning);
    run->state.algorithms = alx_net_algorithms(net);
    return 0;
}

static int fill_net(alx_net *net, void *user)
{
    train_run *run = user;

    if (run->options->on_net != NULL && train_run_leads(run))
        run->options->on_net(net, run->options->user);
    TRY(note_algorithms(run, net));
    if (run->options->resume == NULL)
        return start_net(run, net);
    TRY(try_best(run, net));
    return alx_checkpoint_load_net(net, run->options->resume);
}

static int open_net(train_run *run, alx_device *const *devs, int dev_count)
{
    const alx_config *config = &run->state.config;
    const alx_update_rule rule = alx_update_rule_of(&config->train, config->train.lr);
    const train_network wanted = {
        .config = config,
        .statistics = &run->state.statistics,
        .options = { .batch = alx_pass_images(&config->train),
                     .training = true,
                     .kept_gradients = train_shards_kept(run),
                     .no_dropout = run->options->overfit_batch,
                     .fuse_update = fuses_update(run->options),
                     .layer_rates = config->train.lars > 0.0,
                     .algorithms = choose_algorithms(run),
                     .rows = run->options->rows },
        .fill = fill_net,
        .fill_user = run,
        .rule = &rule,
        .on_build = run->options->on_build,
        .user = run->options->user,
    };

    return train_network_create(&run->net, &run->feeder, &wanted, devs, dev_count);
}

/* ---- folder -------------------------------------------------------------------------------- */

static int write_config(const train_run *run)
{
    char path[PATH_MAX], *text = NULL;
    int rc = 0;

    TRY_DONE(base_path_in(path, run->options->run_dir, "config.ini"));
    TRY_DONE(alx_config_write(&text, &run->state.config));
    TRY_DONE(base_file_write(path, text, strlen(text)));
done:
    free(text);
    return rc;
}

/* Without the folder's own best checkpoint the next epoch is the best again. */
static void forget_missing_best(train_run *run)
{
    if (base_file_exists(run->best_path))
        return;
    if (run->state.best_epoch > 0 && !run->options->overfit_batch)
        alx_warn("the best checkpoint so far, of epoch %zu, is not beside %s: the best is chosen "
                 "anew",
                 run->state.best_epoch, run->options->resume);
    run->state.best_error = INFINITY;
    run->state.best_epoch = 0;
}

/* Before anything is read from it: whoever trained there may have just ended. */
static int hold_folder(train_run *run)
{
    if (run->options->folder != NULL || !train_run_leads(run))
        return 0;
    return alx_run_folder_open(&run->own_folder, run->options->run_dir);
}

static int prepare_folder(train_run *run)
{
    const char *folder = run->options->run_dir;

    if (!train_run_leads(run))
        return 0;
    TRY(base_path_in(run->last_path, folder, ALX_CHECKPOINT_LAST));
    TRY(base_path_in(run->best_path, folder, ALX_CHECKPOINT_BEST));
    TRY(train_run_folder_prepare(folder, run->options->resume, run->state.best_epoch));
    forget_missing_best(run);
    TRY(train_metrics_cut(folder, run->state.epoch));
    TRY(write_config(run));
    return train_session_note(run);
}

/* ---- open and close ------------------------------------------------------------------------ */

/* Before the data, which may take long. */
static int check_devices(const train_run *run, int dev_count)
{
    alx_graph *graph = NULL;
    int rc = 0;

    TRY_DONE(alx_graph_create(&graph, &run->state.config.net));
    TRY_DONE(alx_graph_check_devices(graph, dev_count));
done:
    alx_graph_free(graph);
    return rc;
}

int train_run_open(train_run *run, alx_device *const *devs, int dev_count)
{
    TRY(hold_folder(run));
    TRY(open_state(run));
    TRY(check_devices(run, dev_count));
    TRY(train_run_open_data(run));
    TRY(train_job_compare_input(run));
    /* decodes the first batches while the network is made */
    TRY(train_run_open_loader(run, devs[0]));
    TRY(open_net(run, devs, dev_count));
    TRY(train_job_compare_ways(run));
    TRY(train_job_spread_net(run));
    TRY(prepare_folder(run));
    return train_job_spread_state(run);
}

void train_run_close(train_run *run)
{
    alx_loader_free(run->loader);
    alx_pinned_free(run->ring);
    alx_feeder_free(run->feeder);
    alx_net_free(run->net);
    free(run->batches);
    free(run->scores);
    free(run->loss);
    free(run->rank);
    alx_subset_free(&run->train);
    alx_subset_free(&run->validation);
    alx_subset_free(&run->test);
    alx_dataset_close(run->train_set);
    alx_dataset_close(run->test_set);
    alx_checkpoint_free(&run->state);
    alx_run_folder_close(run->own_folder);
}
