/* lmdb.c - a data set in an LMDB of Datum records, as Caffe's tools and `alexnet pack` write them.
 * Records are found by number: by the number that their keys begin with, or through an index. */
#include "data/source/lmdb.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/name_write.h"
#include "base/try.h"
#include "data/classes.h"
#include "data/layout.h"
#include "data/source/datum.h"
#include "data/source/source.h"
#include "data/splits.h"

#define LMDB_MAX_CLASSES 1000000

/* ---- records ------------------------------------------------------------------------------- */

static int lmdb_open_file(data_lmdb *db)
{
    if (db->is_file)
        memcpy(db->file_path, db->path, sizeof db->path);
    else
        data_lmdb_beside(db->file_path, sizeof db->file_path, db, DATA_LMDB_FILE);
    TRY(data_lmdb_file_open(&db->file, db->file_path));
    db->file_bytes = (size_t)db->file.page_count * db->file.page_bytes;
    db->entries = (size_t)db->file.entries;
    if (db->entries == 0)
        return alx_fail(ALX_E_DATA, "%s: an LMDB without records", db->path);
    return 0;
}

static void lmdb_close(alx_dataset *set)
{
    if (set->lmdb == NULL)
        return;
    data_lmdb_index_free(&set->lmdb->index);
    data_lmdb_file_close(&set->lmdb->file);
    free(set->lmdb);
}

static lmdb_bytes number_key(char text[32], int digits, size_t number)
{
    const int length = snprintf(text, 32, "%0*zu", digits, number);

    return (lmdb_bytes){ (const uint8_t *)text, (size_t)length };
}

/* Whether the record's key is `key` (`whole`), or begins with it. */
static bool record_has_key(const lmdb_record *record, lmdb_bytes key, bool whole)
{
    return record->key.at != NULL && record->key.count >= key.count &&
           memcmp(record->key.at, key.at, key.count) == 0 &&
           (!whole || record->key.count == key.count);
}

static int record_find(const data_lmdb *db, lmdb_cursor *cursor, lmdb_record *record, size_t index)
{
    const bool numbered = db->digits > 0;
    uint8_t room[LMDB_MAX_PAGE];
    char text[32];
    lmdb_bytes key;

    if (numbered)
        key = number_key(text, db->digits, index);
    else
        TRY(data_lmdb_index_key(&key, room, &db->index, index));
    TRY(data_lmdb_find(cursor, record, &db->file, key));
    if (!record_has_key(record, key, !numbered))
        return alx_fail(ALX_E_DATA, "%s: record %zu is missing", db->path, index);
    return 0;
}

/* "PATH:KEY" */
static void record_name(const data_lmdb *db, const lmdb_record *record, char *name, size_t bytes)
{
    snprintf(name, bytes, "%s:%.*s", db->path, (int)record->key.count,
             (const char *)record->key.at);
}

static void lmdb_name(const alx_dataset *set, size_t index, char *name, size_t name_bytes)
{
    lmdb_cursor cursor = { 0 };
    lmdb_record record;

    if (record_find(set->lmdb, &cursor, &record, index) != 0)
        snprintf(name, name_bytes, "%s:%zu", set->lmdb->path, index);
    else
        record_name(set->lmdb, &record, name, name_bytes);
    data_lmdb_cursor_close(&cursor);
}

/* -1 of a record that lmdb_load refuses. */
static int lmdb_label(const alx_dataset *set, size_t index)
{
    data_datum datum = { .label = -1 };
    lmdb_cursor cursor = { 0 };
    lmdb_record record;

    if (set->lmdb->index.label != NULL)
        return set->lmdb->index.label[index];
    if (record_find(set->lmdb, &cursor, &record, index) != 0 ||
        !data_datum_parse(&datum, record.value.at, record.value.count))
        datum.label = -1;
    data_lmdb_cursor_close(&cursor);
    return datum.label;
}

static int record_load(const alx_dataset *set, const lmdb_record *record, size_t index, int size,
                       uint8_t *rgb)
{
    const int32_t *indexed = set->lmdb->index.label;
    char full[DATA_PATH_BYTES + 512], name[sizeof full];
    data_datum datum;

    record_name(set->lmdb, record, full, sizeof full);
    base_name_write(name, sizeof name, full, BASE_NAME_LINE);
    if (!data_datum_parse(&datum, record->value.at, record->value.count))
        return alx_fail(ALX_E_DATA, "%s: not a Datum record", name);
    if (datum.label < 0 || datum.label >= data_label_count(set))
        return alx_fail(ALX_E_DATA, "%s: label %d, but there are %d classes", name, datum.label,
                        data_label_count(set));
    if (indexed != NULL && indexed[index] != datum.label)
        return alx_fail(ALX_E_DATA, "%s: label %d, but its index says %d: remove alexnet-index",
                        name, datum.label, indexed[index]);
    return data_datum_load(rgb, &datum, size, set->options.whole, name);
}

static int lmdb_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    lmdb_cursor cursor = { 0 };
    lmdb_record record;
    int rc = 0;

    TRY_DONE(record_find(set->lmdb, &cursor, &record, index));
    TRY_DONE(record_load(set, &record, index, size, rgb));
done:
    data_lmdb_cursor_close(&cursor);
    return rc;
}

/* ---- numbered keys ------------------------------------------------------------------------- */

/* The number of digits at the start of "00000012_cat/1.jpg"; 0 if the key does not begin like
 * that. */
static int key_digits(lmdb_bytes key)
{
    size_t digits = 0;

    while (digits < key.count && digits < 18 && isdigit(key.at[digits]))
        ++digits;
    return digits == key.count || key.at[digits] == '_' ? (int)digits : 0;
}

/* Keys are sorted: if the first is 0 and the last entries - 1, no number is missing, unless another
 * is there twice; reading the missing one then fails. */
static int lmdb_find_digits(data_lmdb *db)
{
    char text[32];
    lmdb_cursor cursor = { 0 };
    lmdb_record record;
    int rc = 0;

    TRY_DONE(data_lmdb_find(&cursor, &record, &db->file, (lmdb_bytes){ NULL, 0 }));
    const int digits = key_digits(record.key);

    if (digits == 0 || !record_has_key(&record, number_key(text, digits, 0), false))
        goto done;
    const lmdb_bytes last = number_key(text, digits, db->entries - 1);

    TRY_DONE(data_lmdb_find(&cursor, &record, &db->file, last));
    if (!record_has_key(&record, last, false) || key_digits(record.key) != digits)
        goto done;
    TRY_DONE(data_lmdb_next(&cursor, &record));
    if (record.key.at == NULL)
        db->digits = digits;
done:
    data_lmdb_cursor_close(&cursor);
    return rc;
}

/* ---- the data set -------------------------------------------------------------------------- */

/* True if folder/within is an LMDB. */
static bool lmdb_is_in(const char *folder, const char *within)
{
    char path[DATA_PATH_BYTES];
    const int length = snprintf(path, sizeof path, "%s/%s" DATA_LMDB_FILE, folder, within);

    return length > 0 && (size_t)length < sizeof path && base_file_exists(path);
}

/* Its magic is at byte 16, since LMDB 1.0 at byte 24. */
bool data_lmdb_is_file(const char *path)
{
    static const uint32_t magic = 0xBEEFC0DEu;
    char head[28];

    return base_file_head(head, sizeof head, path) == sizeof head &&
           (memcmp(head + 16, &magic, sizeof magic) == 0 ||
            memcmp(head + 24, &magic, sizeof magic) == 0);
}

/* What is in the folder `path`; a folder there is filled if it holds a database. */
static int lmdb_list(data_listing *level, const char *path)
{
    TRY(data_folder_level(level, path, ""));
    data_listing_sort(level);
    data_roles_mark(level);
    for (size_t i = 0; i < level->count; ++i)
        level->items[i].filled = level->items[i].kind == DATA_FOLDER &&
                                 lmdb_is_in(path, level->items[i].path);
    return 0;
}

/* `level` gets what is in the folder, unless that is a database itself. */
static int lmdb_look(bool *is_lmdb, data_listing *level, const char *path)
{
    *is_lmdb = lmdb_is_in(path, "");
    if (*is_lmdb)
        return 0;
    TRY(lmdb_list(level, path));
    for (size_t i = 0; i < level->count && !*is_lmdb; ++i)
        *is_lmdb = level->items[i].filled != 0 && level->items[i].role != DATA_ROLE_NONE;
    return 0;
}

bool data_lmdb_is(const char *path)
{
    data_listing level = { 0 };
    bool found = false;
    const int rc = lmdb_look(&found, &level, path);

    data_listing_free(&level);
    return rc == 0 && found;
}

/* The only folder of a level without images, or NULL. */
static const data_item *lmdb_only_folder(const data_listing *level)
{
    const data_item *only = NULL;

    for (size_t i = 0; i < level->count; ++i) {
        const int kind = level->items[i].kind;

        if (kind == DATA_IMAGE || (kind == DATA_FOLDER && only != NULL))
            return NULL;
        if (kind == DATA_FOLDER)
            only = &level->items[i];
    }
    return only;
}

int data_lmdb_step_down(bool *is_lmdb, alx_dataset *set)
{
    data_listing level = { 0 };
    char path[DATA_PATH_BYTES];
    int rc = 0;

    snprintf(path, sizeof path, "%s", set->path);
    for (;;) {
        data_listing_free(&level);
        TRY_DONE(lmdb_look(is_lmdb, &level, path));
        if (*is_lmdb)
            break;
        const data_item *only = lmdb_only_folder(&level);
        const size_t used = strlen(path);

        if (only == NULL || used + strlen(only->path) + 2 > sizeof path)
            goto done;
        snprintf(path + used, sizeof path - used, "/%.*s", (int)strcspn(only->path, "/"),
                 only->path);
    }
    if (strcmp(path, set->path) != 0) {
        free(set->path);
        set->path = strdup(path);
        if (set->path == NULL)
            rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    }
done:
    data_listing_free(&level);
    return rc;
}

/* The databases in folders that are called like splits. */
static int lmdb_find_splits(alx_dataset *set)
{
    char **base = set->layout.base;
    data_listing level = { 0 };
    int at[2] = { -1, -1 }, rc = 0;

    TRY_DONE(lmdb_list(&level, set->path));
    TRY_DONE(data_splits_choose(at, &level, set->path));
    for (int i = 0; i < 2; ++i) {
        set->has_split[i] = at[i] >= 0;
        if (at[i] >= 0 && (base[i] = strdup(level.items[at[i]].path)) == NULL) {
            rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", set->path);
            goto done;
        }
    }
    TRY_DONE(data_layout_name_beside(&set->layout, &level, at[0], at[1]));
done:
    data_listing_free(&level);
    return rc;
}

/* One database alone serves as whichever split is asked for. */
static int lmdb_choose(data_lmdb *db, alx_dataset *set, alx_split split)
{
    const bool alone = lmdb_is_in(set->path, "");
    const char *within = "";

    if (!alone) {
        TRY(lmdb_find_splits(set));
        within = set->layout.base[split];
    }
    if (within == NULL)
        return alx_fail(ALX_E_DATA, "%s: no LMDB in %s", set->path,
                        split == ALX_SPLIT_TRAIN ? "train" : "test or val");
    snprintf(db->path, sizeof db->path, "%s%s%.*s", set->path, within[0] != '\0' ? "/" : "",
             (int)strcspn(within, "/"), within);
    return 0;
}

/* A database of others has only numbers: there are as many classes as its labels need, called by
 * them. */
static int lmdb_classes(alx_dataset *set, const data_lmdb *db, const char *path)
{
    if (base_file_exists(path))
        return data_classes_read(set, path);
    if (db->index.max_label >= LMDB_MAX_CLASSES)
        return alx_fail(ALX_E_DATA, "%s: label %d: not the number of a class", db->path,
                        db->index.max_label);
    return data_classes_number(set, db->index.max_label);
}

static int lmdb_fingerprint(alx_dataset *set, const data_lmdb *db)
{
    const uint64_t facts[] = { db->entries, db->file.version, db->file_bytes };
    base_hash *hash = NULL;
    lmdb_cursor cursor = { 0 };
    lmdb_record record;
    int rc = 0;

    TRY_DONE(base_hash_create(&hash));
    base_hash_update(hash, facts, sizeof facts);
    for (int end = 0; end < 2; ++end) {
        TRY_DONE(record_find(db, &cursor, &record, end == 0 ? 0 : db->entries - 1));
        base_hash_update(hash, record.key.at, record.key.count);
        base_hash_update(hash, record.value.at, record.value.count);
    }
    base_hash_hex(hash, set->fingerprint);
done:
    data_lmdb_cursor_close(&cursor);
    base_hash_free(hash);
    return rc;
}

static int lmdb_find_statistics(alx_dataset *set, const data_lmdb *db)
{
    char path[DATA_PATH_BYTES + 32];

    data_lmdb_beside(path, sizeof path, db, DATA_LMDB_STATISTICS);
    if (base_file_exists(path) && (set->statistics = strdup(path)) == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    return 0;
}

/* If the path is a file, "db/data.mdb" means the folder, "db.mdb" the file itself. */
static int lmdb_take_file(data_lmdb *db, alx_dataset *set)
{
    char *base = set->path + (base_path_base(set->path) - set->path);
    struct stat info;

    if (stat(set->path, &info) != 0 || !S_ISREG(info.st_mode))
        return 0;
    if (strcmp(base, DATA_LMDB_FILE) != 0) {
        db->is_file = true;
        return snprintf(db->path, sizeof db->path, "%s", set->path) < (int)sizeof db->path
                   ? 0
                   : alx_fail(ALX_E_DATA, "%.64s...: path too long", set->path);
    }
    if (base - set->path > 1)
        base[-1] = '\0';
    else
        strcpy(set->path, base == set->path ? "." : "/");
    return 0;
}

static const data_source lmdb_source = {
    .separator = ':',
    .load = lmdb_load,
    .label = lmdb_label,
    .name = lmdb_name,
    .close = lmdb_close,
};

int data_lmdb_open(alx_dataset *set, alx_split split)
{
    data_lmdb *db = calloc(1, sizeof *db);
    char classes[DATA_PATH_BYTES + 32];

    set->source = &lmdb_source;
    set->lmdb = db;
    if (db == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", set->path);
    TRY(lmdb_take_file(db, set));
    if (!db->is_file)
        TRY(lmdb_choose(db, set, split));
    TRY(lmdb_open_file(db));
    TRY(lmdb_find_digits(db));
    data_lmdb_beside(classes, sizeof classes, db, DATA_LMDB_CLASSES);
    if (db->digits == 0 || !base_file_exists(classes))
        TRY(data_lmdb_index_open(db));
    TRY(lmdb_classes(set, db, classes));
    TRY(lmdb_fingerprint(set, db));
    TRY(lmdb_find_statistics(set, db));
    set->count = db->entries;
    return 0;
}
