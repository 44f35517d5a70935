/* dump.c - one batch through the net, and what it left: activations, loss, gradients, and the
 * parameters after some updates, as safetensors in PyTorch's order. To compare devices and
 * programs: nothing of [train] counts; the updates are the paper's rule with momentum 0.9 and decay
 * 5e-4 on weights, the same rate for all layers; dropout is the identity. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alexnet/dev/io.h"
#include "alexnet/log.h"
#include "base/try.h"
#include "cli/cmd/dump_batch.h"
#include "cli/source.h"
#include "cli/ui/progress.h"

typedef struct dump_options {
    cli_line line;
    const char *weights, *batch_file, *output, *lr_steps;
    int steps;
    bool stages;
    cli_device_options device;
} dump_options;

#define MOMENTUM 0.9
#define WEIGHT_DECAY 5e-4

typedef struct dump_work {
    alx_config config;
    dump_batch batch;
    cli_devices devices;
    alx_net *net;
    const alx_stage_info *stages; /* borrowed from net, as params */
    const alx_param_info *params;
    size_t stage_count, param_count;
    float *values; /* room for any tensor that is read */
    double *rates; /* of each update */
    float *losses; /* steps + 1 */
    alx_safetensors_writer *writer;
} dump_work;

/* ---- preparing ----------------------------------------------------------------------------- */

static int check_options(const dump_options *options)
{
    if (options->batch_file == NULL)
        return alx_fail(ALX_E_USAGE, "dump wants --batch FILE; try alexnet help dump");
    if (options->output == NULL)
        return alx_fail(ALX_E_USAGE, "dump wants --out FILE; try alexnet help dump");
    if (options->lr_steps != NULL && options->steps == 0)
        return alx_fail(ALX_E_USAGE, "--lr-steps without --steps; try alexnet help dump");
    TRY(cli_check_output(options->output, options->line.args[0]));
    return cli_check_output(options->output, options->batch_file);
}

static void use_paper_rule(alx_net_config *net)
{
    for (int i = 0; i < net->layer_count; ++i) {
        alx_layer_config *layer = &net->layers[i];

        layer->weight_lr = layer->bias_lr = 1.0;
        layer->weight_decay = 1.0;
        layer->bias_decay = 0.0;
    }
}

static int create_net(dump_work *run, const dump_options *options)
{
    alx_net_options net_options = { .batch = run->batch.count,
                                    .training = true,
                                    .keep_stages = options->stages,
                                    .no_dropout = true };
    const alx_update_rule papers_form = { .torch_form = false };
    char path[PATH_MAX];

    TRY(cli_open_devices(&run->devices, &options->device));
    net_options.algorithms = run->devices.asked;
    TRY(alx_net_create(&run->net, &run->config.net, run->devices.dev, run->devices.count,
                       &net_options));
    run->stages = alx_graph_stages(alx_net_graph(run->net), &run->stage_count);
    run->params = alx_graph_params(alx_net_graph(run->net), &run->param_count);
    if (options->weights != NULL) {
        TRY(cli_checkpoint_path(path, options->weights, CLI_BEST));
        TRY(cli_check_output(options->output, path));
        TRY(alx_weights_load(run->net, path));
    } else {
        TRY(alx_net_init(run->net, run->config.train.seed));
    }
    TRY(cli_progress_start(NULL));
    TRY(alx_net_build_kernels(run->net, options->steps > 0 ? &papers_form : NULL,
                              cli_progress_build, NULL));
    for (int dev = 0; dev < run->devices.count; ++dev)
        TRY(alx_tensor_write(alx_net_input(run->net, dev), run->batch.images));
    return alx_net_set_labels(run->net, run->batch.labels);
}

static size_t stage_elements(const dump_work *run, size_t stage)
{
    return (size_t)run->batch.count * alx_shape_count(run->stages[stage].out);
}

static int allocate(dump_work *run, int steps)
{
    size_t most = (size_t)run->batch.count * (size_t)run->config.net.classes;

    for (size_t i = 0; i < run->stage_count; ++i)
        most = stage_elements(run, i) > most ? stage_elements(run, i) : most;
    for (size_t i = 0; i < run->param_count; ++i)
        most = run->params[i].count > most ? run->params[i].count : most;
    run->values = malloc(most * sizeof *run->values);
    run->losses = malloc(((size_t)steps + 1) * sizeof *run->losses);
    if (run->values == NULL || run->losses == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the tensors");
    return alx_safetensors_writer_create(&run->writer);
}

/* ---- one tensor each ----------------------------------------------------------------------- */

static int add_stages(dump_work *run)
{
    for (size_t i = 0; i < run->stage_count; ++i) {
        const alx_stage_info *s = &run->stages[i];
        const int dims[] = { run->batch.count, s->out.c, s->out.h, s->out.w };
        const bool flat = run->config.net.layers[s->layer].kind == ALX_LAYER_FC && s->out.h == 1 &&
                          s->out.w == 1;
        char name[sizeof s->name + 4];

        if (!alx_net_has_stage(run->net, i))
            continue;
        snprintf(name, sizeof name, "act/%s", s->name);
        TRY(alx_net_read_stage(run->net, i, run->values));
        TRY(alx_safetensors_writer_add_copy(run->writer, name, ALX_F32, dims, flat ? 2 : 4,
                                            run->values));
    }
    return 0;
}

static int add_logits(dump_work *run)
{
    const int dims[] = { run->batch.count, run->config.net.classes };

    TRY(alx_net_read_logits(run->net, run->values));
    return alx_safetensors_writer_add_copy(run->writer, "logits", ALX_F32, dims, 2, run->values);
}

static int add_params(dump_work *run, const char *prefix, alx_param_what what)
{
    for (size_t i = 0; i < run->param_count; ++i) {
        const alx_param_info *p = &run->params[i];
        char name[sizeof p->name + 8];

        snprintf(name, sizeof name, "%s/%s", prefix, p->name);
        TRY(alx_net_get_param(run->net, i, what, run->values));
        TRY(alx_safetensors_writer_add_copy(run->writer, name, ALX_F32, p->dims, p->dim_count,
                                            run->values));
    }
    return 0;
}

/* ---- the steps ----------------------------------------------------------------------------- */

static int read_loss(dump_work *run, float *loss)
{
    double sum = 0.0;

    TRY(alx_net_read_loss(run->net, run->values, NULL));
    for (int i = 0; i < run->batch.count; ++i)
        sum += (double)run->values[i];
    *loss = (float)(sum / run->batch.count);
    return 0;
}

/* Stages are read before the backward pass, which may reuse their memory. */
static int run_steps(dump_work *run, int steps)
{
    const alx_step step = { .training = true, .images = run->batch.count };

    for (int i = 0; i <= steps; ++i) {
        TRY(alx_net_forward(run->net, &step));
        TRY(read_loss(run, &run->losses[i]));
        if (i == 0) {
            TRY(add_stages(run));
            TRY(add_logits(run));
        }
        if (i == 0 || i < steps)
            TRY(alx_net_backward(run->net, &step));
        if (i == 0)
            TRY(add_params(run, "grad", ALX_PARAM_GRADIENT));
        if (i < steps) {
            const alx_update_rule rule = { run->rates[i], MOMENTUM, WEIGHT_DECAY, false, 0.0 };

            TRY(alx_net_update(run->net, &rule));
        }
    }
    if (steps > 0)
        TRY(add_params(run, "param", ALX_PARAM_VALUE));
    return 0;
}

static int write_output(dump_work *run, int steps, const char *path)
{
    const int dims[] = { steps + 1 };

    TRY(alx_safetensors_writer_add(run->writer, "loss", ALX_F32, dims, 1, run->losses));
    TRY(alx_safetensors_writer_write(run->writer, path));
    for (int i = 0; i <= steps; ++i)
        if (!isfinite(run->losses[i]))
            return alx_fail(ALX_E_NUMERIC,
                            "%s is written, but the loss after %d updates is not "
                            "finite",
                            path, i);
    if (steps > 0)
        alx_info("%s: loss %.6f, after %d updates %.6f", path, (double)run->losses[0], steps,
                 (double)run->losses[steps]);
    else
        alx_info("%s: loss %.6f", path, (double)run->losses[0]);
    return 0;
}

static void free_run(dump_work *run)
{
    alx_safetensors_writer_free(run->writer);
    free(run->values);
    free(run->losses);
    free(run->rates);
    alx_net_free(run->net);
    dump_batch_free(&run->batch);
}

static int dump_run(const void *given)
{
    const dump_options *options = given;
    const int steps = options->steps;
    dump_work run = { 0 };
    int rc = 0;

    TRY_DONE(check_options(options));
    run.rates = malloc(((size_t)steps + 1) * sizeof *run.rates);
    if (run.rates == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %d steps", steps);
        goto done;
    }
    TRY_DONE(dump_rates(run.rates, steps, options->lr_steps));
    TRY_DONE(cli_read_config(&run.config, options->line.args[0], &options->line));
    use_paper_rule(&run.config.net);
    TRY_DONE(dump_batch_read(&run.batch, options->batch_file, &run.config.net));
    TRY_DONE(create_net(&run, options));
    TRY_DONE(allocate(&run, steps));
    TRY_DONE(run_steps(&run, steps));
    TRY_DONE(write_output(&run, steps, options->output));
done:
    free_run(&run);
    return cli_close_devices(&run.devices, rc);
}

#define FIELD(name) .offset = offsetof(dump_options, name)

static const cli_option dump_rows[] = {
    { CLI_ROWS(cli_weights_row, dump_options, weights) },
    { "batch", "FILE",
      "safetensors with x (N,C,H,W) float32, preprocessed, and y (N) int64; save a transposed x "
      "as np.ascontiguousarray(x)",
      CLI_TEXT, FIELD(batch_file) },
    { "out", "FILE", "where the tensors go (safetensors)", CLI_TEXT, FIELD(output), .letter = 'o' },
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
    .arguments = "CONFIG --batch FILE --out FILE",
    .min_args = 1,
    .max_args = 1,
    .examples =
        "alexnet dump paper --weights w.safetensors --batch b.safetensors --out o.safetensors\n"
        "alexnet dump tiny --batch b.safetensors --out o.safetensors --stages --device cpu\n"
        "alexnet dump tiny --batch b.safetensors --out o.safetensors --steps 10 "
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
