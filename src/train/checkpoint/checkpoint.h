/* checkpoint.h - what writer and reader share: the format, its checksum, the state as JSON. */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "alexnet/dev/io.h"
#include "alexnet/train.h"
#include "base/hash.h"

#define CHECKPOINT_FORMAT "alexnet checkpoint"
#define CHECKPOINT_VERSION CHECKPOINT_FORMAT " 1"
#define CHECKPOINT_CHECKSUM "checksum" /* its key in the metadata */

/* Metadata that the checksum covers, in this order. */
enum { KEY_FORMAT, KEY_NAME, KEY_CONFIG, KEY_STATE, KEY_COUNT };
extern const char *const train_checkpoint_keys[KEY_COUNT];

/* The statistics but for the mean image. */
typedef struct checkpoint_statistic {
    const char *name;
    size_t offset; /* in alx_statistics, of `dims` doubles */
    int dims[2], dim_count;
} checkpoint_statistic;
#define CHECKPOINT_STATISTICS 5
extern const checkpoint_statistic train_checkpoint_statistics[CHECKPOINT_STATISTICS];

/* The checksum covers names, types, shapes and bytes of all tensors in the order of the file, then
 * the metadata above. Of a tensor the head comes first, then its elements in any pieces. */
void train_checkpoint_hash_head(base_hash *hash, const alx_st_tensor *tensor);
void train_checkpoint_hash_data(base_hash *hash, const alx_st_tensor *tensor, const void *data,
                                size_t count);
void train_checkpoint_hash_text(base_hash *hash, const char *text);
/** What a file's checksum should be. */
int train_checkpoint_checksum(char checksum[33], const alx_safetensors *file) ALX_MUST_USE;

/** Position, schedule, sums, classes and algorithms as JSON text; caller frees. */
int train_checkpoint_state_write(char **text, const alx_checkpoint *checkpoint) ALX_MUST_USE;
/** Fills the same members; the class names are allocated.
 *  @param escaped  whether the name and config beside it are of the form BASE_NAME_DATA */
int train_checkpoint_state_read(alx_checkpoint *out, const char *text, bool *escaped) ALX_MUST_USE;

/** Reads a config that a file has or is: what is wrong with it is the fault of that file.
 *  @return ALX_E_DATA, without the file's path */
int train_stored_config(alx_config *out, const char *text, const char *name) ALX_MUST_USE;

/** Where the numbers of parameters come from. */
typedef struct checkpoint_source {
    const alx_graph *graph;
    bool momentum; /**< is there too */
    int (*read)(float *out, size_t param, alx_param_what what, void *user);
    void *user;
} checkpoint_source;

/** alx_checkpoint_write, of any source. */
int train_checkpoint_write(const char *path, const alx_checkpoint *checkpoint,
                           const checkpoint_source *source) ALX_MUST_USE;

/** True if the file says that it is a checkpoint, of whatever version. */
bool train_checkpoint_is(const alx_safetensors *file);
/** Whether the file at `path` is to be read as a checkpoint: one of whatever version; or none that
 *  can be read, but no other file of weights either. */
bool train_checkpoint_begins(const char *path);
/** ALX_E_DATA if the file is no checkpoint, of another version, or its checksum is wrong. */
int train_checkpoint_verify(const alx_safetensors *file, const char *path) ALX_MUST_USE;

/** Puts a file's tensor of this name into a parameter.
 *  @return ALX_E_DATA if there is none, of another shape (both are named) or no floating-point
 *          type; for a file that was cut */
int train_checkpoint_put(alx_net *net, size_t param, alx_param_what what,
                         const alx_safetensors *file, const char *name) ALX_MUST_USE;

#endif
