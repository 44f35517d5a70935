/* lmdb_index.c - labels, and keys that are no numbers, of a database that others wrote: one scan,
 * then a file beside it, or in the cache where its folder cannot be written. In the byte order of
 * this machine: it never travels. A file that is not sound counts as not there. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/datum.h"
#include "data/lmdb.h"

#define INDEX_FILE "alexnet-index"
#define INDEX_REPORT_SECONDS 5.0
#define HASH_BYTES 32

/** What precedes ends, labels and keys. */
typedef struct index_header {
    char magic[8];
    char hash[HASH_BYTES]; /**< of all that follows it */
    uint64_t entries, version, file_bytes, numbered, key_bytes;
    int64_t max_label;
} index_header;

static const char index_magic[8] = "alxindx1";

static size_t index_bytes(const index_header *header)
{
    const size_t per_entry = sizeof(int32_t) + (header->numbered ? 0 : sizeof(uint64_t));

    return sizeof *header + (size_t)header->entries * per_entry + (size_t)header->key_bytes;
}

static int index_hash(char hex[HASH_BYTES + 1], const void *block, size_t bytes)
{
    const size_t skip = offsetof(index_header, entries);
    alx_hash *hash = NULL;
    const int rc = alx_hash_create(&hash);

    if (rc != 0)
        return rc;
    alx_hash_update(hash, (const char *)block + skip, bytes - skip);
    alx_hash_hex(hash, hex);
    alx_hash_free(hash);
    return 0;
}

/* Points at the parts of the block. */
static void index_lay_out(lmdb_index *index)
{
    const index_header *header = index->block;
    const char *at = (const char *)(header + 1);

    index->key_end = header->numbered ? NULL : (const uint64_t *)(const void *)at;
    if (!header->numbered)
        at += header->entries * sizeof(uint64_t);
    index->label = (const int32_t *)(const void *)at;
    index->keys = at + header->entries * sizeof(int32_t);
    index->max_label = (int)header->max_label;
}

void data_lmdb_index_free(lmdb_index *index)
{
    if (index->mapped_bytes > 0)
        munmap(index->block, index->mapped_bytes);
    else
        free(index->block);
    *index = (lmdb_index){ 0 };
}

/* ---- the file ------------------------------------------------------------------------------ */

static bool index_is_sound(const void *block, size_t bytes, const data_lmdb *db)
{
    const index_header *header = block;
    char hex[HASH_BYTES + 1];

    return bytes >= sizeof *header && memcmp(header->magic, index_magic, sizeof index_magic) == 0 &&
           header->entries == db->entries && header->version == db->file.version &&
           header->file_bytes == db->file_bytes && header->numbered == (db->digits > 0) &&
           header->key_bytes <= bytes && index_bytes(header) == bytes &&
           index_hash(hex, block, bytes) == 0 && memcmp(hex, header->hash, HASH_BYTES) == 0;
}

static bool index_map(data_lmdb *db, const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    void *block = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &info) == 0 && info.st_size > 0)
        block = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (fd >= 0)
        close(fd);
    if (block == MAP_FAILED)
        return false;
    db->index.block = block;
    db->index.mapped_bytes = (size_t)info.st_size;
    if (!index_is_sound(block, (size_t)info.st_size, db)) {
        data_lmdb_index_free(&db->index);
        return false;
    }
    index_lay_out(&db->index);
    return true;
}

/* Two places: beside the database, and the cache; false beyond. */
static bool index_path(char path[DATA_PATH_BYTES], const data_lmdb *db, int place)
{
    char name[96];

    if (place == 0)
        return snprintf(path, DATA_PATH_BYTES, "%s/" INDEX_FILE, db->path) < DATA_PATH_BYTES;
    snprintf(name, sizeof name, INDEX_FILE "-%llx-%llx-%llx", (unsigned long long)db->entries,
             (unsigned long long)db->file.version, (unsigned long long)db->file_bytes);
    return place == 1 && alx_cache_path(path, DATA_PATH_BYTES, name);
}

static void index_keep(const data_lmdb *db)
{
    const size_t bytes = index_bytes(db->index.block);
    char path[DATA_PATH_BYTES];

    for (int place = 0; place < 2; ++place)
        if (index_path(path, db, place) && alx_file_write(path, db->index.block, bytes) == 0)
            return;
    alx_warn("%s: its index cannot be kept: the next run scans the database again", db->path);
}

/* ---- the scan ------------------------------------------------------------------------------ */

typedef struct index_scan {
    index_header header;
    uint64_t *key_end;
    int32_t *label;
    char *keys;
    size_t room; /* of keys */
    double started, reported;
} index_scan;

static int scan_add_key(index_scan *scan, const data_lmdb *db, size_t i, lmdb_bytes key)
{
    const size_t used = (size_t)scan->header.key_bytes, wanted = used + key.count;

    if (wanted > scan->room) {
        const size_t room = wanted + wanted / 4 + 4096;
        char *keys = realloc(scan->keys, room);

        if (keys == NULL)
            return alx_fail(ALX_E_MEMORY, "%s: out of host memory for its index", db->path);
        scan->keys = keys;
        scan->room = room;
    }
    memcpy(scan->keys + used, key.at, key.count);
    scan->header.key_bytes = wanted;
    scan->key_end[i] = wanted;
    return 0;
}

static void scan_report(index_scan *scan, const data_lmdb *db, size_t done)
{
    const double now = alx_seconds();

    if (now - scan->reported < INDEX_REPORT_SECONDS)
        return;
    scan->reported = now;
    alx_info("%s: indexed %zu of %zu records, %.0f s left", db->path, done, db->entries,
             (now - scan->started) / (double)done * (double)(db->entries - done));
}

static int scan_add(index_scan *scan, const data_lmdb *db, size_t i, const lmdb_record *record)
{
    data_datum datum;
    int rc = 0;

    /* a record that is none gets -1: loading it says so */
    scan->label[i] =
        data_datum_parse(&datum, record->value.at, record->value.count) ? datum.label : -1;
    if (scan->label[i] > scan->header.max_label)
        scan->header.max_label = scan->label[i];
    if (!scan->header.numbered)
        TRY(scan_add_key(scan, db, i, record->key));
    if ((i + 1) % 1024 == 0)
        scan_report(scan, db, i + 1);
done:
    return rc;
}

static int scan_all(index_scan *scan, const data_lmdb *db)
{
    lmdb_cursor cursor;
    lmdb_record record;
    size_t i = 0;
    int rc = 0;

    TRY(data_lmdb_find(&cursor, &record, &db->file, (lmdb_bytes){ NULL, 0 }));
    for (; record.key.at != NULL && i < db->entries; ++i) {
        TRY(scan_add(scan, db, i, &record));
        TRY(data_lmdb_next(&cursor, &record));
    }
    if (record.key.at != NULL || i != db->entries)
        rc = alx_fail(ALX_E_DATA, "%s: damaged: says %zu records, has %s", db->path,
                      db->entries, record.key.at != NULL ? "more" : "fewer");
    else if (scan->header.max_label < 0)
        rc = alx_fail(ALX_E_DATA, "%s: none of its %zu records is a Datum", db->path, i);
done:
    return rc;
}

/* The parts in one block, as in the file. */
static int scan_join(lmdb_index *index, index_scan *scan, const data_lmdb *db)
{
    const size_t count = (size_t)scan->header.entries;
    char hex[HASH_BYTES + 1], *at = NULL;
    int rc = 0;

    index->block = malloc(index_bytes(&scan->header));
    if (index->block == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for its index", db->path);
    memcpy(index->block, &scan->header, sizeof scan->header);
    at = (char *)index->block + sizeof scan->header;
    if (!scan->header.numbered) {
        memcpy(at, scan->key_end, count * sizeof *scan->key_end);
        at += count * sizeof *scan->key_end;
    }
    memcpy(at, scan->label, count * sizeof *scan->label);
    if (scan->header.key_bytes > 0)
        memcpy(at + count * sizeof *scan->label, scan->keys, (size_t)scan->header.key_bytes);
    TRY(index_hash(hex, index->block, index_bytes(&scan->header)));
    memcpy(((index_header *)index->block)->hash, hex, HASH_BYTES);
    index_lay_out(index);
done:
    return rc;
}

static int index_scan_database(data_lmdb *db)
{
    index_scan scan = {
        .header = { .entries = db->entries, .version = db->file.version,
                    .file_bytes = db->file_bytes, .numbered = db->digits > 0, .max_label = -1 },
        .started = alx_seconds(),
    };
    int rc = 0;

    memcpy(scan.header.magic, index_magic, sizeof index_magic);
    scan.reported = scan.started;
    scan.label = calloc(db->entries, sizeof *scan.label);
    scan.key_end = db->digits > 0 ? NULL : calloc(db->entries, sizeof *scan.key_end);
    if (scan.label == NULL || (db->digits == 0 && scan.key_end == NULL)) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory for its index", db->path);
        goto done;
    }
    alx_info("%s: %zu records are scanned once for their labels", db->path, db->entries);
    TRY(scan_all(&scan, db));
    TRY(scan_join(&db->index, &scan, db));
done:
    free(scan.label);
    free(scan.key_end);
    free(scan.keys);
    return rc;
}

int data_lmdb_index_open(data_lmdb *db)
{
    char path[DATA_PATH_BYTES];
    int rc = 0;

    for (int place = 0; place < 2; ++place)
        if (index_path(path, db, place) && index_map(db, path))
            return 0;
    TRY(index_scan_database(db));
    index_keep(db);
done:
    return rc;
}
