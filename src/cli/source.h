/* source.h - what most commands begin with: a config, a checkpoint, a trained network. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "alexnet/dev/train.h"
#include "alexnet/model.h"
#include "cli/devices.h"

/** Config file or preset with --set and the options that stand for a key. */
int cli_read_config(alx_config *config, const char *path, const cli_line *line) ALX_MUST_USE;
/** The same overrides on a config that came with a checkpoint. */
int cli_override_config(alx_config *config, const cli_line *line) ALX_MUST_USE;

/* ---- options of several commands ------------------------------------------------------------ */

/** Overrides of the config. */
extern const cli_option cli_set_row[], cli_train_batch_row[], cli_seed_row[];
/** int: images of a forward pass, 0 = the config's. */
extern const cli_option cli_batch_row[];
/** const char *: initial weights; a file of names for the classes. */
extern const cli_option cli_weights_row[], cli_names_row[];

/** Weights beside a config, or without. */
typedef struct cli_weights {
    const char *path, *preprocess; /**< NULL: none */
} cli_weights;

extern const cli_option cli_weights_rows[];

/** How images are read. */
typedef struct cli_loading {
    int workers; /**< 0 = one per processor */
    bool skip_bad;
} cli_loading;

extern const cli_option cli_loading_rows[];

/* ---- a trained network ----------------------------------------------------------------------- */

/** What an argument and --weights say of a network. */
typedef struct cli_network {
    const char *given;          /**< a checkpoint, a run, weights; a config of `weights`; or NULL */
    const cli_weights *weights; /**< borrowed */
} cli_network;

/** Of a command's arguments: the first, unless that is an image, since --weights says all.
 *  @return how many arguments belong to it: 0 or 1 */
int cli_network_of(cli_network *out, const cli_line *line, const cli_weights *weights);

/** Of the first argument: whether it can be a network at all, before anything is opened.
 *  @return 0; ALX_E_USAGE: it is like a preset's name; ALX_E_DATA: there is no such file */
int cli_check_network(const cli_line *line, const cli_weights *weights) ALX_MUST_USE;

/** Reads a checkpoint (of a run's folder: the best one) or weights alone, opens the device, builds
 *  the kernels and loads the weights.
 *  @param out      NULL before; alx_model_close it whatever happens
 *  @param devices  zeroed, or those of the model before; the caller closes them, after the model
 *  @param how      all but algorithms, rows and progress */
int cli_open_model(alx_model **out, cli_devices *devices, cli_network network,
                   const cli_device_options *options, alx_model_options how) ALX_MUST_USE;

#endif
