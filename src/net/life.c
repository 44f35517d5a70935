/* life.c - life of a network: planned, allocated, asked, freed. */
#include "net/net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

#define MEBIBYTE 1048576.0

static int fits_device(const alx_net *net, const alx_memory_plan *plan, int dev)
{
    const alx_device_info *info = alx_device_get_info(net->devs[dev]);

    if (plan->total <= info->global_bytes)
        return 0;
    return alx_fail(ALX_E_MEMORY, "batch %d needs %.0f MiB, device %s has %.0f MiB",
                    net->options.batch, (double)plan->total / MEBIBYTE, info->name,
                    (double)info->global_bytes / MEBIBYTE);
}

static void device_limits(const alx_net *net, size_t *align_bytes, size_t *slab_bytes)
{
    *align_bytes = 64;
    *slab_bytes = SIZE_MAX / 2;
    for (int dev = 0; dev < net->dev_count; ++dev) {
        const alx_device_info *info = alx_device_get_info(net->devs[dev]);

        if (info->base_align_bytes > *align_bytes)
            *align_bytes = info->base_align_bytes;
        if (info->max_alloc_bytes < *slab_bytes)
            *slab_bytes = info->max_alloc_bytes;
    }
}

static int build_and_plan(alx_net *net, const alx_net_config *config, bool allocate)
{
    alx_memory_plan *plans = net->plans;
    size_t align_bytes, slab_bytes;

    device_limits(net, &align_bytes, &slab_bytes);
    TRY(net_build(net, config, align_bytes));
    TRY(net_plan_memory(net, plans, align_bytes, slab_bytes, false));
    for (int dev = 0; dev < net->dev_count; ++dev)
        TRY(fits_device(net, &plans[dev], dev));
    if (!allocate)
        return 0;
    TRY(net_plan_memory(net, plans, align_bytes, slab_bytes, true));
    TRY(net_open_update(net));
    return net_open_transfers(net);
}

/* Without a device the algorithms tell. */
static bool is_wide(const alx_device *dev, alx_algorithms algorithms)
{
    if (dev != NULL)
        return alx_device_is_wide(alx_device_get_info(dev));
    return algorithms.conv == ALX_CONV_VEC || algorithms.conv == ALX_CONV_WINOGRAD;
}

/* Whether the config's towers can be divided between them is asked when they are known. */
static int check_dev_count(int dev_count)
{
    if (dev_count == 1 || dev_count == ALX_MAX_TOWERS)
        return 0;
    return alx_fail(ALX_E_USAGE, "a network lives on one device or two, not %d", dev_count);
}

static alx_net *net_shell(alx_device *const *devs, int dev_count, const alx_net_options *options)
{
    alx_net *net = calloc(1, sizeof *net);

    if (net == NULL)
        return NULL;
    net->options = *options;
    net->dev_count = dev_count;
    net->written = 1;
    for (int dev = 0; dev < dev_count; ++dev) {
        net->devs[dev] = devs != NULL ? devs[dev] : NULL;
        net->choosers[dev] = alx_chooser_of(
            net->devs[dev], options->rows != NULL ? options->rows[dev] : NULL, options->algorithms);
        net->wide[dev] = is_wide(net->devs[dev], net->choosers[dev].algorithms);
    }
    return net;
}

/* The largest batch that fits, at most options->batch; 0 if not even one image does. */
static int largest_batch(const alx_net_config *config, alx_device *const *devs, int dev_count,
                         const alx_net_options *options)
{
    int fits = 0, too_large = options->batch + 1;

    while (too_large - fits > 1) {
        alx_net_options trial = *options;

        trial.batch = fits + (too_large - fits) / 2;
        alx_net *net = net_shell(devs, dev_count, &trial);
        if (net != NULL && build_and_plan(net, config, false) == 0)
            fits = trial.batch;
        else
            too_large = trial.batch;
        alx_net_free(net);
    }
    return fits;
}

static int out_of_memory(const alx_net_config *config, alx_device *const *devs, int dev_count,
                         const alx_net_options *options)
{
    char reason[512];

    snprintf(reason, sizeof reason, "%s", alx_status_text(ALX_E_MEMORY));
    const int batch = largest_batch(config, devs, dev_count, options);
    if (batch == options->batch) /* by plan; others have taken the memory */
        return alx_fail(ALX_E_MEMORY, "%s", reason);
    if (batch == 0)
        return alx_fail(ALX_E_MEMORY, "%s; not even a batch of 1 fits", reason);
    return alx_fail(ALX_E_MEMORY, "%s; the largest batch that fits is %d (--batch-size %d)", reason,
                    batch, batch);
}

int alx_net_create(alx_net **out, const alx_net_config *config, alx_device *const *devs,
                   int dev_count, const alx_net_options *options)
{
    alx_net *net = NULL;
    int rc = 0;

    *out = NULL;
    TRY(check_dev_count(dev_count));
    net = net_shell(devs, dev_count, options);
    if (net == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the network");
    rc = build_and_plan(net, config, true);
    if (rc == ALX_E_MEMORY && net->graph != NULL) {
        alx_net_free(net);
        return out_of_memory(config, devs, dev_count, options);
    }
    if (rc != 0)
        goto done;
    *out = net;
    net = NULL;
done:
    alx_net_free(net);
    return rc;
}

void alx_net_free(alx_net *net)
{
    if (net == NULL)
        return;
    net_close_transfers(net);
    net_close_update(net);
    for (int dev = 0; dev < net->dev_count; ++dev) {
        if (net->devs[dev] != NULL)
            alx_device_set_label(net->devs[dev], NULL); /* labels are the nodes' */
        alx_arena_free(net->parameter_arena[dev]);
        alx_arena_free(net->filter_arena[dev]);
        alx_arena_free(net->gradient_arena[dev]);
        alx_arena_free(net->momentum_arena[dev]);
        for (int set = 0; set < net->options.kept_gradients; ++set)
            alx_arena_free(net->kept_arena[set][dev]);
        alx_arena_free(net->activation_arena[dev]);
        alx_tensor_free(&net->scratch[dev]);
    }
    alx_graph_free(net->graph);
    free(net);
}

int alx_net_memory(alx_memory_plan plans[ALX_MAX_TOWERS], const alx_net_config *config,
                   alx_device *const *devs, int dev_count, const alx_net_options *options)
{
    alx_net *net = NULL;
    size_t align_bytes = 128, slab_bytes = SIZE_MAX / 2;
    int rc = 0;

    TRY(check_dev_count(dev_count));
    net = net_shell(devs, dev_count, options);
    if (net == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the network");
    if (devs != NULL)
        device_limits(net, &align_bytes, &slab_bytes);
    TRY_DONE(net_build(net, config, align_bytes));
    rc = net_plan_memory(net, plans, align_bytes, slab_bytes, false);
done:
    alx_net_free(net);
    return rc;
}

const alx_graph *alx_net_graph(const alx_net *net)
{
    return net->graph;
}

const alx_net_options *alx_net_get_options(const alx_net *net)
{
    return &net->options;
}

alx_algorithms alx_net_algorithms(const alx_net *net)
{
    alx_algorithms common = net->choosers[0].algorithms;

    for (int dev = 1; dev < net->dev_count; ++dev) {
        if (net->choosers[dev].algorithms.conv != common.conv)
            common.conv = ALX_CONV_AUTO;
        if (net->choosers[dev].algorithms.gemm != common.gemm)
            common.gemm = ALX_GEMM_AUTO;
    }
    return common;
}

alx_memory_plan alx_net_plan(const alx_net *net, int dev)
{
    return net->plans[dev];
}

size_t alx_net_device_bytes(const alx_net *net)
{
    size_t bytes = 0;

    for (int dev = 0; dev < net->dev_count; ++dev)
        bytes += net->plans[dev].total;
    return bytes;
}

const alx_tensor *alx_net_input(alx_net *net, int dev)
{
    return &net->input[dev].data;
}

const alx_tensor *alx_net_labels(alx_net *net)
{
    return &net->labels;
}

int alx_net_dev_count(const alx_net *net)
{
    return net->dev_count;
}

alx_device *alx_net_device(const alx_net *net, int dev)
{
    return net->devs[dev];
}
