/* check.h - what the files of this room share: the report being made, and memory. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "alexnet/dev/check.h"
#include "alexnet/dev/ref.h"

/* ---- the report (report.c) ------------------------------------------------------------------ */

typedef struct check_report {
    const alx_check_options *options;
    alx_check_total *total;
    bool rehearsal;      /**< nothing is computed yet: comparisons and lines say nothing */
    alx_check_line line; /**< being collected */
} check_report;

/** Starts a line. */
void check_begin(check_report *report, const char *name);
/** Adds a comparison to the line; it fails unless error <= limit. */
void check_add(check_report *report, double error, double limit, const char *where, ...)
    ALX_PRINTF(4, 5);
/** Ends the line: hands it to the caller. */
void check_end(check_report *report);
/** Tells the caller what comes next. @param start  when the first of `total` began; below 0
 *  where they take unlike times */
void check_task(const alx_check_options *options, const char *task, size_t done, size_t total,
                double start);

/** max|got - want| / max|want|; NaN counts as infinite. */
static inline double check_difference(const float *got, const float *want, size_t count)
{
    return alx_ref_difference(got, want, count, 0.0);
}

/** Of the first device. */
alx_chooser check_chooser(const alx_check_options *options);

/* ---- memory of a check (pool.c) ------------------------------------------------------------- */

/** Device and host memory that is freed together. */
typedef struct check_pool {
    alx_device *dev;
    struct check_block *blocks;
} check_pool;

/** A tensor that holds NaN; valid until check_pool_free. */
int check_tensor(check_pool *pool, alx_tensor **out, alx_shape shape) ALX_MUST_USE;
/** The same with `data`. */
int check_upload(check_pool *pool, alx_tensor **out, alx_shape shape,
                 const void *data) ALX_MUST_USE;
/** Zeroed memory for `count` floats. */
int check_host(check_pool *pool, float **out, size_t count) ALX_MUST_USE;
/** A tensor's contents. */
int check_download(check_pool *pool, float **out, const alx_tensor *tensor) ALX_MUST_USE;
void check_pool_free(check_pool *pool);

#endif
