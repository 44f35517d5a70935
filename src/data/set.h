/* set.h - what a data set is inside: entries from a source (folder, tar, list, CIFAR-10, LMDB)
 * that knows how to fetch one. */
#ifndef DATA_SET_H
#define DATA_SET_H

#include <stdatomic.h>

#include "alexnet/data.h"
#include "data/kinds.h"
#include "data/listing.h"

/** How a source answers for one of its images; thread-safe. */
typedef struct data_source {
    char separator; /**< between the source's path and an item's */
    int (*load)(const alx_dataset *set, size_t index, int size, uint8_t *rgb); /**< size*size*3 */
    int (*label)(const alx_dataset *set, size_t index); /**< NULL: the item's */
    void (*name)(const alx_dataset *set, size_t index, char *name, size_t name_bytes);
    /**< NULL: the item's path */
    void (*close)(alx_dataset *set); /**< frees what only the source knows about; may be NULL */
} data_source;

/** Where the images of a set are, and what was found beside them. */
typedef struct data_layout {
    char *base[2]; /**< by alx_split: "sets/Train/", or "": owned; NULL: no such split */
    bool unsplit;  /**< no folder is a split: all is for training */
    bool flat[2];  /**< no class folders: files are named by their synsets */
    char *beside;  /**< folders that are no split or one that is not taken, "a/, b/"; owned */
    size_t left_outside[DATA_LEFT_ROWS], left[DATA_LEFT_ROWS]; /**< above and in the split */
    size_t loose_outside;                                      /**< images above the splits */
    size_t deep;        /**< images in folders of their class folder */
    char *deep_example; /**< one of these folders, owned */
} data_layout;

typedef struct data_lmdb data_lmdb;

struct alx_dataset {
    const data_source *source;
    alx_dataset_options options;
    char *path;      /**< of a list, the folder of its images; "" if they may be anywhere */
    char *given;     /**< for messages: the path that was asked for */
    int fd;          /**< of an uncompressed tar, else -1 */
    uint8_t *memory; /**< of a compressed tar or CIFAR-10 binaries, else NULL */
    data_lmdb *lmdb;
    data_item *items; /**< NULL of an LMDB */
    size_t count;
    char **classes;
    int class_count;
    bool has_split[2];
    bool numbered;      /**< the classes are only numbers: no names are known */
    int *network_class; /**< by label: of alx_dataset_use_classes; NULL: labels are the set's */
    int label_count;    /**< labels of the source; with network_class not class_count */
    data_layout layout; /**< of folders, tars and LMDBs */
    char *statistics;   /**< file of the statistics of all images; NULL: there is none */
    char fingerprint[33];
    atomic_bool *told; /**< bad images that a message has named, by index */
    uint64_t modified; /**< changes where a file is replaced by another of its name and size; 0 of
                            sources whose fingerprint shows that */
};

/** An empty set; `path` is copied without '/' at its end. Pairs with alx_dataset_close. */
int data_set_create(alx_dataset **out, const char *path) ALX_MUST_USE;

/** Once all images are known. */
int data_set_finish(alx_dataset *set) ALX_MUST_USE;
/** Whether no message has named this bad image yet; from any thread. */
bool data_set_tell(const alx_dataset *set, size_t index);

/** Number of classes that the source's own labels count. */
static inline int data_label_count(const alx_dataset *set)
{
    return set->network_class != NULL ? set->label_count : set->class_count;
}

#endif
