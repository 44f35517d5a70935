/* lmdb_index.c - labels, and keys that are no numbers, of a database that others wrote: one scan,
 * then a file beside it, or in the cache where its folder cannot be written. In the byte order of
 * this machine: it never travels. A file that is not sound counts as not there. */
#include "data/source/lmdb.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alexnet/log.h"
#include "base/cache_folder.h"
#include "base/clock.h"
#include "base/file_writer.h"
#include "base/hash.h"
#include "base/try.h"
#include "data/source/datum.h"
#include "data/source/source.h"

#define INDEX_FILE "alexnet-index"
#define INDEX_REPORT_SECONDS 5.0
#define INDEX_BLOCK ((size_t)64 << 10) /* bytes that are read at once */
#define HASH_BYTES 32

/** What precedes ends, labels and keys. */
typedef struct index_header {
    char magic[8];
    char hash[HASH_BYTES]; /**< of all that follows it */
    uint64_t entries, version, modified, file_bytes, numbered, key_bytes;
    int64_t max_label;
} index_header;

typedef struct index_part {
    const void *at;
    size_t bytes;
} index_part;

/* What follows the header, in order. */
typedef struct index_parts {
    index_part part[3];
} index_parts;

static const char index_magic[8] = "alxindx2";

bool data_lmdb_beside(char *path, size_t bytes, const data_lmdb *db, const char *name)
{
    const int length = snprintf(path, bytes, "%s%c%s", db->path, db->is_file ? '.' : '/', name);

    return length > 0 && (size_t)length < bytes;
}

static index_parts index_lay_out(const lmdb_index *index, const index_header *header)
{
    const size_t count = (size_t)header->entries;

    return (index_parts){ {
        { index->key_end, header->numbered ? 0 : count * sizeof *index->key_end },
        { index->label, count * sizeof *index->label },
        { index->keys, (size_t)header->key_bytes },
    } };
}

static int index_hash(char hex[HASH_BYTES + 1], const index_header *header, const lmdb_index *index)
{
    const size_t skip = offsetof(index_header, entries);
    const index_parts parts = index_lay_out(index, header);
    base_hash *hash = NULL;
    int rc = 0;

    TRY_DONE(base_hash_create(&hash));
    base_hash_update(hash, (const char *)header + skip, sizeof *header - skip);
    for (size_t i = 0; i < ALX_COUNT(parts.part); ++i)
        if (parts.part[i].bytes > 0)
            base_hash_update(hash, parts.part[i].at, parts.part[i].bytes);
    base_hash_hex(hash, hex);
done:
    base_hash_free(hash);
    return rc;
}

void data_lmdb_index_free(lmdb_index *index)
{
    if (index->in_file)
        close(index->fd);
    free(index->key_end);
    free(index->label);
    free(index->keys);
    *index = (lmdb_index){ 0 };
}

int data_lmdb_index_key(lmdb_bytes *key, uint8_t room[LMDB_MAX_PAGE], const lmdb_index *index,
                        size_t i)
{
    uint64_t ends[2] = { 0, 0 }; /* of the key before, and its own */
    const size_t first = i > 0 ? 0 : 1, count = ALX_COUNT(ends) - first;

    if (index->in_file)
        TRY(data_read_at(ends + first, index->fd, index->ends_at + (i + first - 1) * sizeof *ends,
                         count * sizeof *ends, index->path));
    else
        memcpy(ends + first, index->key_end + i + first - 1, count * sizeof *ends);
    if (ends[1] < ends[0] || ends[1] - ends[0] > LMDB_MAX_PAGE)
        return alx_fail(ALX_E_DATA, "%s: changed while it is read", index->path);
    *key = (lmdb_bytes){ room, (size_t)(ends[1] - ends[0]) };
    if (index->in_file)
        TRY(data_read_at(room, index->fd, index->keys_at + ends[0], key->count, index->path));
    else
        key->at = (const uint8_t *)index->keys + ends[0];
    return 0;
}

/* ---- the file ------------------------------------------------------------------------------ */

static bool header_fits(const index_header *header, size_t bytes, const data_lmdb *db)
{
    const size_t per_entry = sizeof(int32_t) + (header->numbered ? 0 : sizeof(uint64_t));

    return memcmp(header->magic, index_magic, sizeof index_magic) == 0 &&
           header->entries == db->entries && header->version == db->file.version &&
           header->modified == db->file.modified && header->file_bytes == db->file_bytes &&
           header->numbered == (db->digits > 0) && header->key_bytes <= bytes &&
           sizeof *header + db->entries * per_entry + (size_t)header->key_bytes == bytes;
}

/* Anyone can write a file with the right hash, so whatever is followed later must lie inside it. */
static bool labels_are_sound(const lmdb_index *index, const index_header *header)
{
    int32_t most = -1;

    for (size_t i = 0; i < header->entries; ++i) {
        if (index->label[i] < -1)
            return false;
        if (index->label[i] > most)
            most = index->label[i];
    }
    return most >= 0 && most == header->max_label;
}

/* Adds a part of the file to the hash; of the keys' ends says whether they are in order. */
static bool index_hash_part(base_hash *hash, const lmdb_index *index, uint64_t at, uint64_t bytes,
                            uint64_t *last_end)
{
    uint64_t block[INDEX_BLOCK / sizeof(uint64_t)];

    while (bytes > 0) {
        const size_t count = bytes < sizeof block ? (size_t)bytes : sizeof block;

        if (data_read_at(block, index->fd, at, count, index->path) != 0)
            return false;
        base_hash_update(hash, block, count);
        for (size_t i = 0; last_end != NULL && i < count / sizeof *block; ++i) {
            if (block[i] < *last_end || block[i] - *last_end > LMDB_MAX_PAGE)
                return false;
            *last_end = block[i];
        }
        at += count;
        bytes -= count;
    }
    return true;
}

/* Reads the labels, and all else once, for the hash. */
static bool index_read_parts(lmdb_index *index, const index_header *header)
{
    const size_t count = (size_t)header->entries, skip = offsetof(index_header, entries);
    const uint64_t end_bytes = header->numbered ? 0 : count * sizeof(uint64_t);
    const uint64_t labels_at = sizeof *header + end_bytes;
    uint64_t last_end = 0;
    char hex[HASH_BYTES + 1] = "";
    base_hash *hash = NULL;

    index->ends_at = sizeof *header;
    index->keys_at = labels_at + count * sizeof *index->label;
    index->max_label = (int)header->max_label;
    index->label = malloc(count * sizeof *index->label);
    bool sound = index->label != NULL && base_hash_create(&hash) == 0;

    if (sound) {
        base_hash_update(hash, (const char *)header + skip, sizeof *header - skip);
        sound = index_hash_part(hash, index, index->ends_at, end_bytes, &last_end) &&
                data_read_at(index->label, index->fd, labels_at, count * sizeof *index->label,
                             index->path) == 0;
    }
    if (sound) {
        base_hash_update(hash, index->label, count * sizeof *index->label);
        sound = index_hash_part(hash, index, index->keys_at, header->key_bytes, NULL);
        base_hash_hex(hash, hex);
    }
    base_hash_free(hash);
    return sound && last_end == header->key_bytes && memcmp(hex, header->hash, HASH_BYTES) == 0 &&
           labels_are_sound(index, header);
}

static bool index_open(lmdb_index *out, const data_lmdb *db, const char *path)
{
    lmdb_index index = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
    index_header header;
    struct stat info;

    if (index.fd < 0)
        return false;
    index.in_file = true;
    snprintf(index.path, sizeof index.path, "%s", path);
    if (fstat(index.fd, &info) != 0 || (size_t)info.st_size < sizeof header ||
        data_read_at(&header, index.fd, 0, sizeof header, path) != 0 ||
        !header_fits(&header, (size_t)info.st_size, db) || !index_read_parts(&index, &header)) {
        data_lmdb_index_free(&index);
        return false;
    }
    *out = index;
    return true;
}

static int index_write(const char *path, const lmdb_index *index, const index_header *header)
{
    const index_parts parts = index_lay_out(index, header);
    base_file_writer *writer = NULL;
    int rc = 0;

    TRY_DONE(base_file_writer_open(&writer, path));
    TRY_DONE(base_file_writer_write(writer, header, sizeof *header));
    for (size_t i = 0; i < ALX_COUNT(parts.part); ++i)
        TRY_DONE(base_file_writer_write(writer, parts.part[i].at, parts.part[i].bytes));
    TRY_DONE(base_file_writer_commit(&writer));
done:
    base_file_writer_abort(&writer);
    return rc;
}

/* Two places: beside the database, and the cache; false beyond. */
static bool index_path(char path[DATA_PATH_BYTES], const data_lmdb *db, int place)
{
    char name[96];

    if (place == 0)
        return data_lmdb_beside(path, DATA_PATH_BYTES, db, INDEX_FILE);
    snprintf(name, sizeof name, INDEX_FILE "-%llx-%llx-%llx-%llx", (unsigned long long)db->entries,
             (unsigned long long)db->file.version, (unsigned long long)db->file_bytes,
             (unsigned long long)db->file.modified);
    return place == 1 && base_cache_path(path, DATA_PATH_BYTES, name);
}

/* Writes the index to a file, which then replaces what is in memory. */
static void index_keep(data_lmdb *db, const index_header *header)
{
    lmdb_index scanned = db->index;
    char path[DATA_PATH_BYTES];

    for (int place = 0; place < 2; ++place)
        if (index_path(path, db, place) && index_write(path, &scanned, header) == 0) {
            if (index_open(&db->index, db, path))
                data_lmdb_index_free(&scanned);
            return;
        }
    alx_warn("%s: its index cannot be kept: the next run scans the database again", db->path);
}

/* ---- the scan ------------------------------------------------------------------------------ */

typedef struct index_scan {
    index_header header;
    size_t room; /* of the keys */
    double started, reported;
} index_scan;

static int scan_add_key(index_scan *scan, data_lmdb *db, size_t i, lmdb_bytes key)
{
    const size_t used = (size_t)scan->header.key_bytes, wanted = used + key.count;

    if (wanted > scan->room || db->index.keys == NULL) {
        const size_t room = wanted + wanted / 4 + 4096;
        char *keys = realloc(db->index.keys, room);

        if (keys == NULL)
            return alx_fail(ALX_E_MEMORY, "%s: out of host memory for its index", db->path);
        db->index.keys = keys;
        scan->room = room;
    }
    memcpy(db->index.keys + used, key.at, key.count);
    scan->header.key_bytes = wanted;
    db->index.key_end[i] = wanted;
    return 0;
}

static void scan_report(index_scan *scan, const data_lmdb *db, size_t done)
{
    const double now = base_seconds();

    if (now - scan->reported < INDEX_REPORT_SECONDS)
        return;
    scan->reported = now;
    alx_info("%s: indexed %zu of %zu records, %.0f s left", db->path, done, db->entries,
             (now - scan->started) / (double)done * (double)(db->entries - done));
}

static int scan_add(index_scan *scan, data_lmdb *db, size_t i, const lmdb_record *record)
{
    data_datum datum;

    /* what is no record, or has no class, gets -1: loading it fails and says why */
    const bool sound = data_datum_parse(&datum, record->value.at, record->value.count);

    db->index.label[i] = sound && datum.label >= 0 ? datum.label : -1;
    if (db->index.label[i] > db->index.max_label)
        db->index.max_label = db->index.label[i];
    if (!scan->header.numbered)
        TRY(scan_add_key(scan, db, i, record->key));
    if ((i + 1) % 1024 == 0)
        scan_report(scan, db, i + 1);
    return 0;
}

static int scan_all(index_scan *scan, data_lmdb *db)
{
    lmdb_cursor cursor = { 0 };
    lmdb_record record;
    size_t i = 0;
    int rc = 0;

    TRY_DONE(data_lmdb_find(&cursor, &record, &db->file, (lmdb_bytes){ NULL, 0 }));
    for (; record.key.at != NULL && i < db->entries; ++i) {
        TRY_DONE(scan_add(scan, db, i, &record));
        TRY_DONE(data_lmdb_next(&cursor, &record));
    }
    if (record.key.at != NULL || i != db->entries)
        rc = alx_fail(ALX_E_DATA, "%s: damaged: says %zu records, has %s", db->path, db->entries,
                      record.key.at != NULL ? "more" : "fewer");
    else if (db->index.max_label < 0)
        rc = alx_fail(ALX_E_DATA, "%s: none of its %zu records is a Datum", db->path, i);
done:
    data_lmdb_cursor_close(&cursor);
    return rc;
}

static int index_scan_database(data_lmdb *db)
{
    index_scan scan = {
        .header = { .entries = db->entries,
                    .version = db->file.version,
                    .modified = db->file.modified,
                    .file_bytes = db->file_bytes,
                    .numbered = db->digits > 0 },
        .started = base_seconds(),
    };
    char hex[HASH_BYTES + 1];

    memcpy(scan.header.magic, index_magic, sizeof index_magic);
    scan.reported = scan.started;
    db->index.max_label = -1;
    db->index.label = calloc(db->entries, sizeof *db->index.label);
    if (db->digits == 0)
        db->index.key_end = calloc(db->entries, sizeof *db->index.key_end);
    if (db->index.label == NULL || (db->digits == 0 && db->index.key_end == NULL))
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for its index", db->path);
    alx_info("%s: %zu records are scanned once for their labels", db->path, db->entries);
    TRY(scan_all(&scan, db));
    scan.header.max_label = db->index.max_label;
    TRY(index_hash(hex, &scan.header, &db->index));
    memcpy(scan.header.hash, hex, HASH_BYTES);
    index_keep(db, &scan.header);
    return 0;
}

int data_lmdb_index_open(data_lmdb *db)
{
    char path[DATA_PATH_BYTES];

    for (int place = 0; place < 2; ++place)
        if (index_path(path, db, place) && index_open(&db->index, db, path))
            return 0;
    return index_scan_database(db);
}
