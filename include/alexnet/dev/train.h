/* train.h - checkpoints of a run, what classes are called, evaluations; what a network or a layer
 * makes of many images. */
#ifndef ALEXNET_DEV_TRAIN_H
#define ALEXNET_DEV_TRAIN_H

#include <limits.h>
#include <stdint.h>

#include "alexnet/dev/net.h"
#include "alexnet/dev/weights_file.h"
#include "alexnet/model.h"

ALX_BEGIN_DECLS

/* ---- checkpoints of a run -------------------------------------------------------------------- */

/** Names of those in a run's folder. */
#define ALX_CHECKPOINT_LAST "checkpoint-last"
#define ALX_CHECKPOINT_BEST "checkpoint-best"

/** A run's folder stands for one of the checkpoints in it; anything else is the file itself.
 *  @param name  one of the two; the last stands in for the best until an epoch is finished, and a
 *               message says so
 *  @return 0; ALX_E_DATA: a folder without, or too long a path */
int alx_checkpoint_find(char path[PATH_MAX], const char *given, const char *name) ALX_MUST_USE;

/* ---- weights in other formats ---------------------------------------------------------------- */

typedef struct alx_conversion {
    alx_model_weights from;
    const char *to; /**< .safetensors, .npz, .onnx or .caffemodel; without an ending a checkpoint */
    /** Of safetensors and npz: NULL or "ours" (`conv1.weight`); "torchvision"
     *  (`features.0.weight`); "caffe" (`conv1/0`, `conv1/1`, as Caffe's HDF5; the first layer sees
     *  blue, green, red) */
    const char *naming;
    /** NULL or "f32"; "f16" (safetensors, ONNX, npz); "bf16" (safetensors, ONNX) */
    const char *dtype;
    bool preprocessing; /**< of ONNX: it takes pixels of 0 to 255, and does the rest by nodes */
} alx_conversion;

/** Weights of one format in another; needs no device. What is meant for other programs has the
 *  inverted form of dropout, and says in numbers what is subtracted from pixels.
 *  @return 0; ALX_E_USAGE: no such format, or one that cannot hold the network; what
 *          alx_model_open_weights returns */
int alx_convert(const alx_conversion *conversion) ALX_MUST_USE;
/** How far the logits of a batch of noise are off with what was written, as a share of the largest
 *  logit: for numbers of two bytes. */
int alx_convert_error(double *off, alx_device *const *devs, int dev_count,
                      const alx_conversion *what) ALX_MUST_USE;

/** Whether the file at `path` holds weights without a checkpoint around them, as its content says.
 *  A text file does not; what cannot be read does, so that opening it says why. */
bool alx_weights_alone(const char *path);

/** What a tensor of a file is to a network. */
typedef struct alx_weights_use {
    char parameter[ALX_NAME_BYTES + 8]; /**< "" none */
    bool fits;                          /**< in shape, and its type is read */
    char why[96];                       /**< it does not, or what is done to it; or "" */
} alx_weights_use;

/** What a file of weights holds. */
typedef struct alx_weights_facts {
    alx_weights_file *file; /**< owned, as the next */
    alx_weights_use *uses;  /**< of each of its tensors */
    size_t count;           /**< of these */
    bool has_network;       /**< config is that which the file describes or fits, or the preset that
                                 it comes nearest to, and `why` why no more */
    alx_config config;
    char why[512];
    size_t missing;         /**< parameters of the network that the file has no tensor for */
    const char *preprocess; /**< what its maker does to pixels, as of alx_model_weights; or NULL */
} alx_weights_facts;

/** @param config  the network, or NULL: found; alx_weights_facts_free whatever happens
 *  @return 0; ALX_E_DATA: the file cannot be read; ALX_E_MEMORY */
int alx_weights_facts_gather(alx_weights_facts *out, const char *path,
                             const alx_config *config) ALX_MUST_USE;
void alx_weights_facts_free(alx_weights_facts *facts);

/** alx_checkpoint_read of the one that a run goes on from. Of a last one that is damaged, beside a
 *  best one, the message says how to go on from that. */
int alx_checkpoint_read_last(alx_checkpoint *out, const char *path) ALX_MUST_USE;

/** Where the data are: `given`, or if that is NULL what the checkpoint says ("" if nothing).
 *  @return 0; ALX_E_DATA if they are not there any more, or not seen from this working folder */
int alx_checkpoint_data(const char **path, const char *given, const alx_checkpoint *checkpoint,
                        const char *checkpoint_path) ALX_MUST_USE;

/** alx_run_folder_create of runs/NAME-DATE-TIME, by the clock of the place. */
int alx_run_folder_create_named(alx_run_folder **out, const char *name) ALX_MUST_USE;

/* ---- classes -------------------------------------------------------------------------------- */

/** A name per class, owned. Start it zeroed. */
typedef struct alx_class_names {
    char **name;
    int count;
} alx_class_names;

/**
 * The checkpoint's class names, or those of a file: "n01440764 tench, Tinca tinca" (ImageNet's
 * synset_words.txt) where every line begins with another class of the checkpoint, or every class
 * begins one line; what follows is the name. Else, if there are as many lines as classes, whole
 * lines in the order of the classes. Empty lines are none.
 *
 * @param path  NULL: none
 * @return 0; ALX_E_DATA if the file is neither; ALX_E_MEMORY
 */
int alx_class_names_create(alx_class_names *out, const alx_checkpoint *checkpoint,
                           const char *path) ALX_MUST_USE;
void alx_class_names_free(alx_class_names *names);

/** The class that comes after `last` (-1: the first) when the more probable ones come first, and of
 *  equal ones that of the lower index; -1 after the last. */
int alx_next_class(const float *prob, int classes, int last);

/* ---- what a network makes of images ---------------------------------------------------------- */

#define ALX_READ_PROB SIZE_MAX /**< as a node: the probabilities */

/** Gets (batch->count, length) numbers of a batch, the `done`th of `total`. */
typedef int alx_read_sink(const alx_batch *batch, const float *values, size_t done, size_t total,
                          void *user);

typedef struct alx_reading {
    const alx_dataset *set;
    const alx_subset *subset; /**< NULL: all images */
    size_t node;              /**< of alx_graph_layers, whose outputs are kept; or ALX_READ_PROB */
    const char *what;         /**< "fc7 of run/checkpoint-best is": goes on with "not finite" */
    alx_read_sink *sink;
    void *user;
} alx_reading;

/** Shows images to a model that is built, in their order.
 *  @return what the sink does; ALX_E_NUMERIC, naming the image: a number is not finite; ALX_E_DATA:
 *          no image could be read; ALX_E_USAGE: the node's outputs are not kept */
int alx_model_read(alx_model *model, const alx_reading *reading) ALX_MUST_USE;
/** Of its checkpoint; borrowed. */
const char *alx_model_path(const alx_model *model);

/* ---- an evaluation --------------------------------------------------------------------------- */

/** One network after the other on the test images of a data set; probabilities are averaged. */
typedef struct alx_evaluation {
    /* given */
    bool ten_crop;          /**< every image by its corners and centre, and these mirrored */
    alx_on_batch *on_batch; /**< may be NULL */
    void *user;             /**< of on_batch */
    /* found */
    char first[PATH_MAX]; /**< checkpoint of the first network */
    char data[PATH_MAX];
    alx_dataset *set;
    alx_subset all;
    alx_class_names names;
    alx_votes votes;
    alx_score score; /**< of the networks so far */
    size_t left_out; /**< images that did not decode (skip_bad) */
} alx_evaluation;

/** Opens the data. Labels are those of the first network's classes, of which the data may have a
 *  part. Close it whatever happens.
 *  @param e      zeroed but for what is given
 *  @param first  read during the call
 *  @param data   where the data are
 *  @param names  as `path` of alx_class_names_create */
int alx_evaluation_open(alx_evaluation *e, const alx_model *first, const char *data,
                        const char *names) ALX_MUST_USE;
/** Adds `weight` times the probabilities of a model that is built, the first one too. All weights
 *  sum to 1.
 *  @return 0; ALX_E_DATA: other classes than the first one's, or no image could be read;
 *          ALX_E_USAGE: ten crops do not fit; ALX_E_NUMERIC: the loss is not finite */
int alx_evaluation_add(alx_evaluation *e, alx_model *model, double weight) ALX_MUST_USE;
void alx_evaluation_close(alx_evaluation *e);

/* ---- a layer as a function of images --------------------------------------------------------- */

typedef struct alx_feature_reader {
    alx_model *model;           /**< borrowed */
    size_t node;                /**< of alx_graph_layers */
    char layer[ALX_NAME_BYTES]; /**< its name */
    alx_shape shape;            /**< of one image */
    size_t length;              /**< numbers of one image */
    void (*on_batch)(const char *label, size_t done, size_t total, void *user); /**< may be NULL */
    void *user;
} alx_feature_reader;

/** Finds a layer of a model that is built and keeps outputs.
 *  @param layer  NULL = what the last layer sees, but for dropout: relu7 of the paper's network
 *  @return 0; ALX_E_USAGE: no such layer, or the model is not built */
int alx_feature_reader_init(alx_feature_reader *out, alx_model *model,
                            const char *layer) ALX_MUST_USE;

/** Gets (batch->count, length) features of a batch. */
typedef int alx_feature_sink(const alx_batch *batch, const float *values, void *user);

/** Computes the features of a subset's images in their order; NULL: of all.
 *  @param label  what on_batch is told
 *  @return what the sink does; ALX_E_NUMERIC: not finite; ALX_E_DATA: no image could be read */
int alx_features_each(alx_feature_reader *reader, const alx_dataset *set, const alx_subset *subset,
                      const char *label, alx_feature_sink *sink, void *user) ALX_MUST_USE;
/** The same into memory; alx_features_free it whatever happens. */
int alx_features_gather(alx_features *out, alx_feature_reader *reader, const alx_dataset *set,
                        const alx_subset *subset, const char *label) ALX_MUST_USE;
void alx_features_free(alx_features *gathered);

/* ---- which image a row is of ----------------------------------------------------------------- */

#define ALX_FEATURES_LINE_BYTES (4 * PATH_MAX + 1024)
/** "IMAGE" or "IMAGE\tCLASS", as the list beside a file of features has it; escaped. */
void alx_features_line(char line[ALX_FEATURES_LINE_BYTES], const alx_dataset *set, size_t index,
                       int label);
bool alx_features_is_npy(const char *path);
/** "F.txt" of "F.npy"; ALX_E_USAGE for another name. */
int alx_features_list_path(char path[PATH_MAX], const char *npy_path) ALX_MUST_USE;

/* ---- the nearest ----------------------------------------------------------------------------- */

/** The images of a set, or of a file of features, that are nearest to given ones. */
typedef struct alx_feature_search {
    alx_neighbours found;
    char **lines; /**< of what was searched, as the list beside a file has them */
    size_t line_count;
} alx_feature_search;

/** @param queries  borrowed. Free it whatever happens. */
int alx_feature_search_create(alx_feature_search *out, const alx_features *queries,
                              size_t k) ALX_MUST_USE;
void alx_feature_search_free(alx_feature_search *search);

/** Adds what is at `path`: the rows of "F.npy", that images of "F.txt" have, or the training images
 *  of a data set.
 *  @return ALX_E_DATA: another number of features, a row is not finite, lines and rows differ */
int alx_feature_search_add(alx_feature_search *search, alx_feature_reader *reader,
                           const char *path) ALX_MUST_USE;

/** The nearest to one query, nearest first; their names are search->lines[index]. Borrowed until
 *  more are added. */
const alx_neighbour *alx_feature_search_found(const alx_feature_search *search, size_t query,
                                              size_t *count);

/* ---- a linear classifier --------------------------------------------------------------------- */

/** How a linear classifier does on a layer's features (transfer learning). */
typedef struct alx_probe_result {
    alx_score train, test;
    int classes;
    bool held_out; /**< the test images are a fifth of the training images: the set has no others */
} alx_probe_result;

/** alx_probe on the images of a data set; the reader's on_batch is told of the training too. */
int alx_probe_dataset(alx_probe_result *out, alx_feature_reader *reader,
                      const char *path) ALX_MUST_USE;

ALX_END_DECLS

#endif
