/* run.h - a network that runs step after step, on made-up images or on a loader's. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include "alexnet/data.h"
#include "alexnet/dev/bench.h"
#include "alexnet/train.h"

typedef struct bench_run {
    const alx_bench_setup *setup; /* borrowed */
    bool training;
    alx_net *net;
    uint32_t steps;      /* done */
    double wait_seconds; /* for images, in all steps */
    /* real data only */
    alx_dataset *set;
    alx_subset subset;
    alx_statistics statistics;
    alx_pinned *ring; /* of the loader's images */
    alx_loader *loader;
    alx_feeder *feeder;
} bench_run;

/** Builds, fills and warms up. Close it whatever happens. */
int bench_run_open(bench_run *run, const alx_bench_setup *setup, bool training) ALX_MUST_USE;
/** One step, from idle queues to idle queues. */
int bench_run_step(bench_run *run) ALX_MUST_USE;
void bench_run_close(bench_run *run);

/** "conv2.1 grad-weight" is "conv2" and "grad-weight" (names.c). */
void bench_split_label(char layer[48], char pass[16], const char *label);

#endif
