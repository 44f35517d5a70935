/* tune.h - what the files of this room share. */
#ifndef TUNE_TUNE_H
#define TUNE_TUNE_H

#include "alexnet/dev/check.h"
#include "alexnet/dev/ref.h"
#include "alexnet/dev/tune.h"

/** Asked before each way; sets `tune->stopped`. */
bool tune_should_stop(alx_tune *tune);
/** Tells the caller what is measured next. */
void tune_task(const alx_tune *tune, const char *task, size_t done, size_t total,
               double eta_seconds);
/** The user's row, as alx_tune_row. */
const alx_row *tune_find_row(const alx_tune *tune, const char *problem, int batch,
                             const char *choice);

#endif
