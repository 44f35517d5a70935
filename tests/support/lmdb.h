/* lmdb.h - LMDBs made by tests. */
#ifndef TEST_LMDB_H
#define TEST_LMDB_H

#include <lmdb.h>

#include "support/test.h"

/** Creates the environment `path`, and begins to write. */
MDB_txn *test_lmdb_begin(const char *path);
void test_lmdb_put(MDB_txn *txn, const char *key, const void *value, size_t bytes);
/** A Datum of one pixel: (shade, shade, shade). */
void test_lmdb_put_pixel(MDB_txn *txn, const char *key, uint8_t shade, int label);
/** Commits and closes. */
void test_lmdb_end(MDB_txn *txn);

#endif
