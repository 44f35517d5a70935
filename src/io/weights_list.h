/* weights_list.h - what a format fills when it opens a file of weights. */
#ifndef IO_WEIGHTS_LIST_H
#define IO_WEIGHTS_LIST_H

#include "alexnet/dev/weights_file.h"
#include "base/file_map.h"
#include "base/format.h"
#include "base/lookup.h"

typedef struct io_tensor {
    alx_weights_tensor about;
    bool big_endian;
    const uint8_t *first; /**< element (0, ..., 0), in memory; NULL: the format's read gets them */
    size_t room;          /**< bytes that may be read from `first` on */
    const base_file_map *map; /**< of the file that `first` lies in; NULL: it is memory */
    const void *source;       /**< the format's own */
} io_tensor;

typedef struct io_weights_format {
    alx_weights_format format;
    const char *text;
    /** Whether a file that begins with `map` may be one. */
    bool (*is)(const base_file_map *map);
    /** Adds tensors and layers. Messages without the path. */
    int (*open)(alx_weights_file *file);
    /** Numbers of a tensor whose `first` is NULL; of another it only checks what lies there, and
     *  `out` is not used. Or NULL. */
    int (*read)(const alx_weights_file *file, const io_tensor *tensor, float *out);
    /** Of a key, kept by the file or its state; `out` stays where there is none. Or NULL. */
    int (*metadata)(const char **out, alx_weights_file *file, const char *key);
    /** Frees `state`; or NULL. */
    void (*close)(alx_weights_file *file);
} io_weights_format;

struct alx_weights_file {
    const io_weights_format *format;
    const char *path; /* kept */
    base_file_map map;
    io_tensor *tensors;
    size_t count, room;
    alx_weights_layer *layers;
    size_t layer_count, layer_room;
    alx_weights_input input;
    void **kept; /* owned */
    size_t kept_count, kept_room;
    char **names; /* of tensors, for `lookup` */
    base_lookup *lookup;
    void *state; /* the format's */
};

/** Zeroed memory that lives as long as the file; NULL: out of memory. */
void *io_weights_keep(alx_weights_file *file, size_t bytes);
/** A copy of a text that lives as long as the file; NULL: out of memory. */
const char *io_weights_text(alx_weights_file *file, const char *text, size_t length);
/** Adds a tensor after checking its dims, whose count it fills in, and that its elements lie
 *  within its room: by its strides if `strided`, else they become those of C order. Name, part and
 *  map must live as long as the file; without a map it is the file's own if `first` lies there. */
int io_weights_add(alx_weights_file *file, const io_tensor *tensor, bool strided) ALX_MUST_USE;
int io_weights_add_layer(alx_weights_file *file, const alx_weights_layer *layer) ALX_MUST_USE;
/** "96x3x11x11" or "a number", for messages. */
base_cell io_weights_shape(const alx_weights_tensor *about);
/** Makes room for one more of `bytes` in an array that doubles. @return the array, moved; NULL: out
 *  of memory, and the old one stays */
void *io_weights_grow(void *array, size_t count, size_t *room, size_t bytes);
/** Layers by tensors' names, in their order: X.weight of 4 or 2 dimensions, with X.bias, found
 *  by `lookup`. */
int io_weights_layers_by_name(alx_weights_file *file) ALX_MUST_USE;

#endif
