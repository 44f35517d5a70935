/* model.c - a trained network ready to look at images: what eval, predict and features share. */
#include "cli/model.h"

#include "base/try.h"
#include "cli/ui/progress.h"

int cli_open_model(alx_model **out, cli_devices *devices, const char *given,
                   const cli_device_options *options, alx_model_options how)
{
    char path[PATH_MAX];

    TRY(alx_checkpoint_find(path, given, ALX_CHECKPOINT_BEST));
    TRY(alx_model_open(out, path));
    if (devices->count == 0)
        TRY(cli_open_devices(devices, options));
    how.algorithms = devices->asked;
    how.rows = devices->rows;
    how.on_build = cli_progress_build;
    return alx_model_build(*out, devices->dev, devices->count, &how);
}
