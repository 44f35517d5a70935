/* state_dict.h - the tensors of a file of PyTorch's, of both its forms. */
#ifndef IO_TORCH_STATE_DICT_H
#define IO_TORCH_STATE_DICT_H

#include "io/torch/values.h"
#include "io/weights_list.h"

/** Where the numbers of a storage lie. */
typedef struct torch_storage {
    const uint8_t *data;
    size_t bytes;
    const char *part;   /**< of the file; NULL: the file */
    size_t offset;      /**< of the storage in `part` */
    const void *source; /**< the form's own, for its read */
} torch_storage;

/** Finds a storage by its key; false: there is none. */
typedef bool io_torch_find(const alx_weights_file *file, const char *key, size_t key_length,
                           torch_storage *out);

/** Adds the tensors of the state dict that the pickle's root is, or of one that lies in it under a
 *  name that training scripts use. */
int io_torch_list(alx_weights_file *file, const io_pickle *pickle, io_torch_find *find,
                  bool big_endian) ALX_MUST_USE;

#endif
