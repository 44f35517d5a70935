/* feeder.h - waiting for a feeder, where that may fail. */
#ifndef TRAIN_FEEDER_H
#define TRAIN_FEEDER_H

#include "alexnet/train.h"

/** alx_feeder_wait, and how what it waited for ended. */
int train_feeder_finish(alx_feeder *feeder) ALX_MUST_USE;

#endif
