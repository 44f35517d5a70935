/* lmdb_file.h - the records of an LMDB file, read without liblmdb. That one trusts what it maps: a
 * wrong byte there ends the program by a signal. Here whatever a page says is checked against the
 * page and the file before it is followed. No locks: nothing may write to the file meanwhile; if
 * something does, pages are found wrong or missing. */
#ifndef DATA_LMDB_FILE_H
#define DATA_LMDB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alexnet/status.h"

#define LMDB_MAX_DEPTH 32
#define LMDB_MAX_PAGE 32768

typedef struct lmdb_format lmdb_format;

typedef struct lmdb_file {
    const char *path; /**< borrowed, for messages; NULL: not open */
    int fd;
    const lmdb_format *format;
    size_t bytes, page_bytes;
    uint64_t page_count;
    uint64_t entries, root;
    uint64_t version;  /**< of the last write */
    uint64_t modified; /**< the file's time of change, ns */
    int depth;         /**< pages from the root to a leaf */
    unsigned flags;    /**< of the records' tree: 0 of Caffe's and ours */
    struct lmdb_free {
        uint64_t entries, root;
        int depth;
        unsigned flags;
    } free; /**< the tree of the pages that are free */
} lmdb_file;

/** Bytes inside a cursor's memory. */
typedef struct lmdb_bytes {
    const uint8_t *at;
    size_t count;
} lmdb_bytes;

/** Borrowed until the cursor moves or is closed; all NULL: none. */
typedef struct lmdb_record {
    lmdb_bytes key, value;
} lmdb_record;

/** A node of a page. */
typedef struct lmdb_place {
    uint8_t *page; /**< the cursor's copy of it */
    uint64_t number;
    unsigned at, count;
} lmdb_place;

/** Where a walk through the records of one file stands: the way from the root. Begins zeroed; pairs
 *  with data_lmdb_cursor_close. */
typedef struct lmdb_cursor {
    const lmdb_file *file;
    lmdb_place level[LMDB_MAX_DEPTH];
    uint8_t *pages; /**< one a level, owned */
    uint8_t *value; /**< of the record where it has pages of its own, owned */
    size_t value_room;
    uint8_t *seen;  /**< page_count, borrowed; NULL: not checked. The walk sets 1 for each page it
                         comes to, may come to it only once, and wants it as liblmdb writes it */
    bool keys_only; /**< values outside the tree are not read: `at` is NULL */
} lmdb_cursor;

/** @return 0; ALX_E_DATA: not an LMDB, truncated, damaged, or sorted as Caffe never does */
int data_lmdb_file_open(lmdb_file *out, const char *path) ALX_MUST_USE;
/** A file that was never opened is fine. */
void data_lmdb_file_close(lmdb_file *file);

/** The first record whose key is not less than `key`; it is no error if there is none.
 *  @return 0; ALX_E_DATA naming the damaged page on the way */
int data_lmdb_find(lmdb_cursor *cursor, lmdb_record *record, const lmdb_file *file,
                   lmdb_bytes key) ALX_MUST_USE;
/** The one after it. */
int data_lmdb_next(lmdb_cursor *cursor, lmdb_record *record) ALX_MUST_USE;
/** Marks a page in cursor->seen. @return 0; ALX_E_DATA: no such page, or marked already */
int data_lmdb_mark(const lmdb_cursor *cursor, uint64_t page) ALX_MUST_USE;
/** Frees what it holds. */
void data_lmdb_cursor_close(lmdb_cursor *cursor);

#endif
