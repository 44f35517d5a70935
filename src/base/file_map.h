/* file_map.h - a file as memory, without a copy of it. */
#ifndef BASE_FILE_MAP_H
#define BASE_FILE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alexnet/status.h"

/** Starts zeroed. */
typedef struct base_file_map {
    const uint8_t *bytes; /**< read only; NULL if the file is empty */
    size_t count;
    int fd; /**< open while there are bytes */
} base_file_map;

/** A regular file, mapped: pages come from the disk when they are touched. A file that is
 *  replaced stays as it was; bytes that another process cuts off must not be touched any more
 *  (SIGBUS).
 *  @return 0; ALX_E_DATA naming the file if it cannot be read or is no file */
int base_file_map_open(base_file_map *out, const char *path) ALX_MUST_USE;
/** Whether the file still has its bytes; asked before a piece of them is touched.
 *  @return 0; ALX_E_DATA, without a name */
int base_file_map_check(const base_file_map *map) ALX_MUST_USE;
/** Whether an address is one of a file's bytes. */
bool base_file_map_holds(const base_file_map *map, const uint8_t *at);
/** Reads bytes of the file, which begin at `at` in the map, without touching the map: no page of it
 *  becomes the process's own, and a file that is cut meanwhile is an error, never a signal.
 *  @return 0; ALX_E_DATA, without a name */
int base_file_map_copy(const base_file_map *map, void *out, const uint8_t *at,
                       size_t bytes) ALX_MUST_USE;
/** Fine for one that is zeroed. */
void base_file_map_close(base_file_map *map);

#endif
