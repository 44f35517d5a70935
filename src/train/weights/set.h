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

/** Turns a first layer that sees red, green, blue to one that sees blue, green, red. */
void train_weights_set_turn(weights_set *set);

/** Makes the numbers two bytes each, in place; nothing for ALX_F32. */
void train_weights_set_narrow(weights_set *set, alx_dtype dtype);

/* ---- names.c --------------------------------------------------------------------------------- */

#define WEIGHTS_NAME_BYTES 64

typedef enum { WEIGHTS_OURS, WEIGHTS_TORCHVISION, WEIGHTS_CAFFE } weights_naming;

/** `conv1.weight`; torchvision's `features.0.weight`; `conv1/0`, as in files of Caffe's HDF5. */
void train_weights_name(char out[WEIGHTS_NAME_BYTES], const weights_set *set, size_t param,
                        weights_naming naming);

/* ---- export_onnx.c --------------------------------------------------------------------------- */

/** @param dtype          that the set was narrowed to
 *  @param preprocessing  by nodes, from pixels of 0 to 255
 *  @return ALX_E_USAGE naming a layer that ONNX has no operator for */
int train_weights_write_onnx(const weights_set *set, const char *path, alx_dtype dtype,
                             bool preprocessing) ALX_MUST_USE;

/* ---- export_caffe.c -------------------------------------------------------------------------- */

/** @param set  turned
 *  @return ALX_E_USAGE naming a layer that Caffe has not */
int train_weights_write_caffe(const weights_set *set, const char *path) ALX_MUST_USE;

#endif
