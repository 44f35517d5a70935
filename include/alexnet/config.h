/* config.h - a network, its data and its training as plain structs, read from an INI file. */
#ifndef ALEXNET_CONFIG_H
#define ALEXNET_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "alexnet/status.h"

ALX_BEGIN_DECLS

#define ALX_MAX_LAYERS 16
#define ALX_MAX_TOWERS 2
#define ALX_MAX_STAGES 6
#define ALX_NAME_BYTES 32

/* ---- [net] and its layers ------------------------------------------------------------------ */

typedef enum { ALX_LAYER_CONV, ALX_LAYER_FC } alx_layer_kind;

/** What a tower of a layer reads: its own tower's half, or all channels (where towers meet). */
typedef enum { ALX_SEES_OWN, ALX_SEES_BOTH } alx_sees;

typedef enum {
    ALX_ACT_NONE,
    ALX_ACT_RELU,
    ALX_ACT_TANH,
    ALX_ACT_SIGMOID,
    ALX_ACT_LEAKY,
} alx_activation;

/** What a node of the network does. Those before CONV may follow a layer's weights, each at most
 *  once, in the layer's `order`. */
typedef enum {
    ALX_NODE_ACTIVATION,
    ALX_NODE_LRN,
    ALX_NODE_SPATIAL_NORM,
    ALX_NODE_POOL,
    ALX_NODE_ADAPTIVE_POOL,
    ALX_NODE_CONV,
    ALX_NODE_FC,
    ALX_NODE_DROPOUT,
    ALX_NODE_GATHER, /**< the towers' halves put together for each tower that reads both */
    ALX_NODE_SUM,    /**< of what a layer whose inputs are divided gives for each tower */
    ALX_NODE_LOSS,   /**< behind the last node, in no list of nodes */
} alx_node_kind;

/** Local response normalisation: s = k + a * sum of squares over the window, y = x * s^-beta.
 *  a = alpha; where `alpha_over_n`, a = alpha / terms of the sum: `size` channels (LRN), or
 *  size * size pixels (spatial). */
typedef struct alx_lrn_config {
    bool on;
    int size; /**< odd: channels of the window, or its side for spatial normalisation */
    double k, alpha, beta;
    bool alpha_over_n;
    int ranges; /**< equal ranges of a tower's channels that the window stays in; 0 = 1. Not in the
                     file: there towers say it */
} alx_lrn_config;

typedef struct alx_pool_config {
    bool on;
    int kernel, stride;
    bool ceil;     /**< output size rounds up; windows are clipped at the edge */
    bool all_ties; /**< every tied maximum gets the whole gradient (2012), not the first only */
} alx_pool_config;

typedef enum {
    ALX_INIT_GAUSS, /**< N(0, std); biases `bias` */
    ALX_INIT_HE,    /**< N(0, sqrt(2 / fan_in)); biases `bias` */
    ALX_INIT_TORCH, /**< U(-1/sqrt(fan_in), 1/sqrt(fan_in)), biases too */
} alx_init_kind;

/** What of a layer is divided among the towers. */
typedef enum {
    ALX_DIVIDE_OUTPUTS, /**< each tower makes its share, from what it sees */
    ALX_DIVIDE_NOTHING, /**< whole, in tower 0 (fc8) */
    ALX_DIVIDE_INPUTS,  /**< fully connected: products of each tower's inputs, added in tower 0 */
} alx_division;

/** One learned layer and all that follows it until the next one. */
typedef struct alx_layer_config {
    char name[ALX_NAME_BYTES];
    int line; /**< of the section in the file, for messages; 0 if made in memory */
    alx_layer_kind kind;
    int outputs;             /**< filters or units, over all towers */
    int kernel, stride, pad; /**< convolution only */
    bool ceil;  /**< conv size rounds up, missing pixels at right and bottom are zero (224-ceil) */
    int groups; /**< inside a tower; 1 unless the file says otherwise */
    alx_sees sees;
    alx_division towers;

    alx_activation activation;
    double slope; /**< of leaky ReLU for x < 0 */
    alx_lrn_config lrn, spatial;
    alx_pool_config pool;
    int adaptive_pool; /**< side of adaptive average pooling's output; 0 = none */
    alx_node_kind order[ALX_MAX_STAGES];
    int order_count; /**< only stages that this layer has */
    double dropout;  /**< drop rate, 0 = none; place and form are the net's */

    alx_init_kind init;
    double init_std, bias;     /**< initial deviation (gauss, else 0) and bias (0 with torch) */
    double weight_lr, bias_lr; /**< factors on the rate; 0 freezes */
    double weight_decay, bias_decay; /**< factors on the decay */
} alx_layer_config;

typedef struct alx_net_config {
    int height, width, channels; /**< of the input */
    int classes;
    int towers;             /**< 1 or 2 */
    bool lrn_across_towers; /**< two towers run as one with groups, the window crosses the edge */
    bool dropout_inverted;  /**< scale at training time (modern), not at test time (2012) */
    bool dropout_input;     /**< drop the input of the layer that says so, not its output */
    int layer_count;
    alx_layer_config layers[ALX_MAX_LAYERS];
} alx_net_config;

/* ---- [data] -------------------------------------------------------------------------------- */

typedef enum { ALX_MEAN_NONE, ALX_MEAN_IMAGE, ALX_MEAN_CHANNEL, ALX_MEAN_SCALAR } alx_mean_kind;
typedef enum { ALX_COLOUR_OFF, ALX_COLOUR_SQRT, ALX_COLOUR_LAMBDA } alx_colour_kind;

typedef struct alx_data_config {
    char path[4096]; /**< any data set; empty = must come from --data */
    int resize;      /**< short side; then the centre resize x resize is stored */
    int pad;         /**< zero pixels on each side before cropping (CIFAR) */
    bool random_crop, mirror;
    alx_colour_kind colour; /**< PCA shift: times sqrt(eigenvalue), or eigenvalue on [0,1] pixels */
    double colour_sigma;
    bool colour_clip; /**< clip to 0..255 after the shift */
    double divide;    /**< 2012: the noisy crop is divided by 1.1; 1 = off */
    bool unit_scale;  /**< pixels / 255 before mean and deviation */
    alx_mean_kind mean;
    bool mean_centre; /**< subtract the mean image's centre, not the part under the crop */
    bool mean_given;  /**< use mean_value (and std_value, if use_std), not the training set's;
                                 on the scale that unit_scale gives */
    double mean_value[3], std_value[3];
    bool use_std;      /**< divide by the deviation per channel */
    double validation; /**< share of the training images kept for validation, 0 = none */
} alx_data_config;

/* ---- [train] ------------------------------------------------------------------------------- */

typedef enum {
    ALX_SCHEDULE_CONSTANT,
    ALX_SCHEDULE_PLATEAU,
    ALX_SCHEDULE_STEP,
    ALX_SCHEDULE_MULTISTEP,
    ALX_SCHEDULE_COSINE,
} alx_schedule_kind;

#define ALX_MAX_MILESTONES 16

typedef struct alx_train_config {
    int epochs;
    int batch_size, grad_accum; /**< an update sees batch_size * grad_accum images */
    int shards; /**< passes that batch_size images are cut into, their gradients added in a tree;
                     0: one pass */
    double lr, momentum, weight_decay;
    bool sgd_torch;   /**< d = g + wd*w; v = m*v + d; w -= lr*v, not the paper's form */
    double clip_norm; /**< 0 = off */
    double lars;      /**< eta of layer-wise rates; 0 = off */
    alx_schedule_kind schedule;
    double gamma;                       /**< factor of plateau, step and multistep */
    int step_epochs;                    /**< of `step` */
    int milestones[ALX_MAX_MILESTONES]; /**< of `multistep`: first epoch (from 1) at the new rate */
    int milestone_count;
    bool plateau_loss; /**< signal is validation loss, not error */
    int patience;      /**< epochs without improvement before the rate drops */
    int max_drops;     /**< of plateau, >= 1: the rate falls so many times, 3 in the paper */
    double min_lr;     /**< of cosine */
    int warmup_epochs; /**< linear, from 0; with scale_batch from lr */
    int scale_batch; /**< images of an update for which lr is meant, and grows with; 0: as it is */
    uint32_t seed;
} alx_train_config;

typedef struct alx_config {
    char name[128]; /**< file name without folder and suffix */
    alx_net_config net;
    alx_data_config data;
    alx_train_config train;
} alx_config;

/**
 * Reads a config file, applies `overrides` ("section.key=value", later ones win), then fills what
 * follows from it (order of stages, defaults that depend on other keys).
 *
 * @param config     filled on success
 * @param path       file; or the bare name of a preset built into the program (paper, cifar10, ...)
 * @param overrides  borrowed strings, NULL if `override_count` is 0
 * @return 0; ALX_E_USAGE with file, line and what to do
 */
int alx_config_read(alx_config *config, const char *path, const char *const *overrides,
                    size_t override_count) ALX_MUST_USE;

/** The same from text in memory; `name` stands for the file in messages. */
int alx_config_parse(alx_config *config, const char *text, const char *name,
                     const char *const *overrides, size_t override_count) ALX_MUST_USE;

/** Gives keys of a resolved config, such as a checkpoint's, other values.
 *  @return 0; ALX_E_USAGE as of alx_config_read, or if the config cannot be written */
int alx_config_override(alx_config *config, const char *const *overrides,
                        size_t override_count) ALX_MUST_USE;

/** The resolved config as an INI file that reads back (under the same name) to the same struct but
 *  for the `line` of the layers; caller frees.
 *  @return 0; ALX_E_USAGE if data.path cannot stand in an INI file; ALX_E_MEMORY */
int alx_config_write(char **text, const alx_config *config) ALX_MUST_USE;

/** Texts are as in a config file, and borrowed for the call. */
typedef void alx_config_difference(const char *section, const char *key, const char *old_value,
                                   const char *new_value, void *user);
/** Calls `differs` for each key of the new config, in its order, whose value is another in the old
 *  one; "(none)" where that has no such key or layer. What only the old one has is not told.
 *  @return 0; ALX_E_USAGE: data.path of one cannot stand in a file; ALX_E_MEMORY */
int alx_config_differences(const alx_config *old_config, const alx_config *new_config,
                           alx_config_difference *differs, void *user) ALX_MUST_USE;

/** Images of one forward and backward pass, and passes of an update that sees all its images. */
int alx_pass_images(const alx_train_config *train);
int alx_pass_count(const alx_train_config *train);
/** How many times more images an update has than scale_batch: it multiplies every rate. */
double alx_lr_factor(const alx_train_config *train);
/** Sets of gradients that one process keeps while it adds those of shards (alx_net_options). */
int alx_kept_gradients(const alx_train_config *train);

/** Prints the schema: every section and key with type, default, range and one line of meaning.
 *  @param out      its errors stay in it
 *  @param columns  of a line, at most; 96 are enough */
void alx_config_help(FILE *out, int columns);

/** Whether a name is a preset's or ends in .ini, so that it can be told from other files' names. */
bool alx_config_is_name(const char *name);
/** The preset whose name is like this one that is none, or NULL; static. */
const char *alx_config_nearest(const char *name);
/** Names of the built-in presets, NULL-terminated; static. */
const char *const *alx_config_presets(void);

ALX_END_DECLS

#endif
