/* model.c - a trained network ready to look at images: what eval, predict and features share. */
#include "cli/model.h"

#include "base/file.h"
#include "base/try.h"
#include "cli/ui/progress.h"

int cli_network_of(cli_network *out, const cli_line *line, const cli_weights *weights)
{
    const char *first = line->arg_count > 0 ? line->args[0] : NULL;
    const bool taken = first != NULL && (weights->path == NULL || cli_is_config(first));

    *out = (cli_network){ .given = taken ? first : NULL, .weights = weights };
    return taken;
}

static int read_model(alx_model **out, cli_network network)
{
    const cli_weights *w = network.weights;
    const bool config_given = w->path != NULL && network.given != NULL;
    char path[PATH_MAX];
    alx_config config;

    if (w->path == NULL && cli_is_config(network.given) && !base_file_exists(network.given))
        return alx_fail(ALX_E_USAGE, "%s is a network without weights: give --weights PATH",
                        network.given);
    TRY(alx_checkpoint_find(path, w->path != NULL ? w->path : network.given, ALX_CHECKPOINT_BEST));
    if (w->path == NULL && w->preprocess == NULL)
        return alx_model_open(out, path);
    if (config_given)
        TRY(alx_config_read(&config, network.given, NULL, 0));
    return alx_model_open_weights(out,
                                  &(alx_model_weights){ .path = path,
                                                        .config = config_given ? &config : NULL,
                                                        .preprocess = w->preprocess });
}

int cli_open_model(alx_model **out, cli_devices *devices, cli_network network,
                   const cli_device_options *options, alx_model_options how)
{
    TRY(read_model(out, network));
    if (devices->count == 0)
        TRY(cli_open_devices(devices, options));
    how.algorithms = devices->asked;
    how.rows = devices->rows;
    how.on_build = cli_progress_build;
    return alx_model_build(*out, devices->dev, devices->count, &how);
}
