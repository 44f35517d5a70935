/* tune.h - the fastest right way to compute each pass of a network's step on a device. A problem is
 * a pass on a layer's shapes; each way to compute it is measured and becomes a tuning row, one that
 * counts only where its numbers have matched the twin's. */
#ifndef ALEXNET_DEV_TUNE_H
#define ALEXNET_DEV_TUNE_H

#include "alexnet/dev/bench.h"

ALX_BEGIN_DECLS

/** Passes of a step that look alike (the towers') are one problem. */
typedef struct alx_tune_problem {
    alx_pass_info info;              /**< of the first of them */
    char problem[ALX_PROBLEM_BYTES]; /**< what rows call it */
    int calls;                       /**< in a step */
    size_t way_count;
    char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES]; /**< the first is the default */
} alx_tune_problem;

/** A search. What a row says already is not measured again, so one that was stopped goes on. */
typedef struct alx_tune {
    /* given */
    alx_device *dev;
    alx_rows *rows;                /**< of the device; new ones are added */
    double deadline;               /**< on the clock of base_seconds */
    const volatile int *interrupt; /**< not 0: stop */
    /** Called before each way; may be NULL. @param eta_seconds  negative = unknown */
    void (*on_task)(const char *task, size_t done, size_t total, double eta_seconds, void *user);
    void *user;
    /* found */
    alx_tune_problem *problems; /**< the caller's (free) */
    size_t problem_count;
    bool stopped; /**< by deadline or interrupt, with ways left to measure */
    /* of the search that runs: what the ETA follows from */
    size_t done, total;
    double started;
} alx_tune;

/** The problems of a network's training step.
 *  @param only  name of a layer, or NULL for all
 *  @return 0; ALX_E_USAGE where no pass of `only` can be tuned; ALX_E_MEMORY */
int alx_tune_list(alx_tune *tune, const alx_graph *graph, int batch, const char *only) ALX_MUST_USE;
/** Measures every way of every problem that has no row yet, until the search is stopped. A way that
 *  fails or gives wrong numbers is said and gets a row that does not count. */
int alx_tune_search(alx_tune *tune) ALX_MUST_USE;
/** Measures the parameter sets of CLBlast's kernels that have no row yet and takes the best from
 *  now on. `*tuned` if those are not the packaged ones. */
int alx_tune_clblast(alx_tune *tune, bool *tuned) ALX_MUST_USE;
/** Gives each problem one more way: CLBlast with these parameters. */
void alx_tune_add_clblast_ways(alx_tune *tune);
/** Whether `interrupt` has stopped it. */
bool alx_tune_interrupted(const alx_tune *tune);
/** The user's row of one way, whatever it says; NULL if it was not measured. Borrowed. */
const alx_row *alx_tune_row(const alx_tune *tune, const alx_tune_problem *p, const char *choice);

ALX_END_DECLS

#endif
