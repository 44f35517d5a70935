/* dataset.h - what a data set is inside: entries from a source (folder, tar, CIFAR-10, LMDB) that
 * knows how to fetch one. A source first lists what it holds, then the layout rules choose. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include <sys/stat.h>

#include "alexnet/data.h"

#define DATA_PATH_BYTES 4096

/** Something found in a source: an image, or a folder, whose path ends in '/'. */
typedef struct data_item {
    char *path; /**< inside the source, owned */
    uint64_t offset, bytes;
    int label;
} data_item;

typedef struct data_listing {
    data_item *items;
    size_t count, capacity;
    uint64_t modified; /**< sum of the images' times of change, ns; of a folder only */
} data_listing;

int data_listing_add(data_listing *listing, const char *path, uint64_t offset,
                     uint64_t bytes) ALX_MUST_USE;
/** By path. */
void data_listing_sort(data_listing *listing);
void data_listing_free(data_listing *listing);

/** A file's time of change, ns. */
static inline uint64_t data_modified(const struct stat *info)
{
    return (uint64_t)info->st_mtim.tv_sec * 1000000000u + (uint64_t)info->st_mtim.tv_nsec;
}

/** How a source fetches; thread-safe. */
typedef struct data_source {
    char separator; /**< between the source's path and an item's */
    int (*load)(const alx_dataset *set, size_t index, int size, uint8_t *rgb); /**< size*size*3 */
    int (*label)(const alx_dataset *set, size_t index); /**< NULL: the item's */
    void (*name)(const alx_dataset *set, size_t index, char *name, size_t name_bytes);
                                                        /**< NULL: the item's path */
} data_source;

typedef struct data_lmdb data_lmdb;

struct alx_dataset {
    const data_source *source;
    alx_dataset_options options;
    char *path;      /**< "" of images from here and there */
    int fd;          /**< of an uncompressed tar, else -1 */
    uint8_t *memory; /**< of a compressed tar or CIFAR-10 binaries, else NULL */
    data_lmdb *lmdb;
    data_item *items; /**< NULL of an LMDB */
    size_t count;
    char **classes;
    int class_count;
    bool has_split[2];
    char *statistics; /**< file of the statistics of all images; NULL: there is none */
    char fingerprint[33];
    uint64_t modified; /**< changes where a file is replaced by another of its name and size; 0 of
                            sources whose fingerprint shows that */
};

/** Openers of the sources: fill a zeroed set (path given, fd -1), which the caller closes on
 *  failure. */
int data_folder_open(alx_dataset *set, alx_split split) ALX_MUST_USE;
int data_tar_open(alx_dataset *set, alx_split split) ALX_MUST_USE;
int data_cifar_open(alx_dataset *set, alx_split split) ALX_MUST_USE;
/** Of a list of "path label" lines. */
int data_list_open(alx_dataset *set) ALX_MUST_USE;
int data_lmdb_open(alx_dataset *set, alx_split split) ALX_MUST_USE;
void data_lmdb_close(data_lmdb *db);
/** True if the folder, or cifar-10-batches-bin in it, holds CIFAR-10's binary files. */
bool data_cifar_is(const char *path);
/** True if the file is a list: by its name, or because it is text. */
bool data_list_is(const char *path);
/** True if the folder is an LMDB, or its train, test or val is. */
bool data_lmdb_is(const char *path);
/** True if the file is an LMDB's, by its first bytes. */
bool data_lmdb_is_file(const char *path);

/** All images below a folder, by their paths in it, sorted. */
int data_folder_list(data_listing *out, const char *folder) ALX_MUST_USE;
/** Items are files below the set's path. */
void data_folder_source(alx_dataset *set);

/** Reads bytes of an open file.
 *  @return 0; ALX_E_DATA naming `path`: there are fewer by now, or they cannot be read */
int data_read_at(void *out, int fd, uint64_t offset, size_t bytes, const char *path) ALX_MUST_USE;

/** Decodes an image file held in memory for item `item`. */
int data_load_encoded(const alx_dataset *set, const data_item *item, const uint8_t *bytes,
                      int size, uint8_t *rgb) ALX_MUST_USE;
/** "PATH/train/cat/0001.jpg" from an item's path. */
void data_full_name(const alx_dataset *set, const char *path, char *name, size_t name_bytes);
/** The same for messages, on one line (ALX_NAME_LINE). */
void data_shown_name(const alx_dataset *set, const char *path, char *name, size_t name_bytes);

/* ---- foreign.c: what is no data set here --------------------------------------------------- */

/** Up to `bytes` from the file's start; how many there are. */
size_t data_file_head(char *head, size_t bytes, const char *path);
/** Fails, naming it, if the file is of a known kind that is not read. */
int data_foreign_refuse_file(const char *path) ALX_MUST_USE;
/** The same for a folder. */
int data_foreign_refuse_folder(const char *folder) ALX_MUST_USE;
/** What an archive holds and what to do, if a member's path tells; else NULL. */
const char *data_foreign_member(const char *path);

/* ---- layout rules: which of the listed files are images of which class --------------------- */

/** Where the splits are, relative to the root: "train/", "" or, if there is none, NULL. */
typedef struct data_layout {
    const char *base[2]; /**< by alx_split */
} data_layout;

/** Hidden: a part of the path starts with a dot. */
bool data_path_is_hidden(const char *path);
/** By suffix: jpg, jpeg or png in any case. */
bool data_path_is_image(const char *path);
/** A name that holds a split, not a class: train, test, val. */
bool data_name_is_split(const char *name, size_t length);

/** The rules from which of train, test and val there are with class folders inside. */
data_layout data_layout_of(bool train, bool test, bool val);
/** The same for a complete listing, below a leading folder, whose length goes to `root`. */
data_layout data_layout_find(const data_listing *listing, size_t *root);

/** Takes the images of `split` out of the listing (sorted on the way): classes, labels, order,
 *  fingerprint. `root` characters of every path are a leading folder. */
int data_layout_apply(alx_dataset *set, data_listing *listing, const data_layout *layout,
                      size_t root, alx_split split) ALX_MUST_USE;

/** All images of the listing, with labels from the file of the options. */
int data_labels_apply(alx_dataset *set, data_listing *listing) ALX_MUST_USE;

/** Adds a copy of `name` as the set's last class. */
int data_class_add(alx_dataset *set, const char *name, size_t length) ALX_MUST_USE;
/** Adds the lines of a file as classes. A name twice is refused, and so is an empty line before
 *  another: it would shift the numbers of those behind it. */
int data_classes_read(alx_dataset *set, const char *path) ALX_MUST_USE;
/** Adds classes that are called 0, 1, ... up to `last`. */
int data_classes_number(alx_dataset *set, long last) ALX_MUST_USE;

#endif
