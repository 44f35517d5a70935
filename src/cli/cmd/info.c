/* info.c - the layer table of a config or checkpoint, its cost and its memory. Needs no device
 * unless --device or --devices asks which algorithms they would use. */
#include <stdio.h>
#include <string.h>

#include "alexnet/dev/report.h"
#include "base/file.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/json.h"

typedef struct info_options {
    cli_line line;
    const char *weights;
    int batch_size;
    bool json;
    cli_device_options device;
} info_options;

static int read_source(alx_facts *facts, const info_options *options)
{
    const char *given = options->line.args[0];
    char path[PATH_MAX];
    int rc = alx_checkpoint_find(path, given, ALX_CHECKPOINT_BEST);

    if (rc != 0 && alx_config_is_name(given)) /* a folder of that name that is no run */
        return cli_read_config(&facts->checkpoint.config, given, &options->line);
    TRY(rc);
    facts->from_checkpoint = alx_safetensors_begins(path);
    if (facts->from_checkpoint) {
        TRY(alx_checkpoint_read(&facts->checkpoint, path));
        TRY(cli_override_config(&facts->checkpoint.config, &options->line));
    } else {
        rc = cli_read_config(&facts->checkpoint.config, path, &options->line);
        if (rc != 0 && base_file_exists(path) && !alx_config_is_name(given))
            return alx_fail_context(rc, "no weights are in this file; read as a config");
    }
    return rc;
}

/* What the network takes, and how it is computed. */
static int gather(alx_facts *facts, const info_options *options)
{
    cli_devices devices = { .count = 0 };
    alx_algorithms asked;
    int rc = 0;

    if (options->device.device == NULL && options->device.devices == NULL) {
        TRY(cli_algorithms(&asked, &options->device));
        return alx_facts_gather(facts, NULL, asked);
    }
    TRY_DONE(cli_find_devices(&devices, &options->device));
    TRY_DONE(alx_facts_gather(facts,
                              &(alx_facts_devices){ .devs = devices.dev,
                                                    .rows = devices.rows,
                                                    .count = devices.count,
                                                    .asked = devices.asked },
                              devices.asked));
done:
    return cli_close_devices(&devices, rc);
}

static int print(const alx_facts *facts, bool as_json)
{
    char *json = NULL;

    if (as_json)
        return cli_print_json(alx_facts_json(&json, facts), &json);
    alx_facts_print(stdout, facts);
    return 0;
}

/* ---- weights --------------------------------------------------------------------------------- */

/* Weights that are no checkpoint: what --weights names, or an argument that is neither text nor a
 * preset. NULL: there are none. */
static int find_weights(const char **out, char path[PATH_MAX], const info_options *options)
{
    const char *given = options->line.args[0];

    *out = options->weights;
    if (given == NULL && options->weights == NULL)
        return alx_fail(ALX_E_USAGE, "info wants %s; try alexnet help info",
                        options->line.command->arguments);
    if (options->weights == NULL && alx_config_is_name(given))
        return 0;
    TRY(alx_checkpoint_find(path, options->weights != NULL ? options->weights : given,
                            ALX_CHECKPOINT_BEST));
    if (options->weights != NULL || alx_weights_alone(path))
        *out = path;
    return 0;
}

static int tell_weights(const char *path, const info_options *options)
{
    const char *given = options->line.args[0];
    alx_weights_facts facts = { 0 };
    alx_config config;
    char *json = NULL;
    int rc = 0;

    if (options->weights != NULL && given != NULL)
        TRY(cli_read_config(&config, given, &options->line));
    TRY_DONE(alx_weights_facts_gather(&facts, path,
                                      options->weights != NULL && given != NULL ? &config : NULL));
    if (options->json)
        rc = cli_print_json(alx_weights_facts_json(&json, &facts), &json);
    else
        alx_weights_facts_print(stdout, &facts);
done:
    alx_weights_facts_free(&facts);
    return rc;
}

/* ---- the command ----------------------------------------------------------------------------- */

static int info_run(const void *given)
{
    const info_options *options = given;
    alx_facts facts = { 0 };
    const char *weights = NULL;
    char path[PATH_MAX];
    int rc = 0;

    TRY(find_weights(&weights, path, options));
    if (weights != NULL)
        return tell_weights(path, options);
    TRY_DONE(read_source(&facts, options));
    facts.batch = options->batch_size > 0 ? options->batch_size
                                          : alx_pass_images(&facts.checkpoint.config.train);
    TRY_DONE(gather(&facts, options));
    TRY_DONE(print(&facts, options->json));
done:
    alx_facts_free(&facts);
    return rc;
}

#define FIELD(name) .offset = offsetof(info_options, name)

static const cli_option info_rows[] = {
    { "weights", "PATH",
      "list the tensors of a file of weights, and which parameters of CONFIG they are", CLI_TEXT,
      FIELD(weights) },
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
    .summary = "layers of a config or checkpoint; tensors of a file of weights",
    .arguments = "CONFIG|CHECKPOINT|WEIGHTS",
    .max_args = 1,
    .examples = "alexnet info paper\n"
                "alexnet info runs/paper/checkpoint-best --json\n"
                "alexnet info alexnet-owt-7be5be79.pth\n"
                "alexnet info cifar10 -b 512 --device 0\n"
                "alexnet info paper --devices 0,1\n",
    .details = "Needs no device. Of weights alone it lists the tensors, the network that they "
               "fit, which parameter each is, and why not. Memory is that of --conv-algo and "
               "--gemm, else of what "
               "--device would choose, else of im2col and CLBlast. With --devices also what "
               "lives on which, what crosses between them in a step, and which is the slower.",
    .options = info_rows,
    .options_bytes = sizeof(info_options),
    .run = info_run,
};
