/* features.h - what the three uses of `alexnet features` share, and the uses. */
#ifndef CLI_FEATURES_H
#define CLI_FEATURES_H

#include "alexnet/dev/train.h"
#include "cli/model.h"
#include "cli/ui/progress.h"

typedef struct features_options {
    cli_line line;
    const char *output, *data, *layer;
    int batch_size, nearest;
    bool probe, json;
    cli_loading loading;
    cli_device_options device;
    cli_progress_options progress;
} features_options;

typedef struct features {
    const features_options *options;
    cli_devices devices;
    cli_model model;
    alx_feature_reader reader;
} features;

/** --nearest: prints the nearest images of --data for each of `queries`. */
int features_print_nearest(features *f, const alx_dataset *queries) ALX_MUST_USE;
/** --probe: trains and scores a linear classifier on --data, and prints how it did. */
int features_print_probe(features *f) ALX_MUST_USE;

#endif
