/* source.h - what most commands begin with: config or checkpoint. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "alexnet/dev/train.h"
#include "cli/devices.h"

/** Where the data are: `given`, or if that is NULL what the checkpoint says ("" if nothing).
 *  @return 0; ALX_E_DATA if they are not there any more, or not seen from this working folder */
int cli_checkpoint_data(const char **path, const char *given, const alx_checkpoint *checkpoint,
                        const char *checkpoint_path) ALX_MUST_USE;

/** Config file or preset with --set and the options that stand for a key. */
int cli_read_config(alx_config *config, const char *path, const cli_line *line) ALX_MUST_USE;
/** The same overrides on a config that came with a checkpoint. */
int cli_override_config(alx_config *config, const cli_line *line) ALX_MUST_USE;

/** ALX_E_USAGE if `output`, which would be overwritten, is the file `input`; NULL is none. */
int cli_check_output(const char *output, const char *input) ALX_MUST_USE;

/* ---- options of several commands ------------------------------------------------------------ */

/** Overrides of the config. */
extern const cli_option cli_set_row[], cli_train_batch_row[], cli_seed_row[];
/** Whether an argument is a preset's name or an INI file's. */
bool cli_is_config(const char *argument);
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

#endif
