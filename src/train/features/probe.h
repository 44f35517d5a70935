/* probe.h - the linear classifier of alx_probe beside a network that has tuning rows. */
#ifndef TRAIN_FEATURES_PROBE_H
#define TRAIN_FEATURES_PROBE_H

#include "alexnet/train.h"

typedef struct train_probe {
    const alx_features *train, *test;
    int classes;
    alx_device *dev;
    alx_rows *const *rows; /* of the device; may be NULL */
    void (*progress)(size_t done, size_t total, void *user);
    void *user;
} train_probe;

int train_probe_run(alx_score *train_score, alx_score *test_score,
                    const train_probe *wanted) ALX_MUST_USE;

#endif
