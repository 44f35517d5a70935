/* bench.h - what the files of the bench command share. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "alexnet/dev/bench.h"
#include "alexnet/dev/report.h"

/** bench_text.c: tables on stdout. */
void bench_print(const alx_result *result, const alx_bench_times *step);
void bench_print_comparison(const alx_comparison *comparison, double threshold);

/** bench_compare.c: before anything is measured, whether the two make sense. */
int bench_check_compare(const char *path, const char *threshold) ALX_MUST_USE;
/** Whether the file has a result to set beside one that is described but not yet measured. */
int bench_check_baseline(const alx_result *described, const char *path) ALX_MUST_USE;
/** What --compare and --threshold ask for. `json`: stdout is taken.
 *  @return ALX_E_SLOWER if something is */
int bench_compare(const alx_result *result, const char *path, const char *threshold,
                  bool json) ALX_MUST_USE;

#endif
