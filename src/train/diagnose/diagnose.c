/* diagnose.c - at every epoch's end a row per learned layer in diagnose.csv: its weights, their
 * last gradient and update, the last gradient of its output, and what its units do on held-out
 * images, or on those of training where none are held out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/numbers.h"
#include "base/try.h"
#include "train/diagnose/activity.h"
#include "train/network.h"
#include "train/run.h"

#define DIAGNOSED_IMAGES 10000
#define ROW_BYTES 512

struct run_diagnosis {
    alx_net *net; /* keeps every stage; gets the weights of the one that trains */
    alx_feeder *feeder;
    const alx_layer_info *stages; /* borrowed from net, as params */
    const alx_param_info *params;
    size_t param_count;
    int layers;
    size_t stage[ALX_MAX_LAYERS]; /* whose output is the layer's activation */
    layer_activity activity[ALX_MAX_LAYERS];
    alx_subset images; /* that it looks at */
    float *values;     /* room for any parameter, and for any activation of a batch */
    double output_grad_squares[ALX_MAX_LAYERS]; /* sum over its passes; NAN: not seen */
};

static const char csv_header[] = "epoch,layer,weight_norm,grad_norm,output_grad_norm,update_ratio,"
                                 "weight_mean,velocity_mean,mean,std,min,max,"
                                 "zeros,dead_units,dead_maps,saturated\n";

/* ---- opening --------------------------------------------------------------------------------- */

static void forget_output_gradients(run_diagnosis *d)
{
    for (int i = 0; i < d->layers; ++i)
        d->output_grad_squares[i] = NAN;
}

/* The activation function of each layer, else its last stage. */
static void find_stages(run_diagnosis *d, size_t stage_count)
{
    bool found[ALX_MAX_LAYERS] = { false };

    for (size_t i = 0; i < stage_count; ++i) {
        const int layer = d->stages[i].layer;

        if (!found[layer])
            d->stage[layer] = i;
        found[layer] |= d->stages[i].kind == ALX_NODE_ACTIVATION;
    }
}

static int allocate(run_diagnosis *d, const alx_config *config)
{
    size_t most = 0;

    for (int i = 0; i < d->layers; ++i) {
        const alx_shape out = d->stages[d->stage[i]].whole;
        const size_t count = (size_t)alx_pass_images(&config->train) * alx_shape_count(out);

        most = count > most ? count : most;
        TRY(train_activity_create(&d->activity[i], config->net.layers[i].activation, out));
    }
    for (size_t i = 0; i < d->param_count; ++i)
        most = d->params[i].count > most ? d->params[i].count : most;
    d->values = malloc(most * sizeof *d->values);
    if (d->values == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory to diagnose");
    return 0;
}

static int choose_images(run_diagnosis *d, const alx_subset *from)
{
    const size_t count = from->count < DIAGNOSED_IMAGES ? from->count : DIAGNOSED_IMAGES;

    d->images.index = malloc((count + 1) * sizeof *d->images.index);
    if (d->images.index == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory to diagnose");
    d->images.count = count;
    train_run_spread(d->images.index, from, count);
    return 0;
}

int train_run_open_diagnosis(train_run *run, alx_device *const *devs, int dev_count)
{
    const alx_config *config = &run->state.config;
    const train_network wanted = {
        .config = config,
        .statistics = &run->state.statistics,
        .options = { .batch = alx_pass_images(&config->train),
                     .keep_outputs = true,
                     .algorithms = run->options->algorithms,
                     .rows = run->options->rows },
        .on_build = run->options->on_build,
        .user = run->options->user,
    };
    run_diagnosis *d = NULL;
    size_t stage_count = 0;

    if (!run->options->diagnose)
        return 0;
    run->diagnosis = d = calloc(1, sizeof *d);
    if (d == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory to diagnose");
    TRY(train_network_create(&d->net, &d->feeder, &wanted, devs, dev_count));
    d->stages = alx_graph_layers(alx_net_graph(d->net), &stage_count);
    d->params = alx_graph_params(alx_net_graph(d->net), &d->param_count);
    d->layers = config->net.layer_count;
    find_stages(d, stage_count);
    forget_output_gradients(d);
    TRY(allocate(d, config));
    TRY(choose_images(d, run->held != NULL ? run->held : &run->train));
    return train_rows_cut(run->options->run_dir, ALX_DIAGNOSIS_CSV, csv_header, "%zu,",
                          run->state.epoch);
}

void train_run_close_diagnosis(train_run *run)
{
    run_diagnosis *d = run->diagnosis;

    if (d == NULL)
        return;
    for (int i = 0; i < d->layers; ++i)
        train_activity_free(&d->activity[i]);
    alx_feeder_free(d->feeder);
    alx_net_free(d->net);
    alx_subset_free(&d->images);
    free(d->values);
    free(d);
}

/* ---- weights --------------------------------------------------------------------------------- */

typedef struct tensor_size {
    double norm, mean; /* L2; of absolute values */
} tensor_size;

static int measure(tensor_size *out, run_diagnosis *d, alx_net *net, size_t param,
                   alx_param_what what)
{
    const size_t count = d->params[param].count;
    double squares = 0.0, sum = 0.0;

    TRY(alx_net_get_param(net, param, what, d->values));
    for (size_t i = 0; i < count; ++i) {
        const double value = (double)d->values[i];

        squares += value * value;
        sum += fabs(value);
    }
    *out = (tensor_size){ sqrt(squares), sum / (double)count };
    return 0;
}

/* The velocity is the update in the paper's form; in PyTorch's the rate is applied to it. */
static int measure_weights(layer_diagnosis *out, train_run *run, size_t param)
{
    const alx_config *config = &run->state.config;
    const alx_layer_config *layer = &config->net.layers[run->diagnosis->params[param].layer];
    const double rate = config->train.sgd_torch ? run->state.step_lr * layer->weight_lr : 1.0;
    const bool stepped = run->first_step_seconds > 0.0; /* else gradients are not there */
    tensor_size weight, velocity, gradient = { NAN, NAN };

    TRY(measure(&velocity, run->diagnosis, run->net, param, ALX_PARAM_MOMENTUM));
    if (stepped && layer->weight_lr > 0.0)
        TRY(measure(&gradient, run->diagnosis, run->net, param, ALX_PARAM_GRADIENT));
    TRY(measure(&weight, run->diagnosis, run->net, param, ALX_PARAM_VALUE));
    *out = (layer_diagnosis){
        .weight_norm = weight.norm,
        .grad_norm = gradient.norm,
        .update_ratio = weight.norm > 0.0 ? rate * velocity.norm / weight.norm : NAN,
        .weight_mean = weight.mean,
        .velocity_mean = velocity.mean,
    };
    return 0;
}

static int copy_params(train_run *run)
{
    run_diagnosis *d = run->diagnosis;

    for (size_t i = 0; i < d->param_count; ++i) {
        TRY(alx_net_get_param(run->net, i, ALX_PARAM_VALUE, d->values));
        TRY(alx_net_set_param(d->net, i, ALX_PARAM_VALUE, d->values));
    }
    return 0;
}

/* ---- gradients of outputs -------------------------------------------------------------------- */

bool train_run_diagnoses_update(const train_run *run, size_t position)
{
    return run->diagnosis != NULL && run->options->comm == NULL && position >= run->train.count;
}

/* A layer's gradients of weights, or where it is frozen that of its input, read that of its output.
 * Parts that only add to another's output, which have no bias, have the same one. */
static bool reads_output_gradient(const train_run *run, const alx_observation *seen)
{
    const bool layer = seen->work.kind == ALX_NODE_CONV || seen->work.kind == ALX_NODE_FC;

    if (!layer || !seen->before || seen->b == NULL)
        return false;
    const int index = run->diagnosis->stages[seen->node].layer;
    const bool frozen = run->state.config.net.layers[index].weight_lr == 0.0;

    return seen->pass == (frozen ? ALX_PASS_GRAD_INPUT : ALX_PASS_GRAD_WEIGHT);
}

int train_run_diagnose_pass(train_run *run, const alx_observation *seen)
{
    run_diagnosis *d = run->diagnosis;
    double squares = 0.0;

    if (!reads_output_gradient(run, seen))
        return 0;
    const size_t count = alx_shape_count(seen->grad_y->shape);
    double *sum = &d->output_grad_squares[d->stages[seen->node].layer];

    TRY(alx_tensor_read(d->values, seen->grad_y));
    for (size_t i = 0; i < count; ++i)
        squares += (double)d->values[i] * (double)d->values[i];
    *sum = (isnan(*sum) ? 0.0 : *sum) + squares;
    return 0;
}

/* ---- activations ----------------------------------------------------------------------------- */

static int add_batch(const alx_batch *batch, size_t done, size_t total, void *user)
{
    train_run *run = user;
    run_diagnosis *d = run->diagnosis;

    TRY(train_run_watch_scoring(batch, done, total, run));
    for (int i = 0; i < d->layers; ++i) {
        TRY(alx_net_read_output(d->net, d->stage[i], d->values));
        train_activity_add(&d->activity[i], d->values, (size_t)batch->count);
    }
    return 0;
}

static int watch_units(train_run *run)
{
    run_diagnosis *d = run->diagnosis;
    const alx_dataset *set = run->held != NULL ? run->held_set : run->train_set;
    alx_loader *loader = NULL;
    alx_score score;
    int rc = 0;

    for (int i = 0; i < d->layers; ++i)
        train_activity_clear(&d->activity[i]);
    TRY_DONE(copy_params(run));
    TRY_DONE(train_run_score_loader(&loader, run, NULL, set, &d->images));
    TRY_DONE(alx_evaluate(&score, d->net, d->feeder, loader, NULL, add_batch, run));
done:
    alx_loader_free(loader);
    return rc;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int append_row(const train_run *run, const char *layer, const layer_diagnosis *l)
{
    const double values[] = {
        l->weight_norm,  l->grad_norm,   l->output_grad_norm,
        l->update_ratio, l->weight_mean, l->velocity_mean,
        l->mean,         l->std,         l->min,
        l->max,          l->zeros,       l->dead_units,
        l->dead_maps,    l->saturated,
    };
    char row[ROW_BYTES];
    int at = snprintf(row, sizeof row, "%zu,%s", run->state.epoch + 1, layer);

    for (size_t i = 0; i < ALX_COUNT(values); ++i)
        at += isnan(values[i]) ? snprintf(row + at, sizeof row - (size_t)at, ",")
                               : base_print(row + at, sizeof row - (size_t)at, ",%.6g", values[i]);
    snprintf(row + at, sizeof row - (size_t)at, "\n");
    return train_rows_append(run->options->run_dir, ALX_DIAGNOSIS_CSV, row);
}

int train_run_diagnose(train_run *run)
{
    const run_diagnosis *d = run->diagnosis;

    if (d == NULL)
        return 0;
    TRY(watch_units(run));
    for (size_t i = 0; i < d->param_count; ++i) {
        const int layer = d->params[i].layer;
        layer_diagnosis row;

        if (d->params[i].bias)
            continue;
        TRY(measure_weights(&row, run, i));
        row.output_grad_norm = sqrt(d->output_grad_squares[layer]);
        train_activity_sum_up(&row, &d->activity[layer]);
        TRY(append_row(run, run->state.config.net.layers[layer].name, &row));
    }
    forget_output_gradients(run->diagnosis);
    return 0;
}
