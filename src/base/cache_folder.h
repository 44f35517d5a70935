/* cache_folder.h - where caches lie. */
#ifndef BASE_CACHE_FOLDER_H
#define BASE_CACHE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/** Path of `name` in the cache folder, which is created: $ALEXNET_CACHE_DIR; else the first of
 *  $XDG_CACHE_HOME/alexnet, ~/.cache/alexnet and base_private_folder that is there or can be made.
 *  False if the cache is off or there is none. */
bool base_cache_path(char *path, size_t path_bytes, const char *name);
/** A folder of this user alone, alexnet-UID in $TMPDIR, /tmp, /var/tmp or /dev/shm, which is
 *  created; files there can be written and run. False if there is none. */
bool base_private_folder(char *path, size_t path_bytes);
/** Whether a folder can be written, by nobody else, and holds files that can be run: libraries are
 *  loaded from it. Creates none: one that is not there is judged by the nearest one above it, where
 *  others may make files too if they cannot exchange it (/tmp). */
bool base_folder_takes_programs(const char *path);

#endif
