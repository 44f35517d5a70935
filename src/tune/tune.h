/* tune.h - `alexnet tune`: what its parts share. A problem is a pass on a layer's shapes; a way to
 * compute it becomes a tuning row once its numbers have matched the twin's. */
#ifndef TUNE_TUNE_H
#define TUNE_TUNE_H

#include "alexnet/dev/bench.h"

/** Passes of a step that look alike (the towers') are one problem. */
typedef struct tune_problem {
    alx_pass_info info;              /**< of the first of them */
    char problem[ALX_PROBLEM_BYTES]; /**< what rows call it */
    int calls;                       /**< in a step */
    size_t way_count;
    char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES]; /**< the first is the default */
} tune_problem;

typedef struct tune_run {
    alx_device *dev;
    alx_tuning *tuning; /**< of the device */
    tune_problem *problems;
    size_t problem_count;
    double deadline;               /**< on the clock of alx_seconds */
    const volatile int *interrupt; /**< not 0: the user asks to stop */
    /* of this run: what ETA follows from */
    size_t done, total;
    double started;
    bool stopped; /**< by one of the two, with ways left to measure */
} tune_run;

/* ---- the twin (tune_check.c) ---------------------------------------------------------------- */

/** A part of what a pass must give: whole images, or gradients of whole filters, that the twin can
 *  compute in a moment. */
typedef struct tune_check tune_check;

int tune_check_create(tune_check **out, const alx_bench_case *c) ALX_MUST_USE;
/** How far the case's output is from it, relative to the largest element. */
int tune_check_error(double *error, const tune_check *check, const alx_bench_case *c) ALX_MUST_USE;
void tune_check_free(tune_check *check);
/** What an error may be. */
double tune_check_limit(alx_pass pass);

/* ---- the search (tune_search.c) ------------------------------------------------------------- */

/** The problems of a network's training step. `run->problems` is the caller's (free). */
int tune_list_problems(tune_run *run, const alx_graph *graph, int batch,
                       const char *only) ALX_MUST_USE;
/** Asked before each way; sets `run->stopped`. */
bool tune_should_stop(tune_run *run);
/** Ctrl-C ends the OpenCL compiler's processes too: a way that fails then may be a right one. */
bool tune_was_interrupted(const tune_run *run);
/** Measures every way of every problem that has no row yet, until the run is stopped. */
int tune_search(tune_run *run) ALX_MUST_USE;
/** The user's row of one way, whatever it says; NULL if it was not measured. */
const alx_tuning_row *tune_row(const tune_run *run, const tune_problem *p, const char *choice);
const alx_tuning_row *tune_find_row(const tune_run *run, const char *problem, int batch,
                                    const char *choice);

/* ---- CLBlast's parameters (tune_clblast.c) --------------------------------------------------- */

/** Measures the sets that have no row yet and takes the best from now on; `*tuned` if that is not
 *  the packaged one. */
int tune_clblast(tune_run *run, bool *tuned) ALX_MUST_USE;
/** Adds ALX_TUNED_IM2COL and ALX_TUNED_CLBLAST to the problems. */
void tune_add_clblast_ways(tune_run *run);

#endif
