/* set.h - all parameters of a network in host memory, with what belongs to them: what is converted
 * from one format to another. */
#ifndef TRAIN_WEIGHTS_SET_H
#define TRAIN_WEIGHTS_SET_H

#include "train/weights/weights.h"

typedef struct weights_set {
    alx_checkpoint checkpoint;
    alx_graph *graph;
    const alx_param_info *params; /* the graph's */
    size_t count;
    float **numbers; /* of each parameter */
} weights_set;

/** Free it whatever happens. */
int train_weights_set_read(weights_set *out, const alx_model_weights *from) ALX_MUST_USE;
void train_weights_set_free(weights_set *set);

/** Makes it weights for the inverted form of dropout, which is the only one that other programs
 *  know, and says so. */
void train_weights_set_invert(weights_set *set);
/** Makes the config say in numbers what is subtracted and divided by: other formats have no
 *  statistics. */
void train_weights_set_name_mean(weights_set *set);

/** Makes the numbers two bytes each, in place; nothing for ALX_F32. */
void train_weights_set_narrow(weights_set *set, alx_dtype dtype);

/* ---- export.c -------------------------------------------------------------------------------- */

#define WEIGHTS_NAME_BYTES 64
/** What torchvision would call a parameter: `features.0.weight`. */
void train_weights_torch_name(char out[WEIGHTS_NAME_BYTES], const weights_set *set, size_t param);

/* ---- export_onnx.c --------------------------------------------------------------------------- */

/** @return ALX_E_USAGE naming a layer that ONNX has no operator for */
int train_weights_write_onnx(const weights_set *set, const char *path) ALX_MUST_USE;

/* ---- export_caffe.c -------------------------------------------------------------------------- */

/** Turns the first layer's channels to blue, green, red, in the set too.
 *  @return ALX_E_USAGE naming a layer that Caffe has not */
int train_weights_write_caffe(weights_set *set, const char *path) ALX_MUST_USE;

#endif
