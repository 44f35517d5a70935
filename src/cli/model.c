/* model.c - a trained network ready to look at images: what eval, predict and features share. */
#include "cli/model.h"

#include "base/try.h"
#include "cli/ui/progress.h"

int cli_model_open(cli_model *model, cli_devices *devices, const char *given, int batch,
                   const cli_device_options *options, const cli_loading *loading)
{
    alx_model_options model_options = { .batch = batch,
                                        .keep_outputs = model->keep_outputs,
                                        .workers = cli_workers(loading),
                                        .skip_bad = loading->skip_bad,
                                        .on_build = cli_progress_build };

    TRY(cli_checkpoint_path(model->path, given, CLI_BEST));
    TRY(alx_model_open(&model->model, model->path));
    model->checkpoint = alx_model_checkpoint(model->model);
    if (devices->count == 0)
        TRY(cli_open_devices(devices, options));
    model_options.algorithms = devices->asked;
    model_options.rows = devices->rows;
    TRY(alx_model_build(model->model, devices->dev, devices->count, &model_options));
    model->net = alx_model_net(model->model);
    model->feeder = alx_model_feeder(model->model);
    return 0;
}

void cli_model_close(cli_model *model)
{
    alx_model_close(model->model);
}
