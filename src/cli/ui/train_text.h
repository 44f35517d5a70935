/* train_text.h - what a training run prints before it starts and after it ends; its pictures. */
#ifndef CLI_TRAIN_TEXT_H
#define CLI_TRAIN_TEXT_H

#include "alexnet/train.h"
#include "cli/devices.h"

/** Network, training and folder, as messages. */
int train_print_head(const alx_train_options *options, const cli_devices *devices) ALX_MUST_USE;
/** Draws curves and filters, says where they are, and prints the test score on stdout. */
int train_print_end(const alx_train_options *options, const alx_train_result *result) ALX_MUST_USE;

#endif
