/* check.h - `alexnet check`: what its parts share. Numbers of the device are compared with others:
 * with the twins (check_twins.c), with differences of the loss (check_gradient.c), or with a folder
 * of golden numbers (golden.c). Each line of the result is the worst of many comparisons. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <cjson/cJSON.h>

#include "alexnet/dev/ref.h"
#include "alexnet/dev/rt.h"

typedef struct check_options {
    alx_device *const *devs;   /**< borrowed */
    int dev_count;             /**< 1, or one per tower */
    alx_algorithms algorithms; /**< resolved where there is one device */
    bool quick;       /**< one shape of each convolution and product, none of other devices' */
    const char *only; /**< name of a line; of a golden folder: "ops", "nets", "full", an operation,
                           "op/case", or a network; NULL = all */
    size_t max_macs;  /**< of a golden folder: leave out what costs more forward; 0 = no limit */
    int steps;        /**< of a golden network's training; 0 = all that are stored */
} check_options;

/* ---- the result (check_report.c) ------------------------------------------------------------ */

typedef struct check_report {
    cJSON *rows;          /**< finished lines go here instead of stdout; NULL = to stdout */
    size_t lines, failed; /**< finished lines */
    bool rehearsal;       /**< nothing is computed yet: comparisons and lines say nothing */
    struct {
        char name[64], worst[160]; /**< what is compared; where it is worst */
        double error, limit;       /**< of the worst comparison, relative to its limit */
        size_t count;
        bool fails;
    } line; /**< being collected */
} check_report;

/** Starts a line. */
void check_begin(check_report *report, const char *name);
/** Adds a comparison to the line; it fails unless error <= limit. */
void check_add(check_report *report, double error, double limit, const char *where, ...)
    ALX_PRINTF(4, 5);
/** Ends the line: PASS or FAIL, the worst error with its limit and place. */
void check_end(check_report *report);
/** 0; ALX_E_NUMERIC if a line failed; ALX_E_USAGE if there was none. */
int check_result(const check_report *report) ALX_MUST_USE;

/** max|got - want| / max|want|; NaN counts as infinite. */
static inline double check_difference(const float *got, const float *want, size_t count)
{
    return alx_ref_difference(got, want, count, 0.0);
}

/* ---- memory of a check (check_pool.c) ------------------------------------------------------- */

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

/* ---- the checks ----------------------------------------------------------------------------- */

#define CHECK_GRADIENT "gradient"

/** ALX_E_USAGE with their names unless `only` is a line of check_twins or check_gradient. */
int check_only(const char *only) ALX_MUST_USE;
/** Every kernel against its twin, on a fixed table of small cases. Shows where it stands. */
int check_twins(check_report *report, const check_options *options) ALX_MUST_USE;
/** Gradients of a tiny network against central differences of its loss. */
int check_gradient(check_report *report, const check_options *options) ALX_MUST_USE;
/** Everything in a folder of golden numbers (format: tests/golden/README.md). */
int check_golden(check_report *report, const check_options *options,
                 const char *folder) ALX_MUST_USE;

#endif
