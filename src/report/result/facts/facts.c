/* facts.c - what a network consists of, what it takes, and what computes it. */
#include "alexnet/dev/report.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/try.h"

#define ALIKE 0.9 /* a peak above this share of the other is no slower: they scatter so much */

size_t alx_facts_parameters_on(const alx_facts *facts, const alx_layer_info *stage, int dev)
{
    const size_t biases = stage->parameters - stage->weights;

    if (stage->parts == facts->dev_count && stage->by_input)
        return stage->weights / (size_t)stage->parts + (dev == 0 ? biases : 0);
    if (stage->parts == facts->dev_count)
        return stage->parameters / (size_t)stage->parts;
    return dev == 0 ? stage->parameters : 0;
}

size_t alx_facts_parameters_of(const alx_facts *facts, int dev)
{
    size_t sum = 0;

    for (size_t i = 0; i < facts->stage_count; ++i)
        sum += alx_facts_parameters_on(facts, &facts->stages[i], dev);
    return sum;
}

void alx_facts_share(size_t *first, size_t *count, const alx_layer_info *stage, int dev)
{
    const size_t outputs = (size_t)stage->whole.c;
    const size_t all = stage->by_input ? stage->weights / outputs : outputs;

    *count = stage->parts > 1 || dev == 0 ? all / (size_t)stage->parts : 0;
    *first = (size_t)dev * *count;
}

int alx_facts_slower(const alx_facts *facts)
{
    const double *peak = facts->fma_gflops;
    const int slower = peak[1] < peak[0];

    return peak[slower] > ALIKE * peak[1 - slower] ? -1 : slower;
}

/* Without a device: what a checkpoint recorded, else what works everywhere and needs most. */
static void use_recorded(alx_facts *facts)
{
    const alx_algorithms *recorded = &facts->checkpoint.algorithms;
    alx_algorithms *chosen = &facts->algorithms[0];

    if (chosen->conv == ALX_CONV_AUTO)
        chosen->conv = facts->from_checkpoint ? recorded->conv : ALX_CONV_IM2COL;
    if (chosen->gemm == ALX_GEMM_AUTO)
        chosen->gemm = facts->from_checkpoint ? recorded->gemm : ALX_GEMM_CLBLAST;
}

/* What tuning rows say of the passes. */
static int read_ways(alx_facts *facts, const alx_chooser *by)
{
    alx_pass_info *passes = NULL;
    size_t count = 0;
    int rc = 0;

    TRY_DONE(alx_graph_passes(&passes, &count, facts->graph, facts->batch, true));
    facts->ways = calloc(count + 1, sizeof *facts->ways);
    if (facts->ways == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %zu passes", count);
        goto done;
    }
    for (size_t i = 0; i < count; ++i) {
        const alx_row *row = alx_pass_row(by, &passes[i]);
        alx_facts_way *way = &facts->ways[facts->way_count];

        if (row == NULL)
            continue;
        ++facts->way_count;
        way->row = *row;
        snprintf(way->label, sizeof way->label, "%s", passes[i].label);
    }
done:
    free(passes);
    return rc;
}

static const alx_rows *rows_of(const alx_facts_devices *devices, int dev)
{
    return devices->rows != NULL ? devices->rows[dev] : NULL;
}

static int look_at_devices(alx_facts *facts, const alx_facts_devices *devices)
{
    alx_device *const *devs = devices->devs;
    const int dev_count = devices->count;

    facts->dev_count = dev_count;
    for (int dev = 0; dev < dev_count; ++dev) {
        facts->algorithms[dev] = alx_algorithms_resolve(devices->asked, devs[dev],
                                                        rows_of(devices, dev));
        facts->device_index[dev] = alx_device_get_info(devs[dev])->index;
        snprintf(facts->described[dev], sizeof facts->described[dev], "%s",
                 alx_device_describe(devs[dev]));
        if (dev_count > 1)
            TRY(alx_bench_fma_peak(&facts->fma_gflops[dev], devs[dev]));
    }
    TRY(read_ways(facts, &(alx_chooser){ .dev = devs[0],
                                         .rows = rows_of(devices, 0),
                                         .algorithms = facts->algorithms[0] }));
    facts->transfer_count = alx_graph_transfers(facts->transfers, facts->graph, facts->batch, true);
    return 0;
}

static int plan_memory(alx_facts *facts, const alx_facts_devices *devices)
{
    const alx_net_config *net = &facts->checkpoint.config.net;
    alx_net_options options = {
        .batch = facts->batch,
        .training = true,
        .algorithms = devices != NULL ? devices->asked : facts->algorithms[0],
        .rows = devices != NULL ? devices->rows : NULL,
        .fuse_update = alx_update_can_fuse(&facts->checkpoint.config.train),
        .layer_rates = facts->checkpoint.config.train.lars > 0.0,
        .kept_gradients = alx_kept_gradients(&facts->checkpoint.config.train),
    };
    alx_device *const *devs = devices != NULL ? devices->devs : NULL;

    TRY(alx_net_memory(facts->training, net, devs, facts->dev_count, &options));
    options.training = false;
    options.kept_gradients = 0;
    return alx_net_memory(facts->inference, net, devs, facts->dev_count, &options);
}

int alx_facts_gather(alx_facts *facts, const alx_facts_devices *devices, alx_algorithms assumed)
{
    TRY(alx_graph_create(&facts->graph, &facts->checkpoint.config.net));
    facts->stages = alx_graph_layers(facts->graph, &facts->stage_count);
    if (devices != NULL) {
        TRY(look_at_devices(facts, devices));
    } else {
        facts->dev_count = 1;
        facts->algorithms[0] = assumed;
        use_recorded(facts);
    }
    return plan_memory(facts, devices);
}

void alx_facts_free(alx_facts *facts)
{
    free(facts->ways);
    alx_graph_free(facts->graph);
    alx_checkpoint_free(&facts->checkpoint);
    *facts = (alx_facts){ 0 };
}
