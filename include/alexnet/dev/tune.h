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
    double budget_seconds;         /**< of alx_tune_run; 0 = no limit */
    const volatile int *interrupt; /**< not 0: stop; may be NULL */
    /** Called before each way; may be NULL. @param eta_seconds  negative = unknown */
    void (*on_task)(const char *task, size_t done, size_t total, double eta_seconds, void *user);
    void *user;
    /* found */
    alx_tune_problem *problems; /**< owned */
    size_t problem_count;
    bool stopped; /**< by budget or interrupt, with ways left to measure */
    /* of the search that runs: what its end and the ETA follow from */
    size_t done, total;
    double started, deadline;
} alx_tune;

#define ALX_TUNE_CLBLAST "clblast" /**< of `only`: the parameters of CLBlast's kernels alone */

/** Finds the problems of a network's training step. alx_tune_close whatever happens.
 *  @param only  name of a layer, ALX_TUNE_CLBLAST, or NULL for all
 *  @return 0; ALX_E_USAGE where no pass of `only` can be tuned, or there is no file for the rows;
 *          ALX_E_DATA: that file holds none; ALX_E_MEMORY */
int alx_tune_open(alx_tune *tune, const alx_net_config *net, int batch,
                  const char *only) ALX_MUST_USE;
/** Measures every way of every problem that has no row yet, then parameters of CLBlast's kernels,
 *  and CLBlast with the best of them, until it is stopped. A way that fails or gives wrong numbers
 *  is said and gets a row that does not count.
 *  @param only  as given to alx_tune_open */
int alx_tune_run(alx_tune *tune, const char *only) ALX_MUST_USE;
void alx_tune_close(alx_tune *tune);
/** Whether `interrupt` has stopped it. */
bool alx_tune_interrupted(const alx_tune *tune);

/* ---- what was found -------------------------------------------------------------------------- */

/** A problem's rows side by side, those that count; NULL where there is none. Borrowed. */
typedef struct alx_tune_result {
    const alx_row *usual;                   /**< the default */
    const alx_row *own;                     /**< the fastest of our kernels */
    const alx_row *clblast, *clblast_tuned; /**< with packaged and with the best parameters */
    const alx_row *fastest;
} alx_tune_result;

alx_tune_result alx_tune_result_of(const alx_tune *tune, const alx_tune_problem *p);
/** Of direct convolution; 0 of a row that does not count. */
double alx_tune_gflops(const alx_tune_problem *p, const alx_row *row);
/** Milliseconds of a whole step by the defaults and by the fastest ways, of problems of which a way
 *  counts; returns how many these are. */
size_t alx_tune_sum(double *usual_ms, double *fastest_ms, const alx_tune *tune);
/** All rows for machines: indented; the caller's (free). */
int alx_tune_json(char **text, const alx_tune *tune, const char *config, int batch) ALX_MUST_USE;

ALX_END_DECLS

#endif
