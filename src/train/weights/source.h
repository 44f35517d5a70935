/* source.h - what a file of weights needs beside it to look at images: a network that it fits, and
 * what pixels become. */
#ifndef TRAIN_WEIGHTS_SOURCE_H
#define TRAIN_WEIGHTS_SOURCE_H

#include <limits.h>

#include "train/weights/weights.h"

/* ---- preprocess.c ---------------------------------------------------------------------------- */

typedef struct weights_preprocess {
    const char *name, *says;
    bool unit_scale, use_std, bgr;
    double mean[3], std[3]; /* red, green, blue */
} weights_preprocess;

/** @return ALX_E_USAGE with the names that there are */
int train_preprocess_find(const weights_preprocess **out, const char *name) ALX_MUST_USE;
/** What weights of this file's maker want; NULL: not known. */
const weights_preprocess *train_preprocess_of(const weights_file *file);
/** Makes config.data and the statistics of `out` give what the weights want, and says so. Caffe's
 *  blue, green, red is settled by file->bgr.
 *  @param asked           a name, or NULL
 *  @param config_decides  numbers in the config stand, unless `asked` says otherwise */
int train_preprocess_settle(alx_checkpoint *out, weights_file *file, const char *asked,
                            bool config_decides) ALX_MUST_USE;
/** Before a config that is given meets weights: takes the numbers that it has not from the config
 *  inside the file, and says so; warns of others, and where the file has none of a scale of pixels
 *  that its maker does not use. @return ALX_E_DATA: the config inside is none */
int train_preprocess_meet(alx_data_config *data, const weights_file *file) ALX_MUST_USE;

/* ---- beside.c -------------------------------------------------------------------------------- */

/** The network of a .prototxt beside a .caffemodel, whose weights fit it; others are left out with
 *  a warning. file->text becomes the description.
 *  @param path  gets where it lies
 *  @return 0, also if there is none; ALX_E_MEMORY */
int train_weights_take_text(bool *taken, char path[PATH_MAX], alx_config *out,
                            weights_file *file) ALX_MUST_USE;
/** Subtracts a mean image that lies beside a .caffemodel, and says so. What is none is left out
 *  with a warning, if nobody named it.
 *  @param said  the name of the only one that will do; NULL: those that Caffe's examples have
 *  @return 0, also if there is none; ALX_E_DATA naming the image */
int train_weights_take_mean(bool *taken, alx_checkpoint *out, const weights_file *file,
                            const char *said) ALX_MUST_USE;

/* ---- config.c -------------------------------------------------------------------------------- */

/** The network that a file's layers are.
 *  @param channels  of the input, if the file does not say it
 *  @return ALX_E_DATA naming what cannot be */
int train_weights_config(alx_config *out, const weights_file *file, int channels) ALX_MUST_USE;

/* ---- preset.c -------------------------------------------------------------------------------- */

/** Whether every parameter of the network that file was fitted to has numbers of its shape. */
bool train_weights_all_fit(const weights_file *file);
/** A preset that all of the file's weights fit, the likeliest first; others are named in a message.
 *  @return ALX_E_DATA: none */
int train_weights_preset(alx_config *out, weights_file *file) ALX_MUST_USE;

/* ---- open.c ---------------------------------------------------------------------------------- */

/** The network that a file carries, describes, or fits; says which. @return ALX_E_DATA: none */
int train_weights_find_config(alx_config *out, weights_file *file) ALX_MUST_USE;

/** A checkpoint, but for the tensors, of a file of weights.
 *  @param bgr  gets whether the first layer's channels must be turned */
int train_weights_checkpoint(alx_checkpoint *out, bool *bgr,
                             const alx_model_weights *how) ALX_MUST_USE;

#endif
