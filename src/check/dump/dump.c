/* dump.c - one batch through the net, and what it left. */
#include "alexnet/dev/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alexnet/dev/io.h"
#include "alexnet/log.h"
#include "alexnet/train.h"
#include "base/try.h"
#include "check/dump/batch.h"

#define MOMENTUM 0.9
#define WEIGHT_DECAY 5e-4

struct alx_dump {
    const alx_dump_options *options; /* borrowed */
    alx_net_config config;           /* with the updates of a dump */
    check_dump_batch batch;
    alx_lab lab;
    double *rates; /* of each update */
    float *losses; /* steps + 1 */
    alx_safetensors_writer *writer;
};

/* ---- preparing ----------------------------------------------------------------------------- */

static void use_paper_rule(alx_net_config *net)
{
    for (int i = 0; i < net->layer_count; ++i) {
        alx_layer_config *layer = &net->layers[i];

        layer->weight_lr = layer->bias_lr = 1.0;
        layer->weight_decay = 1.0;
        layer->bias_decay = 0.0;
    }
}

static int create_net(alx_dump *dump, alx_device *const *devs, int dev_count,
                      alx_algorithms algorithms, alx_rows *const *rows)
{
    const alx_dump_options *o = dump->options;
    const alx_net_options net_options = { .batch = dump->batch.count,
                                          .training = true,
                                          .keep_outputs = o->stages,
                                          .no_dropout = true,
                                          .algorithms = algorithms,
                                          .rows = rows };

    TRY(alx_lab_create(&dump->lab, &dump->config, devs, dev_count, &net_options));
    if (o->weights != NULL)
        TRY(alx_weights_load(dump->lab.net, o->weights));
    else
        TRY(alx_net_init(dump->lab.net, o->config->train.seed));
    TRY(alx_lab_build(&dump->lab, o->steps > 0, o->on_build, o->user));
    return alx_lab_set_batch(&dump->lab, dump->batch.images, dump->batch.labels);
}

static int allocate(alx_dump *dump, int steps)
{
    dump->losses = malloc(((size_t)steps + 1) * sizeof *dump->losses);
    if (dump->losses == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d losses", steps + 1);
    return alx_safetensors_writer_create(&dump->writer);
}

/* ---- one tensor each ----------------------------------------------------------------------- */

static int add_stages(alx_dump *dump)
{
    for (size_t i = 0; i < dump->lab.layer_count; ++i) {
        const alx_layer_info *s = &dump->lab.layers[i];
        const int dims[] = { dump->batch.count, s->whole.c, s->whole.h, s->whole.w };
        const bool flat = dump->config.layers[s->layer].kind == ALX_LAYER_FC && s->whole.h == 1 &&
                          s->whole.w == 1;
        char name[sizeof s->name + 4];

        if (!alx_net_has_output(dump->lab.net, i))
            continue;
        snprintf(name, sizeof name, "act/%s", s->name);
        TRY(alx_net_read_output(dump->lab.net, i, dump->lab.values));
        TRY(alx_safetensors_writer_add_copy(dump->writer, name, ALX_F32, dims, flat ? 2 : 4,
                                            dump->lab.values));
    }
    return 0;
}

static int add_logits(alx_dump *dump)
{
    const int dims[] = { dump->batch.count, dump->config.classes };

    TRY(alx_net_read_logits(dump->lab.net, dump->lab.values));
    return alx_safetensors_writer_add_copy(dump->writer, "logits", ALX_F32, dims, 2,
                                           dump->lab.values);
}

static int add_params(alx_dump *dump, const char *prefix, alx_param_what what)
{
    for (size_t i = 0; i < dump->lab.param_count; ++i) {
        const alx_param_info *p = &dump->lab.params[i];
        char name[sizeof p->name + 8];

        snprintf(name, sizeof name, "%s/%s", prefix, p->name);
        TRY(alx_net_get_param(dump->lab.net, i, what, dump->lab.values));
        TRY(alx_safetensors_writer_add_copy(dump->writer, name, ALX_F32, p->dims, p->dim_count,
                                            dump->lab.values));
    }
    return 0;
}

/* ---- the steps ----------------------------------------------------------------------------- */

static int look_at_outputs(void *user)
{
    alx_dump *dump = user;

    TRY(add_stages(dump));
    return add_logits(dump);
}

static int look_at_gradients(void *user)
{
    return add_params(user, "grad", ALX_PARAM_GRADIENT);
}

static int run_steps(alx_dump *dump, int steps)
{
    TRY(alx_lab_train(&dump->lab, dump->losses,
                      &(alx_lab_plan){ .updates = steps,
                                       .rates = dump->rates,
                                       .momentum = MOMENTUM,
                                       .weight_decay = WEIGHT_DECAY,
                                       .on_outputs = look_at_outputs,
                                       .on_gradients = look_at_gradients,
                                       .user = dump }));
    return steps > 0 ? add_params(dump, "param", ALX_PARAM_VALUE) : 0;
}

static int write_output(alx_dump *dump, int steps, const char *path)
{
    const int dims[] = { steps + 1 };

    TRY(alx_safetensors_writer_add(dump->writer, "loss", ALX_F32, dims, 1, dump->losses));
    TRY(alx_safetensors_writer_write(dump->writer, path));
    for (int i = 0; i <= steps; ++i)
        if (!isfinite(dump->losses[i]))
            return alx_fail(ALX_E_NUMERIC,
                            "%s is written, but the loss after %d updates is not "
                            "finite",
                            path, i);
    if (steps > 0)
        alx_info("%s: loss %.6f, after %d updates %.6f", path, (double)dump->losses[0], steps,
                 (double)dump->losses[steps]);
    else
        alx_info("%s: loss %.6f", path, (double)dump->losses[0]);
    return 0;
}

/* ---- the whole ----------------------------------------------------------------------------- */

int alx_dump_create(alx_dump **out, const alx_dump_options *options)
{
    alx_dump *dump = calloc(1, sizeof *dump);
    int rc = 0;

    *out = NULL;
    if (dump == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a dump");
    dump->options = options;
    dump->rates = malloc(((size_t)options->steps + 1) * sizeof *dump->rates);
    if (dump->rates == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %d steps", options->steps);
        goto done;
    }
    TRY_DONE(check_dump_rates(dump->rates, options->steps, options->rates));
    dump->config = options->config->net;
    use_paper_rule(&dump->config);
    TRY_DONE(check_dump_batch_read(&dump->batch, options->batch, &dump->config));
    *out = dump;
    dump = NULL;
done:
    alx_dump_free(dump);
    return rc;
}

int alx_dump_run(alx_dump *dump, alx_device *const *devs, int dev_count, alx_algorithms algorithms,
                 alx_rows *const *rows, const char *path)
{
    const int steps = dump->options->steps;

    TRY(create_net(dump, devs, dev_count, algorithms, rows));
    TRY(allocate(dump, steps));
    TRY(run_steps(dump, steps));
    return write_output(dump, steps, path);
}

void alx_dump_free(alx_dump *dump)
{
    if (dump == NULL)
        return;
    alx_safetensors_writer_free(dump->writer);
    free(dump->losses);
    free(dump->rates);
    alx_lab_free(&dump->lab);
    check_dump_batch_free(&dump->batch);
    free(dump);
}
