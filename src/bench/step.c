/* step.c - whole steps by the clock, and what a training step spends its time on by the profile. */
#include "bench/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/try.h"

/* ---- whole steps --------------------------------------------------------------------------- */

int alx_bench_flops(double *flops, const alx_config *config, bool training)
{
    alx_graph *graph = NULL;
    alx_pass_info *passes = NULL;
    size_t count = 0;
    int rc = 0;

    *flops = 0.0;
    TRY_DONE(alx_graph_create(&graph, &config->net));
    TRY_DONE(alx_graph_passes(&passes, &count, graph, config->train.batch_size, training));
    for (size_t i = 0; i < count; ++i)
        *flops += passes[i].flops;
done:
    free(passes);
    alx_graph_free(graph);
    return rc;
}

/* Whether another step is timed: the first one always is. */
static bool goes_on(const alx_bench_setup *setup, int done, double start)
{
    return done < setup->iterations &&
           (done == 0 || setup->seconds <= 0.0 || base_seconds() - start < setup->seconds);
}

int alx_bench_steps(alx_bench_steps_result *result, const alx_bench_setup *setup, bool training)
{
    double *ms = malloc((size_t)setup->iterations * sizeof *ms), sum_ms = 0.0, begin = 0.0;
    bench_run run = { 0 };
    int count = 0, rc = 0;

    *result = (alx_bench_steps_result){ 0 };
    if (ms == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d times", setup->iterations);
    TRY_DONE(bench_run_open(&run, setup, training));
    for (begin = base_seconds(); goes_on(setup, count, begin); ++count) {
        const double start = base_seconds();

        TRY_DONE(bench_run_step(&run));
        ms[count] = 1e3 * (base_seconds() - start);
        sum_ms += ms[count];
    }
    *result = (alx_bench_steps_result){
        .times = alx_bench_summary(ms, count),
        .wait_share = 1e3 * run.wait_seconds / sum_ms,
        .device_bytes = alx_net_device_bytes(run.net),
        .resident_bytes = base_peak_resident_bytes(),
    };
done:
    bench_run_close(&run);
    free(ms);
    return rc;
}

/* ---- passes of a step ------------------------------------------------------------------------ */

/* Passes of all parts of a stage together: "conv2.0 forward" and "conv2.1 forward". */
typedef struct pass_groups {
    alx_pass_info *passes;
    size_t pass_count;
    alx_bench_op *ops; /* as many */
    size_t op_count;
    double *ms; /* op_count rows of `iterations` */
    int iterations;
    double *kernel_ms; /* by op: of its longest kernel so far */
} pass_groups;

static size_t find_op(const pass_groups *groups, const char *layer, const char *pass)
{
    size_t i = 0;

    while (i < groups->op_count &&
           (strcmp(groups->ops[i].layer, layer) != 0 || strcmp(groups->ops[i].pass, pass) != 0))
        ++i;
    return i;
}

static void group_passes(pass_groups *groups)
{
    for (size_t i = 0; i < groups->pass_count; ++i) {
        char layer[48], pass[16];

        bench_split_label(layer, pass, groups->passes[i].label);
        const size_t at = find_op(groups, layer, pass);
        alx_bench_op *op = &groups->ops[at];

        if (at == groups->op_count) {
            ++groups->op_count;
            memcpy(op->layer, layer, sizeof layer);
            memcpy(op->pass, pass, sizeof pass);
        }
        op->flops += groups->passes[i].flops;
        op->bytes += groups->passes[i].bytes;
    }
}

static int open_groups(pass_groups *groups, const alx_net *net, int batch, int iterations)
{
    int rc = 0;

    groups->iterations = iterations;
    TRY(alx_graph_passes(&groups->passes, &groups->pass_count, alx_net_graph(net), batch, true));
    groups->ops = calloc(groups->pass_count, sizeof *groups->ops);
    groups->ms = calloc(groups->pass_count * (size_t)iterations, sizeof *groups->ms);
    groups->kernel_ms = calloc(groups->pass_count, sizeof *groups->kernel_ms);
    if (groups->ops == NULL || groups->ms == NULL || groups->kernel_ms == NULL)
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %zu passes", groups->pass_count);
    else
        group_passes(groups);
    return rc;
}

static void add_time(pass_groups *groups, const alx_profile_row *row, int iteration)
{
    char layer[48], pass[16];

    bench_split_label(layer, pass, row->label);
    const size_t at = find_op(groups, layer, pass);

    if (row->transfer || at == groups->op_count)
        return;
    groups->ms[at * (size_t)groups->iterations + (size_t)iteration] += row->total_ms;
    if (row->total_ms > groups->kernel_ms[at]) {
        groups->kernel_ms[at] = row->total_ms;
        memcpy(groups->ops[at].how, row->kernel, sizeof row->kernel);
    }
}

static int take_times(pass_groups *groups, const bench_run *run, int iteration)
{
    for (int dev = 0; dev < alx_net_dev_count(run->net); ++dev) {
        alx_profile_row *rows = NULL;
        size_t count = 0;

        TRY(alx_profile_take(alx_net_device(run->net, dev), &rows, &count));
        for (size_t i = 0; i < count && iteration >= 0; ++i)
            add_time(groups, &rows[i], iteration);
        free(rows);
    }
    return 0;
}

/* Moves those that ran to the front: a fused pass has its time under the first one's name. */
static size_t keep_measured(pass_groups *groups, int steps)
{
    size_t kept = 0;

    for (size_t i = 0; i < groups->op_count; ++i) {
        double *ms = &groups->ms[i * (size_t)groups->iterations];

        groups->ops[i].times = alx_bench_summary(ms, steps);
        if (groups->ops[i].times.max_ms > 0.0)
            groups->ops[kept++] = groups->ops[i];
    }
    return kept;
}

int alx_bench_ops(alx_bench_op **ops, size_t *count, alx_bench_times *step,
                  const alx_bench_setup *setup)
{
    double *ms = calloc((size_t)setup->iterations, sizeof *ms), begin = 0.0;
    pass_groups groups = { 0 };
    bench_run run = { 0 };
    int steps = 0, rc = 0;

    *ops = NULL;
    *count = 0;
    if (ms == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d times", setup->iterations);
    for (int dev = 0; dev < setup->dev_count; ++dev)
        TRY_DONE(alx_profile_start(setup->devs[dev]));
    TRY_DONE(bench_run_open(&run, setup, true));
    TRY_DONE(open_groups(&groups, run.net, setup->config->train.batch_size, setup->iterations));
    TRY_DONE(take_times(&groups, &run, -1)); /* forgets the warm-up */
    for (begin = base_seconds(); goes_on(setup, steps, begin); ++steps) {
        const double start = base_seconds();

        TRY_DONE(bench_run_step(&run));
        ms[steps] = 1e3 * (base_seconds() - start);
        TRY_DONE(take_times(&groups, &run, steps));
    }
    *step = alx_bench_summary(ms, steps);
    *count = keep_measured(&groups, steps);
    *ops = groups.ops;
    groups.ops = NULL;
done:
    bench_run_close(&run);
    free(groups.passes);
    free(groups.ops);
    free(groups.ms);
    free(groups.kernel_ms);
    free(ms);
    return rc;
}
