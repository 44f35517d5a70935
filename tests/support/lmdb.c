/* lmdb.c - see lmdb.h. */
#include "support/lmdb.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/source/datum.h"

static void lmdb_check(int code)
{
    if (code != 0)
        fail_msg("LMDB: %s", mdb_strerror(code));
}

MDB_txn *test_lmdb_begin(const char *path)
{
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;

    assert_ok(base_mkdirs(path));
    lmdb_check(mdb_env_create(&env));
    lmdb_check(mdb_env_set_mapsize(env, (size_t)1 << 30));
    lmdb_check(mdb_env_open(env, path, MDB_NOLOCK | MDB_NOSYNC, 0666));
    lmdb_check(mdb_txn_begin(env, NULL, 0, &txn));
    return txn;
}

void test_lmdb_put(MDB_txn *txn, const char *key, const void *value, size_t bytes)
{
    MDB_val k = { strlen(key), (void *)(uintptr_t)key };
    MDB_val v = { bytes, (void *)(uintptr_t)value };
    MDB_dbi dbi = 0;

    lmdb_check(mdb_dbi_open(txn, NULL, 0, &dbi));
    lmdb_check(mdb_put(txn, dbi, &k, &v, 0));
}

void test_lmdb_put_pixel(MDB_txn *txn, const char *key, uint8_t shade, int label)
{
    const data_datum datum = {
        .channels = 1, .height = 1, .width = 1, .label = label, .data = &shade, .data_bytes = 1
    };
    uint8_t *record = NULL;
    size_t bytes = 0;

    assert_ok(data_datum_write(&record, &bytes, &datum));
    test_lmdb_put(txn, key, record, bytes);
    free(record);
}

void test_lmdb_end(MDB_txn *txn)
{
    MDB_env *env = mdb_txn_env(txn);

    lmdb_check(mdb_txn_commit(txn));
    mdb_env_close(env);
}
