/* lab.c - a network on the bench: made, given one batch, run for some steps. */
#include "alexnet/dev/bench.h"

#include <stdlib.h>

#include "base/try.h"

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Elements of the largest of a batch's images, outputs and the parameters. */
static size_t most_values(const alx_lab *lab, const alx_net_config *config)
{
    const alx_shape image = { lab->batch, config->height, config->width, config->channels };
    size_t most = alx_shape_count(image);

    for (size_t i = 0; i < lab->layer_count; ++i)
        most = larger(most, alx_shape_count(lab->layers[i].whole) * (size_t)lab->batch);
    for (size_t i = 0; i < lab->param_count; ++i)
        most = larger(most, lab->params[i].count);
    return most;
}

int alx_lab_create(alx_lab *lab, const alx_net_config *config, alx_device *const *devs,
                   int dev_count, const alx_net_options *options)
{
    *lab = (alx_lab){ .batch = options->batch };
    TRY(alx_net_create(&lab->net, config, devs, dev_count, options));
    lab->layers = alx_graph_layers(alx_net_graph(lab->net), &lab->layer_count);
    lab->params = alx_graph_params(alx_net_graph(lab->net), &lab->param_count);
    lab->most = most_values(lab, config);
    lab->values = malloc(lab->most * sizeof *lab->values);
    if (lab->values == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu numbers", lab->most);
    return 0;
}

void alx_lab_free(alx_lab *lab)
{
    free(lab->values);
    alx_net_free(lab->net);
}

int alx_lab_build(alx_lab *lab, bool updates, alx_on_build *on_build, void *user)
{
    const alx_update_rule papers_form = { .torch_form = false };

    return alx_net_build_kernels(lab->net, updates ? &papers_form : NULL, on_build, user);
}

int alx_lab_set_batch(alx_lab *lab, const float *images, const int32_t *labels)
{
    for (int dev = 0; dev < alx_net_dev_count(lab->net); ++dev)
        TRY(alx_tensor_write(alx_net_input(lab->net, dev), images));
    return alx_net_set_labels(lab->net, labels);
}

static alx_step whole_step(const alx_lab *lab)
{
    return (alx_step){ .training = true, .images = lab->batch };
}

int alx_lab_forward(alx_lab *lab, double *loss)
{
    const alx_step step = whole_step(lab);
    double sum = 0.0;

    TRY(alx_net_forward(lab->net, &step));
    TRY(alx_net_read_loss(lab->net, lab->values, NULL));
    for (int i = 0; i < lab->batch; ++i)
        sum += (double)lab->values[i];
    *loss = sum / lab->batch;
    return 0;
}

int alx_lab_backward(alx_lab *lab)
{
    const alx_step step = whole_step(lab);

    return alx_net_backward(lab->net, &step);
}

/* Outputs are looked at before the backward pass, which may reuse their memory. */
int alx_lab_train(alx_lab *lab, float *losses, const alx_lab_plan *plan)
{
    for (int i = 0; i <= plan->updates; ++i) {
        double loss = 0.0;

        TRY(alx_lab_forward(lab, &loss));
        losses[i] = (float)loss;
        if (i == 0)
            TRY(plan->on_outputs(plan->user));
        if (i == 0 || i < plan->updates)
            TRY(alx_lab_backward(lab));
        if (i == 0)
            TRY(plan->on_gradients(plan->user));
        if (i < plan->updates) {
            const alx_update_rule rule = {
                plan->rates[i], plan->momentum, plan->weight_decay, false, 0.0, 0.0
            };

            TRY(alx_net_update(lab->net, &rule));
        }
    }
    return 0;
}
