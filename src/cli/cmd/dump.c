/* dump.c - one batch through the net: all numbers, to compare devices and programs. */
#include "alexnet/dev/check.h"
#include "base/file.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/progress.h"

typedef struct dump_options {
    cli_line line;
    const char *weights, *batch_file, *output, *lr_steps;
    int steps;
    bool stages;
    cli_device_options device;
} dump_options;

static int check_options(const dump_options *options)
{
    if (options->batch_file == NULL)
        return alx_fail(ALX_E_USAGE, "dump wants --batch FILE; try alexnet help dump");
    if (options->output == NULL)
        return alx_fail(ALX_E_USAGE, "dump wants --output FILE; try alexnet help dump");
    if (options->lr_steps != NULL && options->steps == 0)
        return alx_fail(ALX_E_USAGE, "--lr-steps without --steps; try alexnet help dump");
    TRY(base_path_check_output(options->output, options->line.args[0]));
    return base_path_check_output(options->output, options->batch_file);
}

/* Where the weights are, which may be a run's folder, and must not be where the numbers go. */
static int find_weights(char path[PATH_MAX], alx_dump_options *dump, const dump_options *options)
{
    if (options->weights == NULL)
        return 0;
    TRY(alx_checkpoint_find(path, options->weights, ALX_CHECKPOINT_BEST));
    dump->weights = path;
    return base_path_check_output(options->output, path);
}

static int dump_run(const void *given)
{
    const dump_options *options = given;
    alx_config config;
    alx_dump_options what = { .config = &config,
                              .batch = options->batch_file,
                              .rates = options->lr_steps,
                              .steps = options->steps,
                              .stages = options->stages,
                              .on_build = cli_progress_build };
    cli_devices devices = { .count = 0 };
    alx_dump *dump = NULL;
    char weights[PATH_MAX];
    int rc = 0;

    TRY_DONE(check_options(options));
    TRY_DONE(cli_read_config(&config, options->line.args[0], &options->line));
    TRY_DONE(alx_dump_create(&dump, &what));
    TRY_DONE(cli_open_devices(&devices, &options->device));
    TRY_DONE(find_weights(weights, &what, options));
    TRY_DONE(cli_progress_start(NULL));
    TRY_DONE(alx_dump_run(dump, devices.dev, devices.count, devices.asked, devices.rows,
                          options->output));
done:
    alx_dump_free(dump);
    return cli_close_devices(&devices, rc);
}

#define FIELD(name) .offset = offsetof(dump_options, name)

static const cli_option dump_rows[] = {
    { CLI_ROWS(cli_weights_row, dump_options, weights) },
    { "batch", "FILE",
      "safetensors with x (N,C,H,W) float32, preprocessed, and y (N) int64; save a transposed x "
      "as np.ascontiguousarray(x)",
      CLI_TEXT, FIELD(batch_file) },
    { "output", "FILE", "where the tensors go (safetensors)", CLI_TEXT, FIELD(output),
      .alias = "out", .letter = 'o' },
    { .rows = cli_seed_row },
    { .rows = cli_set_row },
    { "stages", NULL, "keep and write the output of every stage", CLI_FLAG, FIELD(stages) },
    { "steps", "N", "updates to make; adds their losses and the parameters after the last", CLI_INT,
      FIELD(steps), .most = 1000000 },
    { "lr-steps", "LIST",
      "rates of the updates, like 0.01x5,0.001x5; the last goes on; default 0.01", CLI_TEXT,
      FIELD(lr_steps) },
    { CLI_ROWS(cli_compute_rows, dump_options, device) },
    CLI_END,
};

const cli_command cli_cmd_dump = {
    .name = "dump",
    .summary = "one batch through the net: all numbers, to compare devices",
    .arguments = "CONFIG --batch FILE --output FILE",
    .min_args = 1,
    .max_args = 1,
    .examples =
        "alexnet dump paper --weights w.safetensors --batch b.safetensors -o o.safetensors\n"
        "alexnet dump tiny --batch b.safetensors -o o.safetensors --stages --device cpu\n"
        "alexnet dump tiny --batch b.safetensors -o o.safetensors --steps 10 "
        "--lr-steps 0.01x5,0.001x5\n",
    .details = "Writes loss, logits, act/STAGE, grad/PARAMETER and, with --steps N, "
               "param/PARAMETER and N + 1 losses, in PyTorch's order. [train] does not count: "
               "updates are the paper's rule with momentum 0.9 and decay 0.0005 on weights, the "
               "same rate for all layers, no clipping; dropout is the identity. Without "
               "--weights the net starts from the config's init and --seed.",
    .options = dump_rows,
    .options_bytes = sizeof(dump_options),
    .run = dump_run,
};
