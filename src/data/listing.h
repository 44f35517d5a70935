/* listing.h - what a source holds, before it is known which of it are images of which class. */
#ifndef DATA_LISTING_H
#define DATA_LISTING_H

#include <stddef.h>
#include <stdint.h>

#include "alexnet/status.h"

#define DATA_PATH_BYTES 4096

/** Something found in a source; the path of a folder ends in '/'. A folder of a level has other
 *  members than a file: what splits.h says of it. */
typedef struct data_item {
    char *path; /**< inside the source, owned */
    union {
        uint64_t offset; /**< of a file, where the source needs one */
        uint64_t filled; /**< of a folder: not 0: it holds classes */
    };
    union {
        uint64_t bytes;  /**< of a file */
        uint64_t images; /**< of a folder that is not filled */
    };
    union {
        int label; /**< of an image */
        int role;  /**< of a folder: a data_role */
    };
    int kind; /**< of kinds.h */
} data_item;

typedef struct data_listing {
    data_item *items;
    size_t count, capacity;
    uint64_t modified; /**< changes where a file is replaced by another of its name and size, ns */
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

#endif
