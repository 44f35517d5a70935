/* model.h - the command line's way to a trained network: what eval, predict and features share. */
#ifndef CLI_MODEL_H
#define CLI_MODEL_H

#include "alexnet/model.h"
#include "cli/source.h"

typedef struct cli_model {
    char path[PATH_MAX]; /**< of the checkpoint */
    bool keep_outputs;   /**< wanted: every stage's output can be read */
    alx_model *model;
    const alx_checkpoint *checkpoint; /**< the model's, as the next two */
    alx_net *net;
    alx_feeder *feeder;
} cli_model;

/** Reads a checkpoint (of a run's folder: the best one), opens the device, builds the kernels and
 *  loads the weights.
 *  @param model    zeroed, but for keep_outputs; close it whatever happens
 *  @param devices  zeroed, or those of the model before; the caller closes them, after the model
 *  @param batch    images of a forward pass; 0 = the config's
 *  @param loading  of the images that it is going to see */
int cli_model_open(cli_model *model, cli_devices *devices, const char *given, int batch,
                   const cli_device_options *options, const cli_loading *loading) ALX_MUST_USE;
void cli_model_close(cli_model *model);

#endif
