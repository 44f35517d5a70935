/* file.h - files and paths. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "alexnet/status.h"

/** Reads a whole file; `*data` is NUL-terminated beyond `*bytes`, owned by the caller (free).
 *  @return 0; ALX_E_DATA if it cannot be read; ALX_E_MEMORY */
int base_file_read(char **data, size_t *bytes, const char *path) ALX_MUST_USE;
/** The same of one of many, whose name no user typed: where it is missing, none like it is looked
 *  for. */
int base_file_read_listed(char **data, size_t *bytes, const char *path) ALX_MUST_USE;
/** As base_file_read, also of a pipe, which can be read once and whose end it waits for; fails at
 *  more than `max_bytes`. */
int base_file_read_once(char **data, size_t *bytes, const char *path,
                        size_t max_bytes) ALX_MUST_USE;
/** Up to `bytes` from the start of a file; returns how many there are. 0 if it cannot be read, or
 *  is no regular file: a pipe can be read only once. */
size_t base_file_head(void *head, size_t bytes, const char *path);

/** Says so. @return ALX_E_DATA */
int base_not_a_file(const char *path, bool is_folder) ALX_MUST_USE;

/** mkdir -p. */
int base_mkdirs(const char *path) ALX_MUST_USE;
/** Fails where base_mkdirs, or writing into the folder, would; makes none. */
int base_mkdirs_check(const char *path) ALX_MUST_USE;
/** The path itself or, going up from it, the first one that is there; at last "." or "/".
 *  @return 0; ALX_E_IO if it is empty or too long */
int base_path_nearest(char *out, size_t out_bytes, const char *path) ALX_MUST_USE;
bool base_file_exists(const char *path);
/** Fails where there is no folder for a file, or a folder has its name. */
int base_file_check_place(const char *path) ALX_MUST_USE;
/** No folder, pipe or device. */
bool base_file_is_regular(const char *path);
bool base_path_is_folder(const char *path);
/** The same place from any working folder. Links stay, unless the path goes up ("../data").
 *  @return 0 whether or not anything is there; ALX_E_IO if it is too long, or there is no working
 *          folder */
int base_path_absolute(char *out, size_t out_bytes, const char *path) ALX_MUST_USE;
/** ALX_E_USAGE if `output`, which would be overwritten, is the file `input`; NULL is none. */
int base_path_check_output(const char *output, const char *input) ALX_MUST_USE;
/** Whether both paths lead to one file or folder, which is there. */
bool base_path_same(const char *a, const char *b);
/** "folder/name". @return 0; ALX_E_IO if it is too long */
int base_path_in(char out[PATH_MAX], const char *folder, const char *name) ALX_MUST_USE;
/** Name after the last slash; borrowed from `path`. */
const char *base_path_base(const char *path);
/** Whether there is more than `end`, and it ends the path. */
bool base_path_ends_in(const char *path, const char *end);
/** What is before the last slash: "." where there is none.
 *  @return 0; ALX_E_IO if it is too long */
int base_path_folder(char *out, size_t out_bytes, const char *path) ALX_MUST_USE;

#endif
