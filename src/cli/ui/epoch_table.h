/* epoch_table.h - a line per epoch while training. */
#ifndef CLI_EPOCH_TABLE_H
#define CLI_EPOCH_TABLE_H

#include "alexnet/train.h"

/** on_epoch of alx_train_options, whose `user` points to these options; the first call prints the
 *  column heads too. */
void cli_epoch_row(const alx_epoch_metrics *metrics, void *user);

#endif
