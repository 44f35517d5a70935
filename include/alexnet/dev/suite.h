/* suite.h - everything that a new device should be asked, in one run: does it compute right, how
 * fast is it, what do steps of several networks take. */
#ifndef ALEXNET_DEV_SUITE_H
#define ALEXNET_DEV_SUITE_H

#include "alexnet/dev/report.h"

ALX_BEGIN_DECLS

#define ALX_SUITE_BATCH 128 /**< images of the steps whose passes are timed */

typedef struct alx_suite_setup {
    alx_device *dev;           /**< borrowed, as all that follows */
    alx_rows *rows;            /**< tuning rows of the device; NULL: none */
    alx_algorithms algorithms; /**< not resolved */
    const alx_config *configs; /**< networks; their batch sizes do not count */
    size_t config_count;
    double seconds; /**< of the timed steps of a part; a step that would take longer is left out */
    /** Called as it goes on; may be NULL. @param eta_seconds  negative = unknown */
    void (*on_task)(const char *task, size_t done, size_t total, double eta_seconds, void *user);
    void *user;
} alx_suite_setup;

/**
 * alx_check_kernels (quick), the peaks, whole steps of 1, 32, 128 and 512 images, the passes of
 * training steps, and how each of those is computed. What does not fit the device's memory or the
 * time, or does not build there, is left out and named in the suite, with a warning; so are checks
 * that fail.
 *
 * @param results  zeroed before; a suite and its results after. The caller says in the suite and in
 *                 each result who measures, and frees them whatever happens.
 * @return 0; ALX_E_DEVICE: the device fails, the last gap says how, and what was found before is
 *         there; ALX_E_MEMORY: not even the suite itself fits (what a part lacks, on the host too,
 *         is a gap); ALX_E_INTERRUPTED
 */
int alx_suite_run(alx_results *results, const alx_suite_setup *setup) ALX_MUST_USE;

ALX_END_DECLS

#endif
