/* info.c - the layer table of a config or checkpoint, its cost and its memory. Needs no device
 * unless --device or --devices asks which algorithms they would use. */
#include "cli/cmd/info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

typedef struct info_options {
    cli_line line;
    int batch_size;
    bool json;
    cli_device_options device;
} info_options;

static bool is_preset(const char *name)
{
    const char *const *preset = alx_config_presets();

    while (*preset != NULL && strcmp(*preset, name) != 0)
        ++preset;
    return *preset != NULL;
}

static int read_source(info_facts *facts, const info_options *options)
{
    const char *given = options->line.args[0];
    char path[PATH_MAX];
    int rc = cli_checkpoint_path(path, given, CLI_BEST);

    if (rc != 0 && is_preset(given)) /* a folder of that name that is no run */
        return cli_read_config(&facts->checkpoint.config, given, &options->line);
    TRY(rc);
    facts->from_checkpoint = cli_is_checkpoint(path);
    if (facts->from_checkpoint) {
        TRY(alx_checkpoint_read(&facts->checkpoint, path));
        TRY(cli_override_config(&facts->checkpoint.config, &options->line));
    } else {
        TRY(cli_read_config(&facts->checkpoint.config, path, &options->line));
    }
    return rc;
}

/* Without a device: what a checkpoint recorded, else what works everywhere and needs most. */
static void use_recorded(info_facts *facts)
{
    const alx_algorithms *recorded = &facts->checkpoint.algorithms;
    alx_algorithms *chosen = &facts->algorithms[0];

    if (chosen->conv == ALX_CONV_AUTO)
        chosen->conv = facts->from_checkpoint ? recorded->conv : ALX_CONV_IM2COL;
    if (chosen->gemm == ALX_GEMM_AUTO)
        chosen->gemm = facts->from_checkpoint ? recorded->gemm : ALX_GEMM_CLBLAST;
}

static int look_at_devices(info_facts *facts, const cli_devices *devices)
{
    facts->dev_count = devices->count;
    for (int dev = 0; dev < devices->count; ++dev) {
        facts->algorithms[dev] = devices->resolved[dev];
        facts->device_index[dev] = alx_device_get_info(devices->dev[dev])->index;
        snprintf(facts->described[dev], sizeof facts->described[dev], "%s",
                 alx_device_describe(devices->dev[dev]));
        if (devices->count > 1)
            TRY(alx_op_fma_peak(&facts->fma_gflops[dev], devices->dev[dev]));
    }
    TRY(info_read_ways(facts,
                       &(alx_chooser){ devices->dev[0], devices->rows[0], devices->resolved[0] }));
    facts->transfer_count = alx_graph_transfers(facts->transfers, facts->graph, facts->batch, true);
    return 0;
}

/* @param devices  NULL: none at hand */
static int plan_memory(info_facts *facts, const cli_devices *devices)
{
    const alx_net_config *net = &facts->checkpoint.config.net;
    alx_net_options options = {
        .batch = facts->batch,
        .training = true,
        .algorithms = devices != NULL ? devices->asked : facts->algorithms[0],
        .rows = devices != NULL ? devices->rows : NULL,
        .fuse_update = alx_update_can_fuse(&facts->checkpoint.config.train),
    };
    alx_device *const *devs = devices != NULL ? devices->dev : NULL;

    TRY(alx_net_memory(facts->training, net, devs, facts->dev_count, &options));
    options.training = false;
    return alx_net_memory(facts->inference, net, devs, facts->dev_count, &options);
}

/* What the network takes, and how it is computed. */
static int plan_steps(info_facts *facts, const info_options *options)
{
    cli_devices devices = { .count = 0 };
    int rc = 0;

    if (options->device.device == NULL && options->device.devices == NULL) {
        facts->dev_count = 1;
        TRY_DONE(cli_algorithms(&facts->algorithms[0], &options->device));
        use_recorded(facts);
        return plan_memory(facts, NULL);
    }
    TRY_DONE(cli_find_devices(&devices, &options->device));
    TRY_DONE(look_at_devices(facts, &devices));
    rc = plan_memory(facts, &devices);
done:
    rc = cli_close_devices(&devices, rc);
    return rc;
}

static int info_run(const void *given)
{
    const info_options *options = given;
    info_facts facts = { 0 };
    int rc = 0;

    TRY_DONE(read_source(&facts, options));
    TRY_DONE(alx_graph_create(&facts.graph, &facts.checkpoint.config.net));
    facts.stages = alx_graph_layers(facts.graph, &facts.stage_count);
    facts.batch = options->batch_size > 0 ? options->batch_size
                                          : facts.checkpoint.config.train.batch_size;
    TRY_DONE(plan_steps(&facts, options));
    if (options->json)
        rc = info_print_json(&facts);
    else
        info_print_text(&facts);
done:
    free(facts.ways);
    alx_graph_free(facts.graph);
    alx_checkpoint_free(&facts.checkpoint);
    return rc;
}

#define FIELD(name) .offset = offsetof(info_options, name)

static const cli_option info_rows[] = {
    { CLI_ROWS(cli_batch_row, info_options, batch_size) },
    { .rows = cli_set_row },
    { CLI_ROWS(cli_json_row, info_options, json) },
    { CLI_ROWS(cli_device_row, info_options, device) },
    { CLI_ROWS(cli_devices_row, info_options, device) },
    { CLI_ROWS(cli_algorithm_rows, info_options, device) },
    CLI_END,
};

const cli_command cli_cmd_info = {
    .name = "info",
    .summary = "layers of a config or checkpoint: shapes, cost, memory",
    .arguments = "CONFIG|CHECKPOINT",
    .min_args = 1,
    .max_args = 1,
    .examples = "alexnet info paper\n"
                "alexnet info runs/paper/checkpoint-best --json\n"
                "alexnet info cifar10 -b 512 --device 0\n"
                "alexnet info paper --devices 0,1\n",
    .details = "Needs no device. Memory is that of --conv-algo and --gemm, else of what "
               "--device would choose, else of im2col and CLBlast. With --devices also what "
               "lives on which, what crosses between them in a step, and which is the slower.",
    .options = info_rows,
    .options_bytes = sizeof(info_options),
    .only_prints = true,
    .run = info_run,
};
