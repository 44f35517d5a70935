/* tune.h - what the files of this room share. */
#ifndef TUNE_TUNE_H
#define TUNE_TUNE_H

#include "alexnet/dev/check.h"
#include "alexnet/dev/ref.h"
#include "alexnet/dev/tune.h"

/** The problems of a network's training step.
 *  @param only  name of a layer, or NULL for all
 *  @return 0; ALX_E_USAGE where no pass of `only` can be tuned; ALX_E_MEMORY */
int tune_list(alx_tune *tune, const alx_graph *graph, int batch, const char *only) ALX_MUST_USE;
/** Measures every way of every problem that has no row yet, until the search is stopped. A way that
 *  fails or gives wrong numbers is said and gets a row that does not count. */
int tune_search(alx_tune *tune) ALX_MUST_USE;
/** Measures the parameter sets of CLBlast's kernels that have no row yet and takes the best from
 *  now on. `*tuned` if those are not the packaged ones. */
int tune_clblast(alx_tune *tune, bool *tuned) ALX_MUST_USE;
/** Gives each problem one more way: CLBlast with these parameters. */
void tune_add_clblast_ways(alx_tune *tune);

/** Asked before each way; sets `tune->stopped`. */
bool tune_should_stop(alx_tune *tune);
/** Tells the caller what is measured next. */
void tune_task(const alx_tune *tune, const char *task, size_t done, size_t total,
               double eta_seconds);
/** The user's row of one way, whatever it says; NULL if it was not measured. Borrowed. */
const alx_row *tune_row(const alx_tune *tune, const alx_tune_problem *p, const char *choice);
/** The same of any problem. */
const alx_row *tune_find_row(const alx_tune *tune, const char *problem, int batch,
                             const char *choice);

#endif
