/* sets.c - the images of a run: which train, which are held out, and their statistics. */
#include "train/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/try.h"

/* ---- classes ------------------------------------------------------------------------------- */

static int check_classes(const train_run *run)
{
    const int have = alx_dataset_classes(run->train_set), outputs = run->state.config.net.classes;
    char unused[32];

    if (have > outputs)
        return alx_fail(ALX_E_USAGE,
                        "%s has %d classes, the network only %d output%s: "
                        "set [net] classes = %d",
                        run->options->data_path, have, outputs, outputs == 1 ? "" : "s", have);
    snprintf(unused, sizeof unused, "%d outputs are", outputs - have);
    if (have < outputs)
        alx_warn("%s has %d class%s, the network %d outputs: the last %s never right",
                 run->options->data_path, have, have == 1 ? "" : "es", outputs,
                 outputs - have == 1 ? "output is" : unused);
    return 0;
}

/* Under other names, or in another order, the same labels would be other things. */
static int check_resumed_classes(const train_run *run)
{
    const alx_train_options *options = run->options;

    if (options->resume == NULL)
        return 0;
    return alx_fail_hint(alx_checkpoint_check_classes(&run->state, options->resume, run->train_set,
                                                      options->data_path),
                         ": a run goes on with its own classes; --weights begins one with others");
}

static int record_classes(train_run *run)
{
    alx_checkpoint *state = &run->state;
    const int count = alx_dataset_classes(run->train_set);

    free(state->class_names);
    state->class_count = 0;
    state->class_names = calloc((size_t)count, sizeof *state->class_names);
    if (state->class_names == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d class names", count);
    for (; state->class_count < count; ++state->class_count)
        snprintf(state->class_names[state->class_count], sizeof *state->class_names, "%s",
                 alx_dataset_class_name(run->train_set, state->class_count));
    return 0;
}

/* ---- splits -------------------------------------------------------------------------------- */

void train_run_spread(size_t *index, const alx_subset *from, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        index[i] = from->index[i * from->count / count];
}

static void keep_one_batch(alx_subset *train, const alx_train_config *config)
{
    const size_t wanted = (size_t)config->batch_size * (size_t)config->grad_accum;

    if (train->count <= wanted)
        return;
    train_run_spread(train->index, train, wanted);
    train->count = wanted;
}

static int open_test(train_run *run)
{
    if (!alx_dataset_has_split(run->train_set, ALX_SPLIT_TEST))
        return 0;
    TRY(alx_dataset_open(&run->test_set, run->options->data_path, ALX_SPLIT_TEST));
    TRY(alx_dataset_use_classes_of(run->test_set, run->train_set));
    return alx_subset_all(&run->test, run->test_set);
}

static void choose_held_out(train_run *run)
{
    if (run->options->overfit_batch)
        return;
    if (run->validation.count > 0) {
        run->held_set = run->train_set;
        run->held = &run->validation;
        alx_info("data        %zu images to train on, %zu of the training images for validation",
                 run->train.count, run->validation.count);
    } else if (run->test_set != NULL) {
        run->held_set = run->test_set;
        run->held = &run->test;
        alx_info("data        %zu images to train on, %zu test images, which also choose the best "
                 "epoch ([data] validation is 0)",
                 run->train.count, run->test.count);
    } else {
        alx_warn("%zu images to train on and none held out: the best epoch%s by training images; "
                 "set [data] validation = 0.1 or put a val folder beside train",
                 run->train.count,
                 run->state.config.train.schedule == ALX_SCHEDULE_PLATEAU
                     ? " and the rate's drops are chosen"
                     : " is chosen");
    }
}

/* ---- statistics ---------------------------------------------------------------------------- */

static bool needs_statistics(const alx_data_config *config)
{
    const bool preprocessing = config->mean != ALX_MEAN_NONE || config->use_std;

    return (preprocessing && !config->mean_given) || config->colour != ALX_COLOUR_OFF;
}

/* A resumed run keeps the checkpoint's: the same images enter the network. */
static int fill_statistics(train_run *run)
{
    const alx_data_config *config = &run->state.config.data;
    const alx_statistics_options options = {
        .size = config->resize,
        .threads = run->options->workers,
        .skip_bad = run->options->skip_bad,
        .interrupt = run->options->interrupt,
    };

    if (!needs_statistics(config) || run->state.statistics.mean_image != NULL)
        return 0;
    return alx_statistics_compute(&run->state.statistics, run->train_set, &run->train, &options);
}

static void check_fingerprint(train_run *run)
{
    const char *now = alx_dataset_fingerprint(run->train_set);
    char *then = run->state.data_fingerprint;

    if (then[0] != '\0' && strcmp(then, now) != 0)
        alx_warn("%s is not the data that the checkpoint was trained on", run->options->data_path);
    snprintf(then, sizeof run->state.data_fingerprint, "%s", now);
}

int train_run_open_data(train_run *run)
{
    const alx_config *config = &run->state.config;

    TRY(alx_dataset_open(&run->train_set, run->options->data_path, ALX_SPLIT_TRAIN));
    TRY(check_resumed_classes(run));
    TRY(check_classes(run));
    TRY(record_classes(run));
    check_fingerprint(run);
    TRY(alx_dataset_split(&run->train, &run->validation, run->train_set, config->data.validation,
                          config->train.seed));
    if (run->train.count == 0)
        return alx_fail(ALX_E_DATA, "%s: no image left to train on: [data] validation = %g",
                        run->options->data_path, config->data.validation);
    TRY(open_test(run));
    TRY(alx_dataset_log_found(run->train_set, run->test_set));
    choose_held_out(run);
    TRY(fill_statistics(run));
    if (run->options->overfit_batch)
        keep_one_batch(&run->train, &config->train);
    return 0;
}
