/* run.h - a suite that is being made: its parts, and what they find. */
#ifndef SUITE_RUN_H
#define SUITE_RUN_H

#include "alexnet/dev/check.h"
#include "alexnet/dev/suite.h"

typedef enum { SUITE_CHECK, SUITE_PEAKS, SUITE_STEPS, SUITE_PASSES } suite_kind;

/** One thing that is measured. */
typedef struct suite_part {
    suite_kind kind;
    const alx_config *config; /**< of steps and passes; borrowed */
    int batch;
    bool training;
    double flops; /**< of a step */
} suite_part;

typedef struct suite_run {
    const alx_suite_setup *setup;
    alx_results *results; /**< with one suite */
    suite_part *parts;
    size_t count, done;
    double gflops; /**< of direct convolution, of the steps so far; 0 = none yet */
} suite_run;

/* ---- the parts (parts.c) --------------------------------------------------------------------- */

/** Every part, in the order in which they run. */
int suite_list_parts(suite_run *run) ALX_MUST_USE;
/** "paper, batch 128, training". */
void suite_part_name(char name[128], const suite_part *part);
/** Seconds that one step of the part will about take; 0 = not known. */
double suite_step_seconds(const suite_run *run, const suite_part *part);
/** Tells the caller what runs now. @param more  of it; "" = nothing */
void suite_show(const suite_run *run, const char *more);

#define SUITE_STEPS_TIMED 20 /* at most */

/* ---- what is found (facts.c) ----------------------------------------------------------------- */

/** Device, host, date. */
void suite_describe(alx_suite *suite, const alx_device *dev);
/** Why a part was not measured. */
int suite_add_gap(alx_suite *suite, const suite_part *part, const char *why) ALX_MUST_USE;
int suite_add_checks(alx_suite *suite, const alx_check_total *total) ALX_MUST_USE;
/** How each pass of a training step is computed. */
int suite_add_ways(alx_suite *suite, const alx_suite_setup *setup,
                   const alx_config *config) ALX_MUST_USE;

#endif
