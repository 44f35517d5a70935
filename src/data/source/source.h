/* source.h - where images come from: for open.c, which chooses a source, and for one another. */
#ifndef DATA_SOURCE_H
#define DATA_SOURCE_H

#include <sys/stat.h>

#include "data/set.h"

/* ---- which source a path is ---------------------------------------------------------------- */

/** True if the folder, or cifar-10-batches-bin in it, holds CIFAR-10's binary files. */
bool data_cifar_is(const char *path);
/** True if the file is a list: by its name, or because it is text. */
bool data_list_is(const char *path);
/** True if the folder is an LMDB, or one in it that is called like a split is. */
bool data_lmdb_is(const char *path);
/** True if the file is an LMDB's, by its first bytes. */
bool data_lmdb_is_file(const char *path);
/** If the set's path holds nothing but the folder of an LMDB, however deep, the path becomes
 *  that. */
int data_lmdb_step_down(bool *is_lmdb, alx_dataset *set) ALX_MUST_USE;

/* ---- foreign.c: what is no data set here --------------------------------------------------- */

/** Fails, naming it, if the file is of a known kind that is not read. */
int data_foreign_refuse_file(const char *path) ALX_MUST_USE;
/** The same for a folder. */
int data_foreign_refuse_folder(const char *folder) ALX_MUST_USE;
/** The same for a folder in which no image was found, going by the files that were listed in it. */
int data_foreign_refuse_listed(const char *folder, const data_listing *listing) ALX_MUST_USE;
/** What an archive holds and what to do, if a member's path tells; else NULL. */
const char *data_foreign_member(const char *path);

/* ---- sources that know the classes: fill a zeroed set, which the caller closes on failure -- */

int data_cifar_open(alx_dataset *set, alx_split split) ALX_MUST_USE;
/** Of a list of "path label" lines. */
int data_list_open(alx_dataset *set) ALX_MUST_USE;
int data_lmdb_open(alx_dataset *set, alx_split split) ALX_MUST_USE;

/* ---- sources of files: list them, and fetch those that open.c takes ------------------------ */

/** Items are files below the set's path; none is listed yet. */
void data_folder_open(alx_dataset *set);
/** All that is in the folder, however deep. */
int data_folder_list_all(data_listing *listing, const char *folder) ALX_MUST_USE;
/** What is in the folder of that split (set->layout), and for a test the classes of train. */
int data_folder_list_split(data_listing *listing, const alx_dataset *set,
                           alx_split split) ALX_MUST_USE;
/** What lies directly in folder/within, by its name. */
int data_folder_level(data_listing *level, const char *folder, const char *within) ALX_MUST_USE;
/** All images below a folder, by their paths in it, sorted; says what pictures it leaves out. */
int data_folder_list_images(data_listing *out, const char *folder) ALX_MUST_USE;

/** Items are members of the tar at the set's path, all of which are listed. */
int data_tar_open(alx_dataset *set, data_listing *listing) ALX_MUST_USE;
/** The file that is image `index`: all its bytes, in `*owned` where that is not NULL; the caller's
 *  (free), also after failure. */
int data_tar_read(const uint8_t **bytes, uint8_t **owned, const alx_dataset *set,
                  size_t index) ALX_MUST_USE;

/* ---- fetch.c: one image ---------------------------------------------------------------------- */

/** Reads bytes of an open file.
 *  @return 0; ALX_E_DATA naming `path`: there are fewer by now, or they cannot be read */
int data_read_at(void *out, int fd, uint64_t offset, size_t bytes, const char *path) ALX_MUST_USE;
/** Decodes an image file held in memory, which is `item`. */
int data_load_encoded(const alx_dataset *set, const data_item *item, const uint8_t *bytes, int size,
                      uint8_t *rgb) ALX_MUST_USE;
/** Decodes the file at `path`, which is image `index`. */
int data_load_file(const alx_dataset *set, size_t index, const char *path, int size,
                   uint8_t *rgb) ALX_MUST_USE;

/** A file's time of change, ns. */
static inline uint64_t data_modified(const struct stat *info)
{
    return (uint64_t)info->st_mtim.tv_sec * 1000000000u + (uint64_t)info->st_mtim.tv_nsec;
}

#endif
