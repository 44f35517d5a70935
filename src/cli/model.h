/* model.h - the command line's way to a trained network: what eval, predict and features share. */
#ifndef CLI_MODEL_H
#define CLI_MODEL_H

#include "alexnet/model.h"
#include "cli/source.h"

/** What an argument and --weights say of a network. */
typedef struct cli_network {
    const char *given;          /**< a checkpoint, a run, weights; a config of `weights`; or NULL */
    const cli_weights *weights; /**< borrowed */
} cli_network;

/** Of a command's arguments: the first, unless that is an image, since --weights says all.
 *  @return how many arguments belong to it: 0 or 1 */
int cli_network_of(cli_network *out, const cli_line *line, const cli_weights *weights);

/** Reads a checkpoint (of a run's folder: the best one) or weights alone, opens the device, builds
 *  the kernels and loads the weights.
 *  @param out      NULL before; alx_model_close it whatever happens
 *  @param devices  zeroed, or those of the model before; the caller closes them, after the model
 *  @param how      all but algorithms, rows and progress */
int cli_open_model(alx_model **out, cli_devices *devices, cli_network network,
                   const cli_device_options *options, alx_model_options how) ALX_MUST_USE;

#endif
