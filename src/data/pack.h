/* pack.h - what the files of packing share. */
#ifndef DATA_PACK_H
#define DATA_PACK_H

#include "data/dataset.h"

#define PACK_SUFFIX ".partial"

/** One database in the making. */
typedef struct pack_job {
    const alx_dataset *set;
    const alx_pack_options *options;
    char path[DATA_PATH_BYTES]; /**< of its folder */
    alx_pack_result *result;    /**< added to */
} pack_job;

/* ---- pack_work.c: workers make records ahead, in order -------------------------------------- */

typedef struct pack_work pack_work;

/** What became of image `index`; `record` belongs to the caller (free). */
typedef struct pack_item {
    size_t index;
    uint8_t *record;
    size_t bytes;
    int rc;             /**< then `record` is NULL, and `message` says why */
    char message[1024];
} pack_item;

/** Starts the workers at image `first`. */
int data_pack_work_create(pack_work **out, const pack_job *job, size_t first) ALX_MUST_USE;
/** The next image of the set; waits for it. Not beyond the last. */
void data_pack_work_next(pack_work *work, pack_item *item);
void data_pack_work_free(pack_work *work);

/* ---- pack_records.c, pack_statistics.c ------------------------------------------------------ */

/** Writes all records that are not there yet. */
int data_pack_records(const pack_job *job) ALX_MUST_USE;
/** Statistics of what was packed, for training and for people. */
int data_pack_statistics(const pack_job *job) ALX_MUST_USE;

#endif
