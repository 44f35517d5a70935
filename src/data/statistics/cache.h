/* cache.h - computed statistics in a file: of the cache, or of a packed data set. */
#ifndef DATA_STATISTICS_CACHE_H
#define DATA_STATISTICS_CACHE_H

#include "alexnet/data.h"

/** Path of the cache's file of these images; false if there is no cache. */
bool data_statistics_path(char *path, size_t path_bytes, const alx_dataset *set,
                          const alx_subset *subset, int size);
/** Fills `out` (mean_image is allocated) if the file is there, sound, and of at least
 *  `min_images`. */
bool data_statistics_read(alx_statistics *out, const char *path, int size, size_t min_images);
int data_statistics_write(const alx_statistics *statistics, const char *path) ALX_MUST_USE;

#endif
