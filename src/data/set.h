/* set.h - what a data set is inside: entries from a source (folder, tar, list, CIFAR-10, LMDB)
 * that knows how to fetch one. A source first lists what it holds, then the layout rules choose. */
#ifndef DATA_SET_H
#define DATA_SET_H

#include <sys/stat.h>

#include "alexnet/data.h"

#define DATA_PATH_BYTES 4096

#define DATA_LEFT_ROWS 64 /* room of the table in kinds.c, which says what is left out */

/** What a thing is, by its name. From DATA_LEFT on it is left out, for the reason of that row. */
enum data_kind { DATA_IMAGE, DATA_FOLDER, DATA_LEFT };

/** Something found in a source; the path of a folder ends in '/'. */
typedef struct data_item {
    char *path; /**< inside the source, owned */
    uint64_t offset, bytes;
    int label, kind;
} data_item;

typedef struct data_listing {
    data_item *items;
    size_t count, capacity;
    uint64_t modified; /**< sum of the images' times of change, ns; of a folder only */
} data_listing;

int data_listing_add(data_listing *listing, int kind, const char *path, uint64_t offset,
                     uint64_t bytes) ALX_MUST_USE;
/** By path. */
void data_listing_sort(data_listing *listing);
/** For qsort: two items by their paths. */
int data_item_compare(const void *a, const void *b);
/** Of a sorted listing, what lies directly in the folder `prefix` ("" or "a/b/"), by its name. A
 *  folder that holds no pictures must be listed itself to count. */
int data_listing_level(data_listing *level, const data_listing *listing,
                       const char *prefix) ALX_MUST_USE;
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
    char *path;      /**< of a list the folder of its images; "" of images from here and there */
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
    uint64_t modified; /**< changes where a file is replaced by another of its name and size; 0 of
                            sources whose fingerprint shows that */
};

/** Classes that the labels of the source are of. */
static inline int data_label_count(const alx_dataset *set)
{
    return set->network_class != NULL ? set->label_count : set->class_count;
}

/** Openers of the sources: fill a zeroed set (path given, fd -1), which the caller closes on
 *  failure. */
int data_folder_open(alx_dataset *set, alx_split split) ALX_MUST_USE;
int data_tar_open(alx_dataset *set, alx_split split) ALX_MUST_USE;
/** Of a file that is called like a tar, what stands before its ending; 0: it is not. */
size_t data_tar_stem_length(const char *path);
int data_cifar_open(alx_dataset *set, alx_split split) ALX_MUST_USE;
/** Of a list of "path label" lines. */
int data_list_open(alx_dataset *set) ALX_MUST_USE;
int data_lmdb_open(alx_dataset *set, alx_split split) ALX_MUST_USE;
void data_lmdb_close(data_lmdb *db);
/** True if the folder, or cifar-10-batches-bin in it, holds CIFAR-10's binary files. */
bool data_cifar_is(const char *path);
/** True if the file is a list: by its name, or because it is text. */
bool data_list_is(const char *path);
/** True if the folder is an LMDB, or one in it that is called like a split is. */
bool data_lmdb_is(const char *path);
/** True if the file is an LMDB's, by its first bytes. */
bool data_lmdb_is_file(const char *path);
/** Where the set's path holds nothing but the folder of an LMDB, however deep, makes it that. */
int data_lmdb_step_down(bool *is_lmdb, alx_dataset *set) ALX_MUST_USE;

/** All images below a folder, by their paths in it, sorted; says what pictures it leaves out. */
int data_folder_list(data_listing *out, const char *folder) ALX_MUST_USE;
/** What lies directly in folder/within, by its name. */
int data_folder_level(data_listing *level, const char *folder, const char *within) ALX_MUST_USE;
/** Items are files below the set's path. */
void data_folder_source(alx_dataset *set);
/** "folder/name", with one '/' between them and none at the end. @return 0; ALX_E_DATA: too long */
int data_path_join(char path[DATA_PATH_BYTES], const char *folder, const char *name) ALX_MUST_USE;
/** Decodes the file at `path`, which is image `index`. */
int data_load_file(const alx_dataset *set, size_t index, const char *path, int size,
                   uint8_t *rgb) ALX_MUST_USE;

/** Reads bytes of an open file.
 *  @return 0; ALX_E_DATA naming `path`: there are fewer by now, or they cannot be read */
int data_read_at(void *out, int fd, uint64_t offset, size_t bytes, const char *path) ALX_MUST_USE;

/** Decodes an image file held in memory for item `item`. */
int data_load_encoded(const alx_dataset *set, const data_item *item, const uint8_t *bytes, int size,
                      uint8_t *rgb) ALX_MUST_USE;
/** "PATH/train/cat/0001.jpg" from an item's path. */
void data_full_name(const alx_dataset *set, const char *path, char *name, size_t name_bytes);
/** The same for messages, on one line (BASE_NAME_LINE). */
void data_shown_name(const alx_dataset *set, const char *path, char *name, size_t name_bytes);

/* ---- foreign.c: what is no data set here --------------------------------------------------- */

/** Fails, naming it, if the file is of a known kind that is not read. */
int data_foreign_refuse_file(const char *path) ALX_MUST_USE;
/** The same for a folder. */
int data_foreign_refuse_folder(const char *folder) ALX_MUST_USE;
/** The same for a folder in which no image was found, by the files that were listed in it. */
int data_foreign_refuse_listed(const char *folder, const data_listing *listing) ALX_MUST_USE;
/** What an archive holds and what to do, if a member's path tells; else NULL. */
const char *data_foreign_member(const char *path);

/* ---- kinds.c: what names say --------------------------------------------------------------- */

/** The kind of a path, whose last part is a folder if it ends in '/'. `length` gets how much of the
 *  path decides: all, or up to the folder that is left out with all that is in it. */
int data_kind_of(const char *path, size_t *length);
/** The same of an image alone. */
bool data_path_is_image(const char *path);
/** A picture of a format that is not read. */
bool data_kind_is_picture(int kind);
/** Left out whatever it is: hidden, or in a folder that is none of the user's. */
bool data_kind_is_aside(int kind);
/** Appends "2 hidden files, 3 .webp" to `text`; only the pictures if so asked. */
void data_left_text(char *text, size_t bytes, const size_t count[DATA_LEFT_ROWS], bool pictures);

/* ---- layout rules: which of the listed files are images of which class ---------------------- */

/** Lists a level (data_listing_level) of the source behind `source`. */
typedef int data_level_lister(data_listing *level, const void *source, const char *prefix);

/** Finds set->layout: below single leading folders, however many, the folders of the splits, or
 *  class folders, which are all training then. */
int data_layout_find(alx_dataset *set, data_level_lister *list, const void *source) ALX_MUST_USE;
/** True if an image's name says its synset, as public copies of ImageNet without folders have it:
 *  "n01440764_10026_n01440764.JPEG", "ILSVRC2012_val_00000293_n01440764.JPEG". */
bool data_name_has_synset(const char *name, const char **synset);
/** Length of a synset's name, "n01440764". */
#define DATA_SYNSET_LENGTH 9
/** Whether the text begins with a synset's name and `end` after it. */
bool data_synset_is(const char *text, char end);

/** Takes the images of `split` out of the listing (sorted on the way): classes, labels, order,
 *  fingerprint. */
int data_layout_apply(alx_dataset *set, data_listing *listing, alx_split split) ALX_MUST_USE;
/** Says in `layout` what folders of a level are beside those of the splits, whose places (or -1)
 *  are given. An item's offset is 0 if it holds no classes; then its bytes are the images in it. */
int data_layout_name_beside(data_layout *layout, const data_listing *level, int train,
                            int test) ALX_MUST_USE;
void data_layout_free(data_layout *layout);

/** All images of the listing, with labels from the file of the options. */
int data_labels_apply(alx_dataset *set, data_listing *listing) ALX_MUST_USE;

/** Adds a copy of `name` as the set's last class. */
int data_class_add(alx_dataset *set, const char *name, size_t length) ALX_MUST_USE;
/** Adds the lines of a file as classes. A name twice is refused, and so is an empty line before
 *  another: it would shift the numbers of those behind it. */
int data_classes_read(alx_dataset *set, const char *path) ALX_MUST_USE;
/** For qsort: two names of classes. */
int data_class_compare(const void *a, const void *b);
/** Adds classes that are called 0, 1, ... up to `last`. */
int data_classes_number(alx_dataset *set, long last) ALX_MUST_USE;

#endif
