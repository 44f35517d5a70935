/* model.c - a trained network ready to look at images: what eval, predict and features share. */
#include "cli/model.h"

#include "base/try.h"
#include "cli/ui/progress.h"

int cli_model_open(cli_model *model, cli_devices *devices, const char *given, int batch,
                   const cli_device_options *options)
{
    alx_checkpoint *checkpoint = &model->checkpoint;
    alx_net_options net_options = { .batch = batch, .keep_outputs = model->keep_outputs };

    TRY(cli_checkpoint_path(model->path, given, CLI_BEST));
    TRY(alx_checkpoint_read(checkpoint, model->path));
    if (net_options.batch == 0)
        net_options.batch = checkpoint->config.train.batch_size;
    if (devices->count == 0)
        TRY(cli_open_devices(devices, options));
    net_options.algorithms = devices->asked;
    TRY(alx_net_create(&model->net, &checkpoint->config.net, devices->dev, devices->count,
                       &net_options));
    TRY(alx_checkpoint_load_net(model->net, model->path));
    TRY(alx_net_build_kernels(model->net, NULL, cli_progress_build, NULL));
    return alx_feeder_create(&model->feeder, model->net, &checkpoint->config.data,
                             &checkpoint->statistics);
}

void cli_model_close(cli_model *model)
{
    alx_feeder_free(model->feeder);
    alx_net_free(model->net);
    alx_checkpoint_free(&model->checkpoint);
}

int cli_model_loader(alx_loader **out, const cli_model *model, const alx_dataset *set,
                     const alx_subset *subset, const cli_loading *loading)
{
    const alx_config *config = &model->checkpoint.config;
    const alx_loader_options loader_options = {
        .batch = alx_net_get_options(model->net)->batch,
        .size = config->data.resize,
        .crop_height = config->net.height,
        .crop_width = config->net.width,
        .threads = cli_workers(loading),
        .prefetch = 2,
        .skip_bad = loading->skip_bad,
        .config = &config->data,
        .statistics = &model->checkpoint.statistics,
    };

    return alx_loader_create(out, set, subset, &loader_options, 0, 0);
}
