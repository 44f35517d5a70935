/* model.h - a trained network ready to look at images: what eval, predict and features share. */
#ifndef CLI_MODEL_H
#define CLI_MODEL_H

#include "cli/source.h"

typedef struct cli_model {
    char path[PATH_MAX]; /**< of the checkpoint */
    bool keep_outputs;   /**< wanted: every stage's output can be read */
    alx_checkpoint checkpoint;
    alx_net *net;
    alx_feeder *feeder;
} cli_model;

/** Reads a checkpoint (of a run's folder: the best one), opens the device, builds the kernels and
 *  loads the weights.
 *  @param model    zeroed, but for keep_outputs; close it whatever happens
 *  @param devices  zeroed, or those of the model before; the caller closes them, after the model
 *  @param batch    images of a forward pass; 0 = the config's */
int cli_model_open(cli_model *model, cli_devices *devices, const char *given, int batch,
                   const cli_device_options *options) ALX_MUST_USE;
void cli_model_close(cli_model *model);

/** A set's images in their order, in batches of the network, their centres: what eval and predict
 *  look at. `set` and `subset` are borrowed. */
int cli_model_loader(alx_loader **out, const cli_model *model, const alx_dataset *set,
                     const alx_subset *subset, const cli_loading *loading) ALX_MUST_USE;

#endif
