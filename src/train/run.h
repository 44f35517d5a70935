/* run.h - one training run: what its files share. */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include <limits.h>

#include "alexnet/dev/comm.h"
#include "alexnet/dev/rt.h"
#include "alexnet/dev/train.h"
#include "alexnet/train.h"
#include "base/sum_tree.h"

/* ---- pace.c: speed and time left ------------------------------------------------------------- */

#define PACE_STEPS 32

typedef struct run_pace {
    double seconds[PACE_STEPS]; /* of the last steps, a ring */
    size_t count;               /* steps entered */
    double validation_seconds;  /* of the last one; 0 = none yet */
} run_pace;

void train_pace_step(run_pace *pace, double seconds);
/** Mean of the last steps; the first step, which pays for caches and clocks, only while alone. */
double train_pace_step_seconds(const run_pace *pace);
/** Time of `steps` more updates and `validations` more validations; < 0 = not known yet. */
double train_pace_eta(const run_pace *pace, size_t steps, size_t validations);

/* ---- flat.c: a loss that never leaves ln(classes) -------------------------------------------- */

#define FLAT_STEPS 200

typedef struct run_flat {
    double loss[FLAT_STEPS], top1[FLAT_STEPS]; /* of the last updates, rings */
    size_t count;
    bool warned;
} run_flat;

/** Enters an update's loss and accuracy (a share); true once, when the mean loss of the last
 *  FLAT_STEPS lies within 1 % of ln(classes), and their accuracy is no better than guessing, after
 *  at least 300 updates (2 per class of larger networks). */
bool train_flat_step(run_flat *flat, double loss, double top1, int classes);

/* ---- metrics.c: metrics.csv and metrics.jsonl ------------------------------------------------ */

/** Makes both files hold the rows of the first `epochs` epochs of what they hold, no more. */
int train_metrics_cut(const char *run_dir, size_t epochs) ALX_MUST_USE;
/** Adds one row to each and closes them. */
int train_metrics_append(const char *run_dir, const alx_epoch_metrics *metrics) ALX_MUST_USE;
/** What both are made of: `format` reads the epoch at the start of a row, as in "%zu,". */
int train_rows_cut(const char *run_dir, const char *name, const char *header, const char *format,
                   size_t epochs) ALX_MUST_USE;
int train_rows_append(const char *run_dir, const char *name, const char *rows) ALX_MUST_USE;

/* ---- run_files.c: the files of a run directory ----------------------------------------------- */

#define RUN_FILES 7
#define RUN_PICTURES 3
/** What training writes, and what is drawn from it. */
extern const char *const train_run_files[RUN_FILES], *const train_run_pictures[RUN_PICTURES];

/** Unless the checkpoint `resume` (may be NULL) lies in this very folder, puts an
 *  earlier run's files aside and copies what stands beside `resume`: the rows, and checkpoint-best
 *  if it is of epoch `best_epoch`. */
int train_run_folder_prepare(const char *run_dir, const char *resume,
                             size_t best_epoch) ALX_MUST_USE;
/** Renames one of a run's files, which this version cannot go on with, and says so. */
int train_run_file_put_aside(const char *run_dir, const char *name) ALX_MUST_USE;
/** Of `name` in the folder of the file `checkpoint`. @return 0; ALX_E_IO if it is too long */
int train_run_path_beside(char path[PATH_MAX], const char *checkpoint,
                          const char *name) ALX_MUST_USE;

/* ---- diagnose/diagnose.c: diagnose.csv ------------------------------------------------------- */

typedef struct run_diagnosis run_diagnosis;

/* ---- the run ------------------------------------------------------------------------------- */

typedef struct train_run {
    alx_train_options settled;
    const alx_train_options *options;  /* the settled ones */
    alx_run_folder *own_folder;        /* NULL: the caller's */
    alx_checkpoint state;              /* its config is the run's */
    alx_dataset *train_set, *test_set; /* test_set NULL: the data have none */
    alx_subset train, validation, test;
    const alx_dataset *held_set; /* of the held-out images; NULL = none */
    const alx_subset *held;
    alx_net *net;
    alx_feeder *feeder;
    alx_pinned *ring; /* of the loader's images */
    alx_loader *loader;
    int own_first, own_end;   /* this process's passes of an update; alone, all */
    int own_most;             /* of any process */
    alx_batch *batches;       /* of the own passes of one update, as the next */
    alx_score *scores;        /* sums */
    base_tree shards;         /* of the update so far: the last in the gradients, others kept */
    bool stop;                /* some process has been asked to stop; all know since the update */
    run_diagnosis *diagnosis; /* NULL: not asked for */
    float *loss;              /* of a pass */
    int32_t *rank;
    run_pace pace;
    run_flat flat;
    double last_top1;  /* of the last update, a share */
    bool norm_pending; /* the last update's gradient norm has not been looked at */
    size_t first_step; /* updates before this call */
    size_t checks;     /* updates of this call that were looked at by options->check */
    double started, first_step_seconds, last_loss;
    size_t resident_bytes; /* at most, until the last update's end */
    char last_path[PATH_MAX], best_path[PATH_MAX];
} train_run;

/* options.c */
/** Takes the caller's options: what follows from others is filled in, the data's path is the
 *  config's too. @return ALX_E_USAGE for what cannot be, before anything is opened or written */
int train_run_settle(train_run *run, int dev_count, const alx_train_options *options) ALX_MUST_USE;

/* open.c */
/** By the run's options. */
int train_run_open(train_run *run, alx_device *const *devs, int dev_count) ALX_MUST_USE;
void train_run_close(train_run *run);

/* session.c */
/** Adds a line to ALX_SESSIONS. */
int train_session_note(const train_run *run) ALX_MUST_USE;

/* sets.c */
int train_run_open_data(train_run *run) ALX_MUST_USE;
/** `count` of the images, spread over all: a data set lies in the order of its classes.
 *  @param index  of count; may be from's own */
void train_run_spread(size_t *index, const alx_subset *from, size_t count);

/* loaders.c */
/** Of the images that train, from where the state stands, and room for a batch's results.
 *  @param dev  gives the memory that it decodes into */
int train_run_open_loader(train_run *run, const alx_device *dev) ALX_MUST_USE;
/** A loader of the network's batch over whole images, for scoring.
 *  @param comm  whose ranks share the batches; NULL: this process has all */
int train_run_score_loader(alx_loader **out, const train_run *run, const alx_comm *comm,
                           const alx_dataset *set, const alx_subset *subset) ALX_MUST_USE;

/* progress.c */
/** Updates that so many images make. */
size_t train_run_steps(const train_run *run, size_t images);
void train_run_progress(train_run *run, bool validating, size_t step, size_t steps);
/** Calls on_moment, on rank 0. @param metrics  may be NULL */
int train_run_tell(train_run *run, alx_train_phase phase, size_t epoch,
                   const alx_epoch_metrics *metrics) ALX_MUST_USE;
/** For alx_evaluate, `user` a train_run: reports progress; ALX_E_INTERRUPTED where it must stop. */
int train_run_watch_scoring(const alx_batch *batch, size_t done, size_t total,
                            void *user) ALX_MUST_USE;

/* step.c */
/** "; the checkpoints are those of before", or "" where there are none: the end of a failure. */
const char *train_run_kept(const train_run *run);
/** One update: up to grad_accum forward and backward passes. */
int train_run_step(train_run *run) ALX_MUST_USE;
/** Looks at the last update's gradient norm, before its result is saved. */
int train_run_check_norm(train_run *run) ALX_MUST_USE;

/* shards.c */
/** Before the first one of an update. */
void train_shards_begin(train_run *run);
/** After the backward pass of a shard: adds what the tree adds; keeps the sum if it is not the last
 *  one of the update that is this process's. */
int train_shards_enter(train_run *run, int shard, bool last) ALX_MUST_USE;
/** After the last one: the sum of all, over all processes. */
int train_shards_finish(train_run *run, int shards) ALX_MUST_USE;
/** Sets of gradients that are kept. */
int train_shards_kept(const train_run *run);

/* diagnose/diagnose.c */
/** A second network, which only looks: the one that trains keeps its kernels, memory and bits.
 *  Nothing where it was not asked for, as the other ones. */
int train_run_open_diagnosis(train_run *run, alx_device *const *devs, int dev_count) ALX_MUST_USE;
/** @param position  in the epoch, after the update to come
 *  @return whether its passes are to be shown to train_run_diagnose_pass */
bool train_run_diagnoses_update(const train_run *run, size_t position);
int train_run_diagnose_pass(train_run *run, const alx_observation *seen) ALX_MUST_USE;
/** Measures every layer at an epoch's end and adds the rows. */
int train_run_diagnose(train_run *run) ALX_MUST_USE;
void train_run_close_diagnosis(train_run *run);

/* epoch.c */
/** Scores, records, adapts the rate and saves at the end of an epoch. */
int train_run_finish_epoch(train_run *run) ALX_MUST_USE;
/** Scores the best checkpoint on the test split. */
int train_run_test(train_run *run, alx_score *score) ALX_MUST_USE;
int train_run_save(train_run *run, const char *path) ALX_MUST_USE;

/** Whether this process has been. */
static inline bool train_run_asked_to_stop(const train_run *run)
{
    return run->options->interrupt != NULL && *run->options->interrupt != 0;
}

/** Whether it writes the run's files and reports. */
static inline bool train_run_leads(const train_run *run)
{
    return alx_comm_rank(run->options->comm) == 0;
}

#endif
