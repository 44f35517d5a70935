/* model.h - the command line's way to a trained network: what eval, predict and features share. */
#ifndef CLI_MODEL_H
#define CLI_MODEL_H

#include "alexnet/model.h"
#include "cli/source.h"

/** Reads a checkpoint (of a run's folder: the best one), opens the device, builds the kernels and
 *  loads the weights.
 *  @param out      NULL before; alx_model_close it whatever happens
 *  @param devices  zeroed, or those of the model before; the caller closes them, after the model
 *  @param how      all but algorithms, rows and progress */
int cli_open_model(alx_model **out, cli_devices *devices, const char *given,
                   const cli_device_options *options, alx_model_options how) ALX_MUST_USE;

#endif
