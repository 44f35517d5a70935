/* bench.h - results of benchmarks as tables on stdout. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "alexnet/dev/report.h"

/** @param step  of "ops": the whole steps */
void cli_print_result(const alx_result *result, const alx_bench_times *step);
void cli_print_comparison(const alx_comparison *comparison, double threshold);

#endif
