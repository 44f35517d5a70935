/* model.h - a trained network ready to look at images: what eval and predict share. */
#ifndef CLI_MODEL_H
#define CLI_MODEL_H

#include "cli/setup.h"

typedef struct cli_model {
    char path[PATH_MAX]; /**< of the checkpoint */
    alx_checkpoint checkpoint;
    alx_net *net;
    alx_feeder *feeder;
} cli_model;

/** Reads a checkpoint (of a run's folder: the best one), opens the device, builds the kernels and
 *  loads the weights.
 *  @param model    zeroed; close it whatever happens
 *  @param devices  zeroed, or those of the model before; the caller closes them, after the model
 *  @param batch    images of a forward pass; 0 = the config's */
int cli_model_open(cli_model *model, cli_devices *devices, const char *given, int batch,
                   const cli_options *options) ALX_MUST_USE;
void cli_model_close(cli_model *model);
/** Name of a class, "class 7" if the checkpoint has none; borrowed from it or static. */
const char *cli_model_class(const cli_model *model, int class_index);

#endif
