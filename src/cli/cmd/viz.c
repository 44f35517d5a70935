/* viz.c - pictures of a run: training curves, first-layer filters, how the layers fared. */
#include <stdio.h>

#include "alexnet/dev/report.h"
#include "base/file.h"
#include "base/try.h"
#include "cli/source.h"

typedef struct viz_options {
    cli_line line;
    const char *output;
    bool html;
} viz_options;

static int viz_run(const void *given)
{
    const viz_options *options = given;
    char checkpoint[PATH_MAX], run_dir[PATH_MAX], metrics[PATH_MAX + 16];

    TRY(alx_checkpoint_find(checkpoint, options->line.args[0], ALX_CHECKPOINT_BEST));
    TRY(base_path_folder(run_dir, sizeof run_dir, checkpoint));
    const char *out_dir = options->output != NULL ? options->output : run_dir;

    TRY(base_mkdirs(out_dir));
    TRY(alx_run_plot_filters(out_dir, checkpoint));
    snprintf(metrics, sizeof metrics, "%s/metrics.csv", run_dir);
    if (base_file_exists(metrics))
        TRY(alx_run_plot_curves(out_dir, run_dir));
    TRY(alx_run_plot_diagnosis(out_dir, run_dir));
    return options->html ? alx_run_html(out_dir, run_dir, checkpoint) : 0;
}

#define FIELD(name) .offset = offsetof(viz_options, name)

static const cli_option viz_rows[] = {
    { "output-dir", "DIR", "where the pictures go; default beside the checkpoint", CLI_TEXT,
      FIELD(output), .letter = 'o' },
    { "html", NULL, "make a page of all that is known of the run too, run.html, in one file",
      CLI_FLAG, FIELD(html) },
    CLI_END,
};

const cli_command cli_cmd_viz = {
    .name = "viz",
    .summary = "training curves, first-layer filters, diagnosis as PNG",
    .arguments = "RUN|CHECKPOINT",
    .min_args = 1,
    .max_args = 1,
    .examples = "alexnet viz runs/paper\n"
                "alexnet viz runs/paper/checkpoint-last -o pictures\n"
                "alexnet viz runs/paper --html\n",
    .options = viz_rows,
    .options_bytes = sizeof(viz_options),
    .run = viz_run,
};
