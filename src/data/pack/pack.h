/* pack.h - what the files of packing share. */
#ifndef DATA_PACK_H
#define DATA_PACK_H

#include "base/hash.h"
#include "data/set.h"

#define PACK_SUFFIX ".partial"

/** One database in the making. */
typedef struct pack_job {
    const alx_dataset *set;
    const alx_pack_options *options;
    char path[DATA_PATH_BYTES]; /**< of its folder */
    alx_pack_result *result;    /**< added to */
    bool damaged;               /**< what an earlier run left cannot be continued */
} pack_job;

/** Where packing stands, as stored. In the byte order of this machine: it never travels. */
typedef struct pack_state {
    uint64_t next, written, bad; /**< next image of the set; records written; images left out */
    uint64_t bad_bytes;          /**< length of bad.txt */
    char sum[40];                /**< data_pack_sum; "" in what version 1.0 left */
} pack_state;

#define PACK_STATE_KEY "!"       /* before all numbers; gone from a database that is whole */
#define PACK_NOTE "pack.txt"     /* of what, and how: decides whether a partial one can go on */
#define PACK_NOTE_SUM "records " /* the line that is added when all records are there */

/* ---- work.c: workers make records ahead, in order -------------------------------------- */

typedef struct pack_work pack_work;

/** What became of image `index`; `record` belongs to the caller (free). */
typedef struct pack_item {
    size_t index;
    uint8_t *record;
    size_t bytes;
    int rc; /**< then `record` is NULL, and `message` says why */
    char message[1024];
} pack_item;

/** Starts the workers at image `first`. */
int data_pack_work_create(pack_work **out, const pack_job *job, size_t first) ALX_MUST_USE;
/** The next image of the set; waits for it. Not beyond the last. */
void data_pack_work_next(pack_work *work, pack_item *item);
void data_pack_work_free(pack_work *work);

/* ---- check.c: what an earlier run left -------------------------------------------------- */

/** Adds a record to the hash of all. */
void data_pack_hash(base_hash *records, const void *key, size_t key_bytes, const void *value,
                    size_t value_bytes);
/** Of the records, and of the state but for its own sum. */
int data_pack_sum(char sum[33], const base_hash *records, const pack_state *state) ALX_MUST_USE;
/** Reads the whole database, and checks that it is as it was left, since liblmdb trusts every byte.
 *  Its records are added to the hash. A state of zeros means that nothing was there.
 *  @param whole  all records are there; then only `written` of the state means something
 *  @return 0; ALX_E_DATA: damaged; ALX_E_INTERRUPTED */
int data_pack_check(pack_state *state, bool *whole, base_hash *records,
                    const pack_job *job) ALX_MUST_USE;

/* ---- records.c, statistics.c ------------------------------------------------------ */

/** Writes all records that are not there yet. */
int data_pack_records(pack_job *job) ALX_MUST_USE;
/** Statistics of what was packed, for training and for people. */
int data_pack_statistics(const pack_job *job) ALX_MUST_USE;

#endif
