/* train_text.h - what a training run prints: before it starts, of every epoch, after it ends. */
#ifndef CLI_TRAIN_TEXT_H
#define CLI_TRAIN_TEXT_H

#include "alexnet/train.h"
#include "cli/devices.h"

/** Network, training and folder, as messages. */
int cli_print_run_head(const alx_train_options *options, const cli_devices *devices) ALX_MUST_USE;
/** How the network is computed, if not as the head said, and with --verbose what it takes: of the
 *  net that runs. @param user  the alx_train_options */
void cli_print_net(const alx_net *net, void *user);
/** on_epoch of alx_train_options, whose `user` points to these options; the first call prints the
 *  column heads too. */
void cli_epoch_row(const alx_epoch_metrics *metrics, void *user);
/** Draws curves and filters, says where they are, and prints the test score on stdout. */
int cli_print_run_end(const alx_train_options *options,
                      const alx_train_result *result) ALX_MUST_USE;

#endif
