/* file_map.h - a file as memory, without a copy of it. */
#ifndef BASE_FILE_MAP_H
#define BASE_FILE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "alexnet/status.h"

/** Starts zeroed. */
typedef struct base_file_map {
    const uint8_t *bytes; /**< read only; NULL if the file is empty */
    size_t count;
} base_file_map;

/** A regular file, mapped: pages come from the disk when they are touched. A file that another
 *  process cuts meanwhile ends this one (SIGBUS); one that is replaced stays as it was.
 *  @return 0; ALX_E_DATA naming the file if it cannot be read or is no file */
int base_file_map_open(base_file_map *out, const char *path) ALX_MUST_USE;
/** Fine for one that is zeroed. */
void base_file_map_close(base_file_map *map);

#endif
