/* bench.h - times work on a device: anything that can be queued, or one pass of one layer with one
 * algorithm on tensors of its own. */
#ifndef ALEXNET_BENCH_H
#define ALEXNET_BENCH_H

#include "alexnet/net.h"

/* ---- any work ------------------------------------------------------------------------------ */

typedef struct alx_bench_times {
    double median_ms, min_ms, max_ms; /**< of one run of the work */
    int count;                        /**< measurements */
} alx_bench_times;

/** Queues the work once, without waiting. */
typedef int alx_bench_work(void *user);

/**
 * Wall clock from an idle queue to an idle queue, so that launches count. Work shorter than a few
 * milliseconds is queued several times in a measurement, and the time divided.
 *
 * @param runs  measurements, >= 1, after one that builds kernels and warms up
 */
int alx_bench_time(alx_bench_times *out, alx_device *dev, alx_bench_work *work, void *user,
                   int runs) ALX_MUST_USE;

/** Sorts `ms` and takes median, least and most of it. */
alx_bench_times alx_bench_summary(double *ms, int count);

/* ---- one pass of one layer ------------------------------------------------------------------- */

/** A pass of a convolution or fully connected layer. Inputs are uniform in [-1, 1), the same
 *  numbers for every algorithm; outputs are NaN until the first run. */
typedef struct alx_bench_case {
    alx_pass_info info;         /**< of alx_graph_passes; work is not ALX_WORK_OTHER */
    alx_algorithms algorithms;  /**< resolved */
    alx_tensor x, w, b, y;      /**< of backward passes: gradients of x, w, y as the pass has it */
    alx_tensor scratch;
} alx_bench_case;

/** Allocates and fills. Free it whatever happens.
 *  @param info  one of alx_graph_passes, or one made by hand (work, pass, in, out, conv)
 *  @return 0; ALX_E_USAGE if the pass has no algorithms to choose from; ALX_E_MEMORY */
int alx_bench_case_create(alx_bench_case *out, alx_device *dev, const alx_pass_info *info,
                          alx_algorithms algorithms) ALX_MUST_USE;
void alx_bench_case_free(alx_bench_case *c);

/** Makes the scratch anew where the case's algorithms are TUNED and the rows say something else
 *  now. */
int alx_bench_case_fit_scratch(alx_bench_case *c) ALX_MUST_USE;

/** Queues it once. `user` is the alx_bench_case: an alx_bench_work. */
int alx_bench_case_run(void *user) ALX_MUST_USE;
/** y, x or w: what the pass writes. */
const alx_tensor *alx_bench_case_output(const alx_bench_case *c);

/** The three above: one pass with one algorithm. */
int alx_bench_pass(alx_bench_times *out, alx_device *dev, const alx_pass_info *info,
                   alx_algorithms algorithms, int runs) ALX_MUST_USE;

#endif
