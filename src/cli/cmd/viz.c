/* viz.c - pictures of a run: training curves, first-layer filters, how the layers fared. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/plots.h"

static void folder_of(char dir[PATH_MAX], const char *path)
{
    const size_t length = (size_t)(base_path_base(path) - path);

    if (length == 0)
        snprintf(dir, PATH_MAX, ".");
    else
        snprintf(dir, PATH_MAX, "%.*s", length > 1 ? (int)length - 1 : 1, path);
}

int cmd_viz(const cli_options *options)
{
    char checkpoint[PATH_MAX], run_dir[PATH_MAX], metrics[PATH_MAX + 16];

    TRY(cli_checkpoint_path(checkpoint, options->args[0], CLI_BEST));
    folder_of(run_dir, checkpoint);
    const char *out_dir = options->output != NULL ? options->output : run_dir;

    TRY(base_mkdirs(out_dir));
    TRY(cli_plot_filters(out_dir, checkpoint));
    snprintf(metrics, sizeof metrics, "%s/metrics.csv", run_dir);
    if (base_file_exists(metrics))
        TRY(cli_plot_curves(out_dir, run_dir));
    return cli_plot_diagnosis(out_dir, run_dir);
}
