/* records.c - records into the database, in order. Each commit also stores how far it got,
 * under a key before all numbers; the last one takes that away: without it a database is whole. */
#include "data/pack/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lmdb.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/hash.h"
#include "base/trust.h"
#include "base/try.h"

#define PACK_COMMIT_BYTES ((size_t)32 << 20)
#define PACK_COMMIT_SECONDS 10.0
#define PACK_MAX_KEY 511 /* LMDB's */
#define PACK_REPORT_SECONDS 0.1

typedef struct pack_writer {
    const pack_job *job;
    MDB_env *env;
    MDB_txn *txn; /**< NULL between commits */
    MDB_dbi dbi;
    pack_state state;
    base_hash *records; /**< of all that are in the database, or on the way */
    uint64_t kept;      /**< records committed */
    bool whole;         /**< all records were there already */
    int bad_fd;         /**< of bad.txt; -1 when whole */
    size_t pending_bytes;
    double started, committed, reported;
    size_t first; /**< image that this run began with */
} pack_writer;

static int pack_fail(const pack_writer *writer, int code)
{
    /* LMDB's word for a write that ended early */
    const char *reason = code == EIO ? "cut short: is the disk full?" : mdb_strerror(code);

    return alx_fail(code == ENOMEM ? ALX_E_MEMORY : ALX_E_IO, "%s: write failed: %s",
                    writer->job->path, reason);
}

/* ---- open and commit ------------------------------------------------------------------------- */

/* Twice what all images would take raw. The map costs only addresses, and so never has to grow. */
static size_t pack_map_bytes(const pack_job *job)
{
    const size_t side = (size_t)job->options->size;

    return (alx_dataset_count(job->set) + 1) * 2 * (side * side * 3 + 8192) + ((size_t)64 << 20);
}

static MDB_val pack_state_key(void)
{
    return (MDB_val){ strlen(PACK_STATE_KEY), (void *)(uintptr_t)PACK_STATE_KEY };
}

static int pack_begin(pack_writer *writer)
{
    const int code = mdb_txn_begin(writer->env, NULL, 0, &writer->txn);

    return code != 0 ? pack_fail(writer, code) : 0;
}

/* A damaged database can be neither continued nor mended. */
static int pack_check(pack_writer *writer, pack_job *job)
{
    int rc = 0;

    TRY(base_hash_create(&writer->records));
    rc = data_pack_check(&writer->state, &writer->whole, writer->records, job);
    job->damaged = rc == ALX_E_DATA;
    writer->kept = writer->state.written;
    return rc;
}

static int pack_open(pack_writer *writer)
{
    char path[DATA_PATH_BYTES + 16];
    int rc = 0, code = mdb_env_create(&writer->env);

    if (code == 0)
        code = mdb_env_set_mapsize(writer->env, pack_map_bytes(writer->job));
    if (code == 0)
        code = mdb_env_open(writer->env, writer->job->path, MDB_NOLOCK, 0666);
    if (code != 0)
        return pack_fail(writer, code);
    TRY(pack_begin(writer));
    code = mdb_dbi_open(writer->txn, NULL, 0, &writer->dbi);
    if (code != 0)
        return pack_fail(writer, code);
    snprintf(path, sizeof path, "%s/bad.txt", writer->job->path);
    TRY(base_open_output(&writer->bad_fd, path, O_WRONLY | O_APPEND | O_CREAT));
    if (ftruncate(writer->bad_fd, (off_t)writer->state.bad_bytes) != 0)
        rc = alx_fail(ALX_E_IO, "%s: cannot be written: %s", path, strerror(errno));
    return rc;
}

static void pack_close(pack_writer *writer)
{
    char path[DATA_PATH_BYTES + 16];

    base_hash_free(writer->records);
    mdb_txn_abort(writer->txn);
    if (writer->env != NULL)
        mdb_env_close(writer->env);
    if (writer->bad_fd < 0)
        return;
    close(writer->bad_fd);
    snprintf(path, sizeof path, "%s/bad.txt", writer->job->path);
    if (writer->state.bad_bytes == 0)
        unlink(path);
}

/* Where the sum of all records stays when the state goes. */
static int pack_note_sum(const pack_writer *writer)
{
    char path[DATA_PATH_BYTES + 16], text[2 * DATA_PATH_BYTES], sum[33], *note = NULL;
    size_t bytes = 0;
    int rc = 0;

    snprintf(path, sizeof path, "%s/" PACK_NOTE, writer->job->path);
    TRY_DONE(base_file_read(&note, &bytes, path));
    char *old = strstr(note, "\n" PACK_NOTE_SUM); /* of a run that failed to commit */

    if (old != NULL)
        old[1] = '\0';
    base_hash_hex(writer->records, sum);
    snprintf(text, sizeof text, "%s" PACK_NOTE_SUM "%s\n", note, sum);
    TRY_DONE(base_file_write(path, text, strlen(text)));
done:
    free(note);
    return rc;
}

/* With the state, or without it when all is done. */
static int pack_commit(pack_writer *writer, bool done)
{
    MDB_val key = pack_state_key(), value = { sizeof writer->state, &writer->state };
    int code = 0;

    if (done)
        TRY(pack_note_sum(writer));
    else
        TRY(data_pack_sum(writer->state.sum, writer->records, &writer->state));
    code = done ? mdb_del(writer->txn, writer->dbi, &key, NULL)
                : mdb_put(writer->txn, writer->dbi, &key, &value, 0);
    if (done && code == MDB_NOTFOUND)
        code = 0;
    if (code == 0 && fsync(writer->bad_fd) != 0)
        code = errno;
    if (code == 0) {
        code = mdb_txn_commit(writer->txn);
        writer->txn = NULL; /* freed, whatever became of it */
    }
    writer->pending_bytes = 0;
    writer->committed = base_seconds();
    if (code != 0)
        return pack_fail(writer, code);
    writer->kept = writer->state.written;
    return 0;
}

/* ---- records ------------------------------------------------------------------------------- */

/* "00000012_train/cat/1.jpg" */
static size_t pack_key(char key[PACK_MAX_KEY + 1], const pack_writer *writer, size_t index)
{
    char name[DATA_PATH_BYTES + 1024];
    const size_t skip = strlen(writer->job->set->path);

    alx_dataset_image_name(writer->job->set, index, name, sizeof name);
    const bool below = strncmp(name, writer->job->set->path, skip) == 0 && strlen(name) > skip;
    const char *rest = below ? name + skip + 1 : name + (name[0] == '/');

    snprintf(key, PACK_MAX_KEY + 1, "%08zu_%.*s", (size_t)writer->state.written, PACK_MAX_KEY - 24,
             rest);
    return strlen(key);
}

static int pack_put(pack_writer *writer, const pack_item *item)
{
    char text[PACK_MAX_KEY + 1];
    MDB_val key = { pack_key(text, writer, item->index), text };
    MDB_val value = { item->bytes, item->record };
    const int code = mdb_put(writer->txn, writer->dbi, &key, &value, MDB_APPEND);

    if (code != 0)
        return pack_fail(writer, code);
    data_pack_hash(writer->records, text, key.mv_size, item->record, item->bytes);
    ++writer->state.written;
    writer->pending_bytes += item->bytes;
    return 0;
}

static int pack_note_bad(pack_writer *writer, const pack_item *item)
{
    char line[sizeof item->message + 1];
    const int length = snprintf(line, sizeof line, "%s\n", item->message);

    alx_warn("left out: %s", item->message);
    if (write(writer->bad_fd, line, (size_t)length) != length)
        return alx_fail(ALX_E_IO, "%s/bad.txt: write failed: %s", writer->job->path,
                        strerror(errno));
    writer->state.bad_bytes += (uint64_t)length;
    ++writer->state.bad;
    return 0;
}

static int pack_add(pack_writer *writer, const pack_item *item)
{
    if (item->rc == 0)
        TRY(pack_put(writer, item));
    else if (item->rc == ALX_E_DATA && writer->job->options->skip_bad)
        TRY(pack_note_bad(writer, item));
    else
        return alx_fail(item->rc, "%s%s", item->message,
                        item->rc == ALX_E_DATA ? " (--skip-bad leaves it out)" : "");
    writer->state.next = item->index + 1;
    return 0;
}

static void pack_report(pack_writer *writer)
{
    const alx_pack_options *options = writer->job->options;
    const double now = base_seconds(), seconds = now - writer->started;
    const size_t total = alx_dataset_count(writer->job->set), next = (size_t)writer->state.next;

    if (options->on_progress == NULL ||
        (now - writer->reported < PACK_REPORT_SECONDS && next < total))
        return;
    writer->reported = now;
    const double rate = seconds > 0.0 ? (double)(next - writer->first) / seconds : 0.0;
    const alx_pack_progress progress = {
        .done = next,
        .total = total,
        .bad = (size_t)writer->state.bad,
        .images_s = rate,
        .eta_seconds = rate > 0.0 ? (double)(total - next) / rate : -1.0,
    };

    options->on_progress(&progress, options->user);
}

static int pack_next(pack_writer *writer, pack_work *work)
{
    pack_item item;
    int rc = 0;

    data_pack_work_next(work, &item);
    if (writer->txn == NULL)
        TRY_DONE(pack_begin(writer));
    TRY_DONE(pack_add(writer, &item));
    if (writer->pending_bytes >= PACK_COMMIT_BYTES ||
        base_seconds() - writer->committed >= PACK_COMMIT_SECONDS)
        TRY_DONE(pack_commit(writer, false));
    pack_report(writer);
done:
    free(item.record);
    return rc;
}

static int pack_all(pack_writer *writer)
{
    const volatile int *interrupt = writer->job->options->interrupt;
    const size_t total = alx_dataset_count(writer->job->set);
    pack_work *work = NULL;
    int rc = 0;

    TRY_DONE(data_pack_work_create(&work, writer->job, (size_t)writer->state.next));
    while (writer->state.next < total) {
        if (interrupt != NULL && *interrupt != 0) {
            rc = alx_fail(ALX_E_INTERRUPTED, "interrupted after %zu of %zu images",
                          (size_t)writer->state.next, total);
            goto done;
        }
        TRY_DONE(pack_next(writer, work));
    }
    if (writer->state.written == 0)
        rc = alx_fail(ALX_E_DATA, "%s: none of %zu images can be decoded", writer->job->set->path,
                      total);
done:
    data_pack_work_free(work);
    return rc;
}

/* Records made before a bad image or an interrupt are kept; the message is still about the
 * latter. */
static int pack_keep(pack_writer *writer, int rc)
{
    char text[1024];

    if (writer->txn == NULL || writer->state.next == 0 ||
        (rc != ALX_E_DATA && rc != ALX_E_INTERRUPTED))
        return rc;
    snprintf(text, sizeof text, "%s", alx_status_text(rc));
    const int second = pack_commit(writer, false);

    (void)second;
    return alx_fail(rc, "%s", text);
}

int data_pack_records(pack_job *job)
{
    pack_writer writer = { .job = job, .bad_fd = -1, .started = base_seconds() };
    int rc = 0;

    TRY_DONE(pack_check(&writer, job));
    if (!writer.whole)
        TRY_DONE(pack_open(&writer));
    writer.first = (size_t)writer.state.next;
    writer.committed = writer.started;
    job->result->resumed += writer.whole ? alx_dataset_count(job->set) : writer.first;
    if (!writer.whole) {
        rc = pack_all(&writer);
        if (rc == 0 && writer.txn == NULL)
            rc = pack_begin(&writer);
        rc = rc == 0 ? pack_commit(&writer, true) : pack_keep(&writer, rc);
    }
    job->result->images += (size_t)writer.kept;
    job->result->bad += writer.whole ? alx_dataset_count(job->set) - (size_t)writer.state.written
                                     : (size_t)writer.state.bad;
done:
    pack_close(&writer);
    return rc;
}
