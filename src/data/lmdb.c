/* lmdb.c - a data set in an LMDB of Datum records, as Caffe's tools and `alexnet pack` write them.
 * Records are found by number: by the number that their keys begin with, or through an index. */
#include "data/lmdb.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "data/datum.h"

#define LMDB_MIN_PAGE 256
#define LMDB_MAX_CLASSES 1000000

/* ---- the environment ----------------------------------------------------------------------- */

int data_lmdb_fail(const data_lmdb *db, const char *what, int code)
{
    return alx_fail(code == ENOMEM ? ALX_E_MEMORY : ALX_E_DATA, "%s: %s: %s", db->path, what,
                    mdb_strerror(code));
}

/* A file cut short would end the program when the missing part is touched. */
static int lmdb_check_size(data_lmdb *db)
{
    char path[DATA_PATH_BYTES + sizeof DATA_LMDB_FILE];
    struct stat info;
    MDB_envinfo env;
    MDB_stat stats;
    int code = mdb_env_info(db->env, &env);

    if (code == 0)
        code = mdb_env_stat(db->env, &stats);
    if (code != 0)
        return data_lmdb_fail(db, "cannot be read", code);
    snprintf(path, sizeof path, "%s/" DATA_LMDB_FILE, db->path);
    if (stat(path, &info) != 0)
        return alx_fail(ALX_E_DATA, "%s: cannot be read: %s", path, strerror(errno));
    if (stats.ms_psize < LMDB_MIN_PAGE ||
        (uint64_t)info.st_size / stats.ms_psize < (uint64_t)env.me_last_pgno + 1)
        return alx_fail(ALX_E_DATA, "%s: truncated: %lld bytes, want %llu", path,
                        (long long)info.st_size,
                        ((unsigned long long)env.me_last_pgno + 1) * stats.ms_psize);
    db->file_bytes = ((size_t)env.me_last_pgno + 1) * stats.ms_psize;
    db->entries = stats.ms_entries;
    db->version = env.me_last_txnid;
    return 0;
}

/* Without locks, so that read-only media will do, and any thread may begin a transaction. */
static int lmdb_open_env(data_lmdb *db)
{
    MDB_txn *txn = NULL;
    int rc = 0, code = mdb_env_create(&db->env);

    if (code == 0)
        code = mdb_env_open(db->env, db->path,
                            MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS | MDB_NORDAHEAD, 0);
    if (code != 0) {
        rc = data_lmdb_fail(db, "not an LMDB that can be read", code);
        goto done;
    }
    TRY(lmdb_check_size(db));
    code = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn);
    if (code == 0)
        code = mdb_dbi_open(txn, NULL, 0, &db->dbi);
    if (code != 0)
        rc = data_lmdb_fail(db, "cannot be read", code);
    else if (db->entries == 0)
        rc = alx_fail(ALX_E_DATA, "%s: an LMDB without records", db->path);
done:
    mdb_txn_abort(txn);
    return rc;
}

void data_lmdb_close(data_lmdb *db)
{
    if (db == NULL)
        return;
    data_lmdb_index_free(&db->index);
    mdb_env_close(db->env);
    free(db);
}

/* ---- records ------------------------------------------------------------------------------- */

static void record_end(lmdb_record *record)
{
    mdb_cursor_close(record->cursor);
    mdb_txn_abort(record->txn);
}

static int record_begin(const data_lmdb *db, lmdb_record *record)
{
    *record = (lmdb_record){ NULL, NULL, { 0, NULL }, { 0, NULL } };
    int code = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &record->txn);

    if (code == 0)
        code = mdb_cursor_open(record->txn, db->dbi, &record->cursor);
    if (code != 0) {
        mdb_txn_abort(record->txn);
        return data_lmdb_fail(db, "cannot be read", code);
    }
    return 0;
}

static int record_step(const data_lmdb *db, lmdb_record *record, MDB_cursor_op op)
{
    const int code = mdb_cursor_get(record->cursor, &record->key, &record->value, op);

    return code != 0 ? data_lmdb_fail(db, "a record cannot be read", code) : 0;
}

/* Record `index`; ends by itself on failure. */
static int record_find(const data_lmdb *db, lmdb_record *record, size_t index)
{
    char number[32];
    MDB_val wanted = { 0, number };
    int rc = record_begin(db, record);

    if (rc != 0)
        return rc;
    if (db->digits > 0) {
        wanted.mv_size = (size_t)snprintf(number, sizeof number, "%0*zu", db->digits, index);
        record->key = wanted;
        TRY(record_step(db, record, MDB_SET_RANGE));
        if (record->key.mv_size < wanted.mv_size ||
            memcmp(record->key.mv_data, number, wanted.mv_size) != 0)
            rc = alx_fail(ALX_E_DATA, "%s: record %s is missing", db->path, number);
    } else {
        const uint64_t start = index > 0 ? db->index.key_end[index - 1] : 0;

        record->key = (MDB_val){ (size_t)(db->index.key_end[index] - start),
                                 (void *)(uintptr_t)(db->index.keys + start) };
        TRY(record_step(db, record, MDB_SET_KEY));
    }
done:
    if (rc != 0)
        record_end(record);
    return rc;
}

/* "PATH:KEY" */
static void record_name(const data_lmdb *db, const lmdb_record *record, char *name, size_t bytes)
{
    snprintf(name, bytes, "%s:%.*s", db->path, (int)record->key.mv_size,
             (const char *)record->key.mv_data);
    data_clean_name(name);
}

static void lmdb_name(const alx_dataset *set, size_t index, char *name, size_t name_bytes)
{
    lmdb_record record;

    if (record_find(set->lmdb, &record, index) != 0) {
        snprintf(name, name_bytes, "%s:%zu", set->lmdb->path, index);
        return;
    }
    record_name(set->lmdb, &record, name, name_bytes);
    record_end(&record);
}

/* -1 of a record that lmdb_load refuses. */
static int lmdb_label(const alx_dataset *set, size_t index)
{
    data_datum datum = { .label = -1 };
    lmdb_record record;

    if (set->lmdb->index.label != NULL)
        return set->lmdb->index.label[index];
    if (record_find(set->lmdb, &record, index) != 0)
        return -1;
    if (!data_datum_parse(&datum, record.value.mv_data, record.value.mv_size))
        datum.label = -1;
    record_end(&record);
    return datum.label;
}

static int lmdb_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    char name[DATA_PATH_BYTES + 512];
    lmdb_record record;
    data_datum datum;
    int rc = record_find(set->lmdb, &record, index);

    if (rc != 0)
        return rc;
    record_name(set->lmdb, &record, name, sizeof name);
    if (!data_datum_parse(&datum, record.value.mv_data, record.value.mv_size))
        rc = alx_fail(ALX_E_DATA, "%s: not a Datum record", name);
    else if (datum.label < 0 || datum.label >= set->class_count)
        rc = alx_fail(ALX_E_DATA, "%s: label %d, but there are %d classes", name, datum.label,
                      set->class_count);
    else
        rc = data_datum_load(rgb, &datum, size, set->options.whole, name);
    record_end(&record);
    return rc;
}

/* ---- numbered keys ------------------------------------------------------------------------- */

/* "00000012_cat/1.jpg" -> 12; its digits, 0 if the key does not begin like that. */
static int key_number(const MDB_val *key, size_t *number)
{
    const char *text = key->mv_data;
    size_t digits = 0;

    *number = 0;
    for (; digits < key->mv_size && digits < 18 && isdigit((unsigned char)text[digits]); ++digits)
        *number = *number * 10 + (size_t)(text[digits] - '0');
    return digits == key->mv_size || text[digits] == '_' ? (int)digits : 0;
}

/* Keys are sorted: from 0 to entries-1 none is left out, unless another number is there twice, and
 * then reading the one that is missing says so. */
static int lmdb_find_digits(data_lmdb *db)
{
    lmdb_record record;
    size_t first = 0, last = 0;
    int rc = record_begin(db, &record);

    if (rc != 0)
        return rc;
    TRY(record_step(db, &record, MDB_FIRST));
    const int digits = key_number(&record.key, &first);

    TRY(record_step(db, &record, MDB_LAST));
    if (key_number(&record.key, &last) == digits && first == 0 && last == db->entries - 1)
        db->digits = digits;
done:
    record_end(&record);
    return rc;
}

/* ---- the data set -------------------------------------------------------------------------- */

/* True if folder/within is an LMDB. */
static bool lmdb_is_in(const char *folder, const char *within)
{
    char path[DATA_PATH_BYTES];
    const int length =
        snprintf(path, sizeof path, "%s/%s" DATA_LMDB_FILE, folder, within);

    return length > 0 && (size_t)length < sizeof path && alx_file_exists(path);
}

bool data_lmdb_is(const char *path)
{
    return lmdb_is_in(path, "") || lmdb_is_in(path, "train/") || lmdb_is_in(path, "test/") ||
           lmdb_is_in(path, "val/");
}

/* One database alone serves as whichever split is asked for. */
static int lmdb_choose(data_lmdb *db, alx_dataset *set, alx_split split)
{
    const data_layout layout =
        lmdb_is_in(set->path, "")
            ? (data_layout){ { "", "" } }
            : data_layout_of(lmdb_is_in(set->path, "train/"), lmdb_is_in(set->path, "test/"),
                             lmdb_is_in(set->path, "val/"));
    const char *within = layout.base[split];

    set->has_split[ALX_SPLIT_TRAIN] = layout.base[ALX_SPLIT_TRAIN] != NULL;
    set->has_split[ALX_SPLIT_TEST] = layout.base[ALX_SPLIT_TEST] != NULL &&
                                     layout.base[ALX_SPLIT_TEST][0] != '\0';
    if (within == NULL)
        return alx_fail(ALX_E_DATA, "%s: no LMDB in %s", set->path,
                        split == ALX_SPLIT_TRAIN ? "train" : "test or val");
    snprintf(db->path, sizeof db->path, "%s%s%.*s", set->path, within[0] != '\0' ? "/" : "",
             (int)strcspn(within, "/"), within);
    return 0;
}

/* A foreign database says only numbers: as many classes as its labels need, named by them. */
static int lmdb_classes(alx_dataset *set, const data_lmdb *db, const char *path)
{
    char name[16];
    int rc = 0;

    if (alx_file_exists(path))
        return data_classes_read(set, path);
    if (db->index.max_label >= LMDB_MAX_CLASSES)
        return alx_fail(ALX_E_DATA, "%s: label %d: not the number of a class", db->path,
                        db->index.max_label);
    for (int i = 0; i <= db->index.max_label; ++i) {
        const int length = snprintf(name, sizeof name, "%d", i);

        TRY(data_class_add(set, name, (size_t)length));
    }
done:
    return rc;
}

static int lmdb_fingerprint(alx_dataset *set, const data_lmdb *db)
{
    const uint64_t facts[] = { db->entries, db->version, db->file_bytes };
    alx_hash *hash = NULL;
    lmdb_record record;
    int rc = 0;

    TRY(alx_hash_create(&hash));
    alx_hash_update(hash, facts, sizeof facts);
    for (int end = 0; end < 2; ++end) {
        TRY(record_find(db, &record, end == 0 ? 0 : db->entries - 1));
        alx_hash_update(hash, record.key.mv_data, record.key.mv_size);
        alx_hash_update(hash, record.value.mv_data, record.value.mv_size);
        record_end(&record);
    }
    alx_hash_hex(hash, set->fingerprint);
done:
    alx_hash_free(hash);
    return rc;
}

static int lmdb_find_statistics(alx_dataset *set, const data_lmdb *db)
{
    char path[DATA_PATH_BYTES + 32];

    snprintf(path, sizeof path, "%s/" DATA_LMDB_STATISTICS, db->path);
    if (alx_file_exists(path) && (set->statistics = strdup(path)) == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    return 0;
}

static const data_source lmdb_source = {
    .separator = ':', .load = lmdb_load, .label = lmdb_label, .name = lmdb_name,
};

int data_lmdb_open(alx_dataset *set, alx_split split)
{
    data_lmdb *db = calloc(1, sizeof *db);
    char classes[DATA_PATH_BYTES + 32];
    int rc = 0;

    set->source = &lmdb_source;
    set->lmdb = db;
    if (db == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", set->path);
    TRY(lmdb_choose(db, set, split));
    TRY(lmdb_open_env(db));
    TRY(lmdb_find_digits(db));
    snprintf(classes, sizeof classes, "%s/" DATA_LMDB_CLASSES, db->path);
    if (db->digits == 0 || !alx_file_exists(classes))
        TRY(data_lmdb_index_open(db));
    TRY(lmdb_classes(set, db, classes));
    TRY(lmdb_fingerprint(set, db));
    TRY(lmdb_find_statistics(set, db));
    set->count = db->entries;
done:
    return rc;
}
