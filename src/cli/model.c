/* model.c - a trained network ready to look at images: what eval and predict share. */
#include "cli/model.h"

#include <stdio.h>

#include "cli/progress.h"

int cli_model_open(cli_model *model, cli_devices *devices, const char *given, int batch,
                   const cli_options *options)
{
    alx_checkpoint *checkpoint = &model->checkpoint;
    alx_net_options net_options = { .batch = batch };
    int rc = 0;

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
    TRY(alx_net_build_kernels(model->net, cli_progress_build));
    TRY(alx_feeder_create(&model->feeder, model->net, &checkpoint->config.data,
                          &checkpoint->statistics));
done:
    return rc;
}

void cli_model_close(cli_model *model)
{
    alx_feeder_free(model->feeder);
    alx_net_free(model->net);
    alx_checkpoint_free(&model->checkpoint);
}

const char *cli_model_class(const cli_model *model, int class_index)
{
    static char text[32];

    if (class_index < model->checkpoint.class_count)
        return model->checkpoint.class_names[class_index];
    snprintf(text, sizeof text, "class %d", class_index);
    return text;
}
