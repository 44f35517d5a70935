/* train.h - the training loop, schedules, checkpoints, metrics, evaluation, features. */
#ifndef ALEXNET_TRAIN_H
#define ALEXNET_TRAIN_H

#include "alexnet/config.h"
#include "alexnet/data.h"
#include "alexnet/net.h"

ALX_BEGIN_DECLS

/** Loss and accuracy over a set of images. */
typedef struct alx_score {
    size_t images, top1, top5; /**< counts of right answers */
    double loss;               /**< mean per image */
} alx_score;

/* ---- checkpoints --------------------------------------------------------------------------- */

/** Everything that a run needs to go on, or that predict and eval need to use a network. One
 *  safetensors file: `param/<name>`, `momentum/<name>`, `mean_image`; the rest as JSON metadata,
 *  and a checksum over all of it. Device-independent: PyTorch's order, towers together. */
typedef struct alx_checkpoint {
    alx_config config;
    size_t epoch;                   /**< epochs finished */
    size_t position;                /**< images of the running epoch already consumed */
    size_t step;                    /**< updates done */
    double lr;                      /**< rate in force (plateau state) */
    double best_error, best_signal; /**< lowest held-out error (a share) so far; plateau's best
                                         signal; both INFINITY before the first epoch's end */
    size_t best_epoch;              /**< from 1; 0 = none yet */
    int bad_epochs, drops;          /**< plateau state */
    alx_algorithms algorithms;      /**< that the run used; resume with others changes bits */
    char tuning[33];                /**< of alx_net_tuning, the same */
    int class_count;
    char (*class_names)[64];   /**< owned */
    alx_statistics statistics; /**< mean image, mean, deviation, colour; owned; empty where
                                         the config needs none */
    char data_fingerprint[33];
    /* sums of the unfinished epoch, so that a resumed run reports the same numbers */
    alx_score sums; /**< its loss is a sum here, not a mean */
    double seconds, wait_seconds;
    double step_lr, grad_norm; /**< of the last update */
} alx_checkpoint;

/** Writes checkpoint and the net's parameters and momentum; atomic. */
int alx_checkpoint_write(const char *path, const alx_checkpoint *checkpoint,
                         alx_net *net) ALX_MUST_USE;
/** Reads all but the tensors of the net. @return 0; ALX_E_DATA: missing, truncated, checksum
 *  wrong, another version */
int alx_checkpoint_read(alx_checkpoint *out, const char *path) ALX_MUST_USE;
/** Puts parameters (and momentum, if `net` trains) of the file into a net of the same config. */
int alx_checkpoint_load_net(alx_net *net, const char *path) ALX_MUST_USE;
void alx_checkpoint_free(alx_checkpoint *checkpoint);
/** Labels of a data set mean a network's classes only if it has them under the same names, in the
 *  same order. @param path, data  of checkpoint and data set, for the message
 *  @return 0; ALX_E_DATA, naming the first difference */
int alx_checkpoint_check_classes(const alx_checkpoint *checkpoint, const char *path,
                                 const alx_dataset *set, const char *data) ALX_MUST_USE;
/** Whether the weights have a place in the network of `config`: the names and shapes are the same.
 *  @param path  of the checkpoint, for the message
 *  @return 0; ALX_E_DATA, naming the first key that differs; ALX_E_MEMORY */
int alx_checkpoint_check_network(const alx_checkpoint *checkpoint, const char *path,
                                 const alx_config *config) ALX_MUST_USE;

/** Weights into a net, by content those of safetensors, PyTorch, ONNX, Caffe or NumPy: names
 *  `conv1.weight` ..., those of torchvision (`features.0.weight`) or of a checkpoint
 *  (`param/conv1.weight`), also with what wrappers put before them (`module`, `_orig_mod`,
 *  `model`), else the order of the layers; any floating-point type. @return ALX_E_DATA if a tensor
 *  is missing, may be either of two, or has another shape or type, naming both */
int alx_weights_load(alx_net *net, const char *path) ALX_MUST_USE;
/** The same for a start of training: layers that the file lacks altogether, and those of `replace`
 *  (names between commas; may be NULL), keep the values they have; a message says which.
 *  @return also ALX_E_USAGE if the network has no layer of a name in `replace`; ALX_E_DATA if no
 *          layer takes its weights from the file */
int alx_weights_start(alx_net *net, const char *path, const char *replace) ALX_MUST_USE;

/* ---- metrics ------------------------------------------------------------------------------- */

/** Of one epoch, a row of metrics.csv and metrics.jsonl. Columns: epoch, step, lr, train_loss,
 *  train_top1, train_top5, val_loss, val_top1, val_top5, seconds, images_s, wait_share, grad_norm;
 *  top1 and top5 are shares of right answers, empty (null) if there was no validation. */
typedef struct alx_epoch_metrics {
    size_t epoch, step;                   /**< epochs and updates done, so from 1 */
    double lr;                            /**< of the epoch's last update */
    alx_score train, validation;          /**< validation.images = 0: none */
    double seconds, images_s, wait_share; /**< training part only; share of time waiting for data */
    double grad_norm;                     /**< of the epoch's last update */
} alx_epoch_metrics;

/**
 * Name of the file that a diagnosed run writes: a row for each learned layer at every epoch's end,
 * where what does not exist is empty. Columns:
 *
 *     epoch, layer            layer by its name
 *     weight_norm, grad_norm  L2, of weights without biases; the gradient is the last update's
 *     output_grad_norm        L2, of the loss's gradient by what the layer gives before its
 *                             activation function, over all images of the last update; not where
 *                             several processes train together
 *     update_ratio            |update| / |weight|, of the last update
 *     weight_mean, velocity_mean   of absolute values
 *     mean, std, min, max     of what the layer's activation function gives (without one: what the
 *                             layer gives) for at most 10,000 held-out images, spread over all
 *                             that alx_train_run chooses (without any: training images), without
 *                             dropout
 *     zeros                   share of those activations that are 0
 *     dead_units, dead_maps   share of units (every pixel of a map is one) that are 0 on all these
 *                             images; share of maps that have no other units
 *     saturated               sigmoid, tanh: share with a derivative below 1 % of its maximum
 *
 * A run that was stopped between an epoch's last update and its end has no gradient for it.
 */
#define ALX_DIAGNOSIS_CSV "diagnose.csv"

/**
 * Written by every run into its folder: a JSON object on a line for each time that it is begun or
 * goes on. `time` (UTC), `program`, `epoch` and `step` that it goes on from, `devices` as
 * alx_device_describe has them, `conv` and `gemm` (algorithms), `device_bytes` planned.
 */
#define ALX_SESSIONS "sessions.jsonl"

/** State for a progress line while running. */
typedef struct alx_progress {
    size_t epoch, epochs, step, steps;        /**< epoch from 1; step within the epoch, from 1 */
    double loss, top1;                        /**< running over the epoch; top1 a share */
    double images_s, wait_share, eta_seconds; /**< ETA of the whole run; < 0 = not known yet */
    bool validating; /**< then step and steps count batches of the validation */
} alx_progress;

/** Where a run has come to. */
typedef enum alx_train_phase {
    ALX_TRAIN_EPOCH,   /**< an epoch begins, or goes on where the run was saved */
    ALX_TRAIN_UPDATED, /**< its updates are done; the held-out images come next, where there are
                            any */
    ALX_TRAIN_SCORED,  /**< and these are scored */
    ALX_TRAIN_SAVED,   /**< its numbers and checkpoints are written */
    ALX_TRAIN_OVER,    /**< of the run: all that was asked for, but the test at its end */
} alx_train_phase;

/** Told at each of them; all is borrowed. */
typedef struct alx_train_moment {
    alx_train_phase phase;
    const alx_config *config; /**< the run's, with what follows from others filled in */
    alx_net *net;
    int ranks;
    size_t epoch; /**< from 1; OVER: how many are done */
    size_t train_images, held_images;
    const alx_epoch_metrics *metrics; /**< of SCORED and SAVED, else NULL */
} alx_train_moment;

/* ---- the folder of a run --------------------------------------------------------------------- */

/** A run's folder, held: until it is closed no other process, on this host or another, trains
 *  there. Others may read it all the while: every file in it is whole. */
typedef struct alx_run_folder alx_run_folder;

/** Opens the folder `path`, made where it is not there, and removes what a killed run left half
 *  written. @return 0; ALX_E_IO, also if another process trains there; ALX_E_MEMORY */
int alx_run_folder_open(alx_run_folder **out, const char *path) ALX_MUST_USE;
/** The same with a folder that nobody else has: `path`, or if that is there `path`-2, -3, ... */
int alx_run_folder_create(alx_run_folder **out, const char *path) ALX_MUST_USE;
/** Where it is; borrowed. */
const char *alx_run_folder_path(const alx_run_folder *folder);
/** Lets others in. Removes what opening it has made, as far as it is empty. NULL is fine. */
void alx_run_folder_close(alx_run_folder *folder);

/* ---- the loop ------------------------------------------------------------------------------ */

struct alx_observation;

/** Looks at some updates while they run, and judges them. */
typedef struct alx_train_check {
    /** Before the first pass of an update.
     *  @param turn  counts the updates that are looked at */
    void (*begin)(size_t turn, void *user);
    /** Before and after each operation of that pass. A failure ends the run. */
    int (*look)(const struct alx_observation *seen, void *user);
    /** After the backward pass of the update, which counts from 1. A failure ends the run. */
    int (*judge)(size_t update, void *user);
    void *user;
} alx_train_check;

typedef struct alx_train_options {
    alx_config config;      /**< as alx_config_read gives it, or a checkpoint has it */
    const char *run_dir;    /**< opened for the run; not needed where `folder` is given */
    alx_run_folder *folder; /**< that folder, if the caller holds it already; borrowed; or NULL */
    const char *program;    /**< name, version and commit of what trains, for ALX_SESSIONS; or
                                     NULL */
    const char *data_path;  /**< any data set; NULL: config.data.path. The run's own config names
                                     it, as an absolute path */
    const char *resume;     /**< checkpoint to go on from, or NULL */
    const char *weights;    /**< initial weights, as alx_weights_load takes them, or NULL */
    const char *replace;    /**< layers that start anew all the same: "fc7,fc8"; or NULL */
    size_t max_steps;       /**< stop after this many updates in all, those before a resume
                                     included; 0 = no limit */
    size_t save_every;      /**< steps between saves of checkpoint-last, 0 = epochs only */
    size_t check_every;     /**< updates between those that `check` looks at, 0 = none */
    alx_train_check check;  /**< all functions, where check_every is not 0 */
    int workers;            /**< decoding threads; 0 = one per processor */
    bool diagnose;          /**< writes ALX_DIAGNOSIS_CSV; takes a second network */
    bool overfit_batch;     /**< one fixed batch again and again, constant rate, without
                                     augmentation, dropout and validation; an epoch is one step,
                                     the run max_steps of them (0 = 200) */
    bool skip_bad;
    /** The processes of a job that train together, borrowed; NULL: this one is alone. Rank 0 alone
     *  has a folder, and calls back. */
    struct alx_comm *comm;
    alx_algorithms algorithms;
    alx_rows *const *rows; /**< tuning rows of each device, borrowed; NULL: none */
    /** Once, when it is made, before it has weights; may be NULL. */
    void (*on_net)(const alx_net *net, void *user);
    void (*on_progress)(const alx_progress *, void *);
    void (*on_epoch)(const alx_epoch_metrics *, void *);
    /** A failure ends the run; may be NULL. */
    int (*on_moment)(const alx_train_moment *, void *);
    alx_on_build *on_build;
    void *user;
    const volatile int *interrupt; /**< non-zero: save and return ALX_E_INTERRUPTED */
} alx_train_options;

typedef struct alx_train_result {
    alx_score test;          /**< of the best checkpoint on the test split; images = 0: there is
                                     none, or max_steps ended the run before its last epoch */
    bool test_is_validation; /**< the best epoch was chosen on the same test images */
    double best_error;       /**< lowest held-out error, a share; INFINITY: no epoch finished */
    size_t best_epoch;       /**< from 1; 0 = none */
    size_t steps, epochs;    /**< of the whole run */
    size_t updates;          /**< of this call; 0: first_step_seconds, last_loss and
                                     step_resident_bytes are 0 too */
    size_t checks;           /**< of those, that `check` has looked at and found right */
    double seconds, first_step_seconds; /**< from start to the end of the first step */
    double last_loss;
    size_t device_bytes;        /**< of the network, over all devices */
    size_t step_resident_bytes; /**< most that the process had in RAM until the last update */
} alx_train_result;

/**
 * Runs or continues a training run.
 *
 * The held-out images that choose `checkpoint-best` and lower the rate of a plateau schedule are
 * the validation split if [data] validation is set, else the test split, else (with a warning) the
 * training images themselves. A folder that holds an earlier run keeps it under names in `.old`,
 * `.old2` and so on. A run resumed in another folder takes its metrics and checkpoint-best along.
 *
 * @return 0; ALX_E_USAGE if the options do not go together, with nothing opened or written, or if
 *         the data have more classes than the network; ALX_E_IO if another process trains in the
 *         folder; ALX_E_INTERRUPTED after saving; ALX_E_NUMERIC with the layer's name if loss or
 *         gradient is not finite, checkpoints untouched; or the code of whatever failed
 */
int alx_train_run(alx_train_result *result, alx_device *const *devs, int dev_count,
                  const alx_train_options *options) ALX_MUST_USE;

/** Rate at `epoch` (from 0) + `epoch_fraction` by the schedule and warm-up. Of a plateau schedule,
 *  the rate before any drop. */
double alx_schedule_lr(const alx_train_config *config, size_t epoch, double epoch_fraction);

/* ---- evaluation ---------------------------------------------------------------------------- */

/** Feeds loader batches to a net: uploads images, preprocesses on the device. */
typedef struct alx_feeder alx_feeder;

int alx_feeder_create(alx_feeder **out, alx_net *net, const alx_data_config *config,
                      const alx_statistics *statistics) ALX_MUST_USE;
/** Uploads images, crops and labels of a batch, the first two beside what the device computes, and
 *  runs the preprocessing kernel. Asynchronous: the batch must stay until something waits
 *  (alx_net_read_loss). Its labels are as many as the network's batch.
 *  @param training  what only training images get applies: [data] divide */
int alx_feeder_put(alx_feeder *feeder, const alx_batch *batch, bool training) ALX_MUST_USE;
/** How the uploads of what was put ended, once something has waited for the network's results: for
 *  loops of one's own, before these count. The next alx_feeder_put fails too.
 *  @return 0; ALX_E_DEVICE, ALX_E_MEMORY */
int alx_feeder_check(alx_feeder *feeder) ALX_MUST_USE;
/** Waits for what was put: for error paths, before a batch that may still be read is given back. */
void alx_feeder_wait(alx_feeder *feeder);
void alx_feeder_free(alx_feeder *feeder);

/** Called after the forward pass of each of `total` batches was queued; the batch is lent until it
 *  returns. Non-zero stops the epoch with that status. */
typedef int alx_on_forward(alx_net *net, const alx_batch *batch, size_t done, size_t total,
                           void *user);

/** Runs a loader's one epoch, from its start, through a net; waits for each batch. */
int alx_forward_epoch(alx_net *net, alx_feeder *feeder, alx_loader *loader,
                      alx_on_forward *on_forward, void *user) ALX_MUST_USE;

/** Called after each batch of `total` batches; non-zero stops the evaluation with that status. */
typedef int alx_on_batch(const alx_batch *batch, size_t done, size_t total, void *user);

/** Scores a net on a loader's one epoch, from its start. `prob`, if not NULL, gets images x classes
 *  in the order of the loader; images left out (skip_bad) leave no row. `on_batch` may be NULL. */
int alx_evaluate(alx_score *score, alx_net *net, alx_feeder *feeder, alx_loader *loader,
                 float *prob, alx_on_batch *on_batch, void *user) ALX_MUST_USE;

/* ---- several views, several networks --------------------------------------------------------- */

/** Probabilities of the same images by several views and networks, averaged. */
typedef struct alx_votes {
    size_t capacity, images; /**< rows there are; rows in use */
    int classes, networks;   /**< networks that have cast their votes */
    size_t *index;           /**< of each row's image in the data set; owned, as the next two */
    int32_t *labels;
    float *prob; /**< (images, classes) */
} alx_votes;

/** Free it whatever happens. */
int alx_votes_create(alx_votes *out, size_t capacity, int classes) ALX_MUST_USE;
void alx_votes_free(alx_votes *votes);

/**
 * Adds `weight` times a net's probabilities, averaged over the views, for a loader's one epoch.
 * With weights that sum to 1 `prob` is the ensemble's.
 *
 * @param views     crops that every image is seen through, such as alx_ten_crop_boxes; NULL: each
 *                  image's own of the loader
 * @param on_batch  may be NULL
 * @return 0; ALX_E_DATA if the images or the number of classes are not those of the first network;
 *         what else failed
 */
int alx_votes_cast(alx_votes *votes, alx_net *net, alx_feeder *feeder, alx_loader *loader,
                   const alx_crop *views, int view_count, double weight, alx_on_batch *on_batch,
                   void *user) ALX_MUST_USE;

/** Classes that come before the label: those more probable, and of equal ones those of a lower
 *  index. `classes` (wrong at any k) for a label that is none, or if a probability is NaN. */
int alx_rank(const float *prob, int classes, int label);
/** -ln of a probability; one that underflowed counts as 2^-126. NaN stays NaN. */
double alx_surprise(float prob);
/** All labels must be classes. */
alx_score alx_votes_score(const alx_votes *votes);

/* ---- features ------------------------------------------------------------------------------ */

typedef struct alx_neighbour {
    size_t index; /**< how many were added before it */
    double distance;
} alx_neighbour;

/** Of all feature vectors added, the `k` nearest to each query by Euclidean distance (paper,
 *  section 6.1); of equally near ones the first. */
typedef struct alx_neighbours {
    const float *queries; /**< (count, length), borrowed */
    size_t count, length, k;
    size_t added;        /**< so far; a query has min(added, k) neighbours */
    alx_neighbour *list; /**< (count, k), nearest first; owned */
} alx_neighbours;

/** Free it whatever happens. */
int alx_neighbours_create(alx_neighbours *out, const float *queries, size_t count, size_t length,
                          size_t k) ALX_MUST_USE;
void alx_neighbours_add(alx_neighbours *neighbours, const float *features);
void alx_neighbours_free(alx_neighbours *neighbours);

/** What a layer says of images. */
typedef struct alx_features {
    float *values; /**< (count, length) */
    int32_t *labels;
    size_t *index; /**< of each image in its data set */
    size_t count, length;
} alx_features;

/**
 * Trains a linear classifier on features (transfer learning) and scores it: softmax regression by
 * SGD, from zero, on the device; the same numbers every time.
 *
 * @param train     at least one image; labels are below `classes`, as those of `test`
 * @param progress  may be NULL
 */
int alx_probe(alx_score *train_score, alx_score *test_score, alx_device *dev,
              const alx_features *train, const alx_features *test, int classes,
              void (*progress)(size_t done, size_t total, void *), void *user) ALX_MUST_USE;

ALX_END_DECLS

#endif
