/* schedule.h - the plateau rule, which needs the state of a run. */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include "alexnet/train.h"

/**
 * Enters an epoch's held-out signal (spec section 9): good if signal < best * (1 - 1e-4); after
 * more than `patience` bad epochs in a row the rate is multiplied by gamma and the count restarts,
 * at most max_drops times. Changes best_signal, bad_epochs, drops and lr of `state`.
 *
 * @return true if the rate dropped
 */
bool train_schedule_plateau(alx_checkpoint *state, const alx_train_config *config, double signal);

#endif
