/* eta.h - how long the rest of some work will take, by the pace so far. */
#ifndef BASE_ETA_H
#define BASE_ETA_H

#include <stddef.h>

/** Starts zeroed. */
typedef struct base_eta {
    size_t first;       /**< things that were done when the clock began to count */
    size_t last, total; /**< of the last call */
    double started;     /**< seconds of base_seconds when the clock began to count */
} base_eta;

/** The first thing of all makes the clock begin: it is slower than the others, as kernels are built
 *  and files opened for it.
 *  @param done  things of `total`, at least 1. Fewer than before, another total and any after all
 *               of them are other work, which begins anew
 *  @return seconds; negative = not known yet */
double base_eta_seconds(base_eta *eta, size_t done, size_t total, double now);

#endif
