/* check.c - whether the database that an earlier run left is as it left it. liblmdb maps the
 * file and trusts every byte: a wrong one ends the program by a signal, or ends up in what is
 * written next. So all of it is read first: pages by the rules of lmdb_file.c, each used once;
 * every record found by its key; keys and values against the sum that the last commit stored. */
#include "data/pack/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/try.h"
#include "data/source/lmdb.h"

#define CHECK_FREE_FLAGS 8u      /* keys that are integers */
#define CHECK_NO_ROOT UINT64_MAX /* of an empty tree, as liblmdb looks for it */

/** A walk through the database. */
typedef struct pack_check {
    const pack_job *job;
    lmdb_file file;
    uint8_t *seen; /* of its pages */
    pack_state *state;
    base_hash *records;
    uint64_t written;
    bool has_state;
} pack_check;

void data_pack_hash(base_hash *records, const void *key, size_t key_bytes, const void *value,
                    size_t value_bytes)
{
    const uint64_t sizes[] = { key_bytes, value_bytes };

    base_hash_update(records, sizes, sizeof sizes);
    base_hash_update(records, key, key_bytes);
    base_hash_update(records, value, value_bytes);
}

int data_pack_sum(char sum[33], const base_hash *records, const pack_state *state)
{
    base_hash *hash = NULL;
    int rc = 0;

    base_hash_hex(records, sum);
    TRY_DONE(base_hash_create(&hash));
    base_hash_update(hash, sum, strlen(sum));
    base_hash_update(hash, state, offsetof(pack_state, sum));
    base_hash_hex(hash, sum);
done:
    base_hash_free(hash);
    return rc;
}

static int check_fail(const pack_check *check, const char *what)
{
    return alx_fail(ALX_E_DATA, "%s: damaged: %s", check->file.path, what);
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* Marks the pages of a list, which begins with its length. */
static int check_free_list(const pack_check *check, const lmdb_cursor *cursor, lmdb_bytes list)
{
    uint64_t count = 0, page = 0;

    if (list.count >= sizeof count)
        memcpy(&count, list.at, sizeof count);
    if (list.count < sizeof count || count > list.count / sizeof page - 1)
        return check_fail(check, "its list of free pages is wrong");
    for (uint64_t i = 1; i <= count; ++i) {
        memcpy(&page, list.at + i * sizeof page, sizeof page);
        TRY(data_lmdb_mark(cursor, page));
    }
    return 0;
}

/* liblmdb will overwrite the free pages, so none of them may be in use. */
static int check_free_pages(pack_check *check)
{
    lmdb_file tree = check->file;
    lmdb_cursor cursor = { .seen = check->seen };
    lmdb_record record;
    uint64_t entries = 0;
    int rc = 0;

    if (tree.free.flags != CHECK_FREE_FLAGS || tree.flags != 0 ||
        tree.free.depth > LMDB_MAX_DEPTH || (tree.free.depth == 0) != (tree.free.entries == 0) ||
        (tree.free.depth == 0) != (tree.free.root == CHECK_NO_ROOT) ||
        (tree.depth == 0) != (tree.root == CHECK_NO_ROOT))
        return check_fail(check, "its header is wrong");
    tree.root = tree.free.root;
    tree.depth = tree.free.depth;
    TRY_DONE(data_lmdb_find(&cursor, &record, &tree, (lmdb_bytes){ NULL, 0 }));
    for (; record.key.at != NULL; ++entries) {
        TRY_DONE(check_free_list(check, &cursor, record.value));
        TRY_DONE(data_lmdb_next(&cursor, &record));
    }
    if (entries != tree.free.entries)
        rc = check_fail(check, "free pages are missing");
done:
    data_lmdb_cursor_close(&cursor);
    return rc;
}

/* ---- records --------------------------------------------------------------------------------- */

static bool is_state(const lmdb_record *record)
{
    return record->key.count == strlen(PACK_STATE_KEY) &&
           memcmp(record->key.at, PACK_STATE_KEY, record->key.count) == 0;
}

static int check_state(pack_check *check, const lmdb_record *record)
{
    const size_t bytes = record->value.count;

    if (check->written > 0 || check->has_state ||
        (bytes != sizeof *check->state && bytes != offsetof(pack_state, sum)))
        return check_fail(check, "where packing stood cannot be told");
    memcpy(check->state, record->value.at, bytes);
    check->has_state = true;
    return 0;
}

/* Found by its key, as readers do, and numbered as they expect. */
static int check_record(pack_check *check, lmdb_cursor *finder, const lmdb_record *record)
{
    char number[32];
    lmdb_record found;

    TRY(data_lmdb_find(finder, &found, &check->file, record->key));
    if (found.key.at == NULL || found.key.count != record->key.count ||
        memcmp(found.key.at, record->key.at, record->key.count) != 0)
        return check_fail(check, "a record is not found by its key");
    if (is_state(record))
        return check_state(check, record);
    const size_t digits = (size_t)snprintf(number, sizeof number, "%08llu_",
                                           (unsigned long long)check->written);

    if (record->key.count < digits || memcmp(record->key.at, number, digits) != 0)
        return check_fail(check, "a record is missing");
    data_pack_hash(check->records, record->key.at, record->key.count, record->value.at,
                   record->value.count);
    ++check->written;
    return 0;
}

static int check_records(pack_check *check)
{
    const volatile int *interrupt = check->job->options->interrupt;
    lmdb_cursor cursor = { .seen = check->seen }, finder = { .keys_only = true };
    lmdb_record record;
    int rc = 0;

    TRY_DONE(data_lmdb_find(&cursor, &record, &check->file, (lmdb_bytes){ NULL, 0 }));
    while (record.key.at != NULL) {
        if (interrupt != NULL && *interrupt != 0) {
            rc = alx_fail(ALX_E_INTERRUPTED, "interrupted while %s was checked", check->file.path);
            goto done;
        }
        TRY_DONE(check_record(check, &finder, &record));
        TRY_DONE(data_lmdb_next(&cursor, &record));
    }
    if (check->written + check->has_state != check->file.entries)
        rc = check_fail(check, "records are missing");
done:
    data_lmdb_cursor_close(&cursor);
    data_lmdb_cursor_close(&finder);
    return rc;
}

/* ---- what was stored of them ----------------------------------------------------------------- */

/* The sum of a database that is whole is in the note beside it. */
static int check_note(const pack_check *check, const char *sum)
{
    char path[DATA_PATH_BYTES + 16], *note = NULL;
    size_t bytes = 0;
    int rc = 0;

    snprintf(path, sizeof path, "%s/" PACK_NOTE, check->job->path);
    TRY_DONE(base_file_read(&note, &bytes, path));
    const char *line = strstr(note, "\n" PACK_NOTE_SUM);

    if (line != NULL && strncmp(line + 1 + strlen(PACK_NOTE_SUM), sum, strlen(sum)) != 0)
        rc = check_fail(check, "its records are not those that were written");
done:
    free(note);
    return rc;
}

static int check_sums(const pack_check *check, bool whole)
{
    const pack_state *state = check->state;
    const size_t total = alx_dataset_count(check->job->set);
    char path[DATA_PATH_BYTES + 16], sum[33];
    struct stat info = { 0 };

    if (whole) {
        base_hash_hex(check->records, sum);
        return check->written > total ? check_fail(check, "more records than images")
                                      : check_note(check, sum);
    }
    TRY(data_pack_sum(sum, check->records, state));
    if ((state->sum[0] != '\0' && memcmp(state->sum, sum, sizeof sum) != 0) ||
        state->written != check->written || state->next > total ||
        state->next != state->written + state->bad)
        return check_fail(check, "its records are not those that were written");
    snprintf(path, sizeof path, "%s/bad.txt", check->job->path);
    if (state->bad_bytes > 0 &&
        (stat(path, &info) != 0 || (uint64_t)info.st_size < state->bad_bytes))
        return alx_fail(ALX_E_DATA, "%s: lines are missing", path);
    return 0;
}

/* A run that was killed before its first commit leaves a file without bytes. */
static bool nothing_to_check(const char *path)
{
    struct stat info;

    return stat(path, &info) != 0 || info.st_size == 0;
}

int data_pack_check(pack_state *state, bool *whole, base_hash *records, const pack_job *job)
{
    pack_check check = { .job = job, .state = state, .records = records };
    char path[DATA_PATH_BYTES + 16];
    int rc = 0;

    *state = (pack_state){ 0 };
    *whole = false;
    snprintf(path, sizeof path, "%s/" DATA_LMDB_FILE, job->path);
    if (nothing_to_check(path))
        return 0;
    TRY_DONE(data_lmdb_file_open(&check.file, path));
    if (check.file.entries > 0)
        alx_info("%s: %llu records of an earlier run are checked", job->path,
                 (unsigned long long)check.file.entries);
    check.seen = calloc(check.file.page_count, 1);
    if (check.seen == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory to check it", path);
        goto done;
    }
    check.seen[0] = check.seen[1] = 1; /* the headers */
    TRY_DONE(check_free_pages(&check));
    TRY_DONE(check_records(&check));
    *whole = check.written > 0 && !check.has_state;
    TRY_DONE(check_sums(&check, *whole));
    if (*whole)
        state->written = check.written;
done:
    free(check.seen);
    data_lmdb_file_close(&check.file);
    return rc;
}
