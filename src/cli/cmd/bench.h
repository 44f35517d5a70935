/* bench.h - what the kinds of `bench` share. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "alexnet/dev/report.h"
#include "cli/source.h"

typedef struct bench_options {
    cli_line line;
    const char *data, *only, *csv, *html, *compare, *threshold, *output, *weights;
    int iterations;
    bool json;
    cli_loading loading;
    cli_device_options device;
} bench_options;

/** Says that this program measures (bench_sign.c). */
void cli_bench_sign(alx_result *result);

/** bench suite (bench_suite.c). */
int cli_bench_suite(const bench_options *options) ALX_MUST_USE;

#endif
