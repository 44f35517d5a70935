/* lmdb_file.h - the records of an LMDB file, read without liblmdb. That one trusts what it maps: a
 * wrong byte there ends the program by a signal. Here whatever a page says is checked against the
 * page and the file before it is followed. No locks: nothing may write to the file meanwhile. */
#ifndef DATA_LMDB_FILE_H
#define DATA_LMDB_FILE_H

#include "data/dataset.h"

#define LMDB_MAX_DEPTH 32

typedef struct lmdb_file {
    const char *path;     /**< borrowed, for messages */
    const uint8_t *map;
    size_t mapped_bytes, page_bytes;
    uint64_t page_count;
    uint64_t entries, root;
    uint64_t version;     /**< of the last write */
    uint64_t modified;    /**< the file's time of change, ns */
    int depth;            /**< pages from the root to a leaf */
} lmdb_file;

/** Bytes inside the map. */
typedef struct lmdb_bytes {
    const uint8_t *at;
    size_t count;
} lmdb_bytes;

/** Borrowed until the file is closed; all NULL: none. */
typedef struct lmdb_record {
    lmdb_bytes key, value;
} lmdb_record;

/** A node of a page. */
typedef struct lmdb_place {
    const uint8_t *page;
    unsigned at, count;
} lmdb_place;

/** Where a walk through the records stands: the way from the root. */
typedef struct lmdb_cursor {
    const lmdb_file *file;
    lmdb_place level[LMDB_MAX_DEPTH];
} lmdb_cursor;

/** @return 0; ALX_E_DATA: not such a file, truncated, damaged, sorted as Caffe never does */
int data_lmdb_file_open(lmdb_file *out, const char *path) ALX_MUST_USE;
/** A file that was not opened is fine. */
void data_lmdb_file_close(lmdb_file *file);

/** The first record whose key is not less than `key`; that there is none is no error.
 *  @return 0; ALX_E_DATA: the page on the way that is damaged */
int data_lmdb_find(lmdb_cursor *cursor, lmdb_record *record, const lmdb_file *file,
                   lmdb_bytes key) ALX_MUST_USE;
/** The one after it. */
int data_lmdb_next(lmdb_cursor *cursor, lmdb_record *record) ALX_MUST_USE;

#endif
