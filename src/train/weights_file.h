/* weights_file.h - a file of weights, seen from a network: which of its tensors is which parameter,
 * by our names, a checkpoint's, or torchvision's, with or without what wrappers put into them. */
#ifndef TRAIN_WEIGHTS_FILE_H
#define TRAIN_WEIGHTS_FILE_H

#include "base/lookup.h"
#include "train/checkpoint/checkpoint.h"

typedef struct weights_file {
    const char *path; /* borrowed */
    alx_safetensors *file;
    char **plain;                 /* names of its tensors without wrappers */
    base_lookup *lookup;          /* of these */
    const alx_param_info *params; /* the network's */
    size_t param_count;
    const alx_st_tensor **tensor; /* of each parameter; NULL: the file has none */
} weights_file;

/** Close it whatever happens. @return ALX_E_DATA naming the file; ALX_E_MEMORY */
int train_weights_file_open(weights_file *out, const char *path, const alx_net *net) ALX_MUST_USE;
void train_weights_file_close(weights_file *file);

/** Puts the file's tensor into a parameter. @return ALX_E_DATA, without the file's path, if it has
 *  none, two that differ in wrappers alone, or one of another shape or type */
int train_weights_file_put(const weights_file *file, alx_net *net, size_t param) ALX_MUST_USE;

/** "a, b, ..." of the first tensors, for messages. */
void train_weights_file_names(const weights_file *file, char *out, size_t out_bytes);
/** One warning that names what no parameter took. */
void train_weights_file_warn_of_rest(const weights_file *file);

#endif
