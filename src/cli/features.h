/* features.h - a stage of a trained network as a function of images: what the three uses of
 * `alexnet features` share, and the uses. */
#ifndef CLI_FEATURES_H
#define CLI_FEATURES_H

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
    size_t stage;
    char layer[ALX_NAME_BYTES]; /**< its name */
    alx_shape shape;            /**< of one image */
    size_t length;              /**< numbers of one image */
    float *batch;               /**< (batch, C, H, W) */
} features;

/** Opens checkpoint and device, and finds the stage.
 *  @param f       zeroed, but for options; close it whatever happens
 *  @param images  that there will be, at most; they bound the batch */
int features_open(features *f, size_t images) ALX_MUST_USE;
/** @return rc, or if that is 0 what failed (cli_close_devices) */
int features_close(features *f, int rc);

/** Gets (batch->count, length) features of a batch. */
typedef int features_sink(const alx_batch *batch, const float *values, void *user);

/** Computes the features of a subset's images in their order; NULL: of all. */
int features_each(features *f, const alx_dataset *set, const alx_subset *subset, const char *label,
                  features_sink *sink, void *user) ALX_MUST_USE;
/** The same into memory; features_free it whatever happens. */
int features_gather(alx_features *out, features *f, const alx_dataset *set,
                    const alx_subset *subset, const char *label) ALX_MUST_USE;

void features_free(alx_features *gathered);

#define FEATURES_LINE_BYTES (4 * PATH_MAX + 1024)
/** "IMAGE" or "IMAGE\tCLASS", as the list beside a file of features has it: BASE_NAME_LINE. */
void features_line(char line[FEATURES_LINE_BYTES], const alx_dataset *set, size_t index, int label);

/** -o: features of `set` as a NumPy file, and the list of its rows. */
int features_write(features *f, const alx_dataset *set) ALX_MUST_USE;
bool features_is_npy(const char *path);
/** "F.txt" of "F.npy"; ALX_E_USAGE for another name. */
int features_list_path(char path[PATH_MAX], const char *npy_path) ALX_MUST_USE;
/** --nearest: prints the nearest images of --data for each of `queries`. */
int features_print_nearest(features *f, const alx_dataset *queries) ALX_MUST_USE;
/** --probe: trains and scores a linear classifier on --data, and prints how it did. */
int features_print_probe(features *f) ALX_MUST_USE;

#endif
