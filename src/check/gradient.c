/* gradient.c - gradients of a tiny network of two towers against central differences of its
 * loss: along two random directions per parameter, (L(p + h d) - L(p - h d)) / 2h = g . d. */
#include "check/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/try.h"

enum { GRADIENT_BATCH = 3, GRADIENT_DIRECTIONS = 2 };

/* The step is this share of a parameter's length: larger ones bend the loss, smaller ones drown in
 * its rounding. Here both leave some 3e-5 of the gradient, a tenth of what is allowed. */
#define STEP_SHARE 0.03
#define GRADIENT_LIMIT 3e-4

typedef struct gradient_run {
    alx_lab lab;
    float *value, *shifted, *gradient; /* of the largest parameter */
    double *direction;
} gradient_run;

/* ---- the network -------------------------------------- */

static alx_layer_config make_conv(const char *name, int filters, alx_sees sees)
{
    alx_layer_config layer = { .kind = ALX_LAYER_CONV,
                               .outputs = filters,
                               .kernel = 3,
                               .stride = 1,
                               .pad = 1,
                               .groups = 1,
                               .sees = sees,
                               .activation = ALX_ACT_TANH,
                               .order = { ALX_NODE_ACTIVATION },
                               .order_count = 1,
                               .weight_lr = 1.0,
                               .bias_lr = 1.0,
                               .weight_decay = 1.0 };

    snprintf(layer.name, sizeof layer.name, "%s", name);
    return layer;
}

static void add_lrn_and_pool(alx_layer_config *layer, int side)
{
    layer->lrn = (alx_lrn_config){ .on = true, .size = 5, .k = 1.0, .alpha = 0.3, .beta = 0.75 };
    layer->adaptive_pool = side;
    layer->order[layer->order_count++] = ALX_NODE_LRN;
    layer->order[layer->order_count++] = ALX_NODE_ADAPTIVE_POOL;
}

static alx_layer_config make_fc(const char *name, int units, bool last)
{
    alx_layer_config layer = make_conv(name, units, ALX_SEES_BOTH);

    layer.kind = ALX_LAYER_FC;
    layer.kernel = layer.stride = layer.pad = 0;
    layer.towers = last ? ALX_DIVIDE_NOTHING : ALX_DIVIDE_OUTPUTS;
    layer.order_count = last ? 0 : 1;
    return layer;
}

/* Smooth: a ReLU or a maximum that flips within the step would show as an error. */
static void make_config(alx_net_config *config)
{
    *config = (alx_net_config){
        .height = 11, .width = 9, .channels = 3, .classes = 5, .towers = 2, .layer_count = 5
    };
    config->layers[0] = make_conv("conv1", 12, ALX_SEES_BOTH);
    config->layers[1] = make_conv("conv2", 8, ALX_SEES_OWN);
    config->layers[2] = make_conv("conv3", 6, ALX_SEES_BOTH);
    config->layers[3] = make_fc("fc4", 10, false);
    config->layers[4] = make_fc("fc5", 5, true);
    add_lrn_and_pool(&config->layers[0], 5);
    add_lrn_and_pool(&config->layers[1], 3);
}

/* Uniform in [-a, a). */
static void fill_uniform(float *out, size_t count, uint32_t stream, float a)
{
    base_random_fill(out, count, stream, 1, -1.0f, 1.0f);
    for (size_t i = 0; i < count; ++i)
        out[i] *= a;
}

static int set_start(gradient_run *run)
{
    static const int32_t labels[GRADIENT_BATCH] = { 3, 0, 4 };
    float image[GRADIENT_BATCH * 11 * 9 * 3];

    for (size_t i = 0; i < run->lab.param_count; ++i) {
        const alx_param_info *p = &run->lab.params[i];
        const float fan_in = (float)(p->count / (size_t)p->dims[0]);

        fill_uniform(run->value, p->count, (uint32_t)i, p->bias ? 0.1f : sqrtf(3.0f / fan_in));
        TRY(alx_net_set_param(run->lab.net, i, ALX_PARAM_VALUE, run->value));
    }
    fill_uniform(image, ALX_COUNT(image), 1000, 1.0f);
    return alx_lab_set_batch(&run->lab, image, labels);
}

/* ---- differences ---------------------------------------------------------------------------- */

/* Loss at value + step * direction. */
static int loss_at(gradient_run *run, double *loss, size_t param, double step)
{
    for (size_t i = 0; i < run->lab.params[param].count; ++i)
        run->shifted[i] = (float)((double)run->value[i] + step * run->direction[i]);
    TRY(alx_net_set_param(run->lab.net, param, ALX_PARAM_VALUE, run->shifted));
    return alx_lab_forward(&run->lab, loss);
}

static double norm(const float *values, size_t count)
{
    double squares = 0.0;

    for (size_t i = 0; i < count; ++i)
        squares += (double)values[i] * (double)values[i];
    return sqrt(squares);
}

/* A unit vector of random signs; returns its product with the gradient. */
static double random_direction(gradient_run *run, size_t count, uint32_t stream)
{
    double slope = 0.0;

    fill_uniform(run->shifted, count, stream, 1.0f);
    for (size_t i = 0; i < count; ++i) {
        run->direction[i] = (run->shifted[i] < 0.0f ? -1.0 : 1.0) / sqrt((double)count);
        slope += run->direction[i] * (double)run->gradient[i];
    }
    return slope;
}

static int check_param(gradient_run *run, check_report *report, size_t param)
{
    const alx_param_info *p = &run->lab.params[param];

    TRY(alx_net_get_param(run->lab.net, param, ALX_PARAM_VALUE, run->value));
    TRY(alx_net_get_param(run->lab.net, param, ALX_PARAM_GRADIENT, run->gradient));
    const double step = STEP_SHARE * norm(run->value, p->count);
    for (uint32_t i = 0; i < GRADIENT_DIRECTIONS; ++i) {
        const uint32_t stream = 2000 + (uint32_t)param * GRADIENT_DIRECTIONS + i;
        const double slope = random_direction(run, p->count, stream);
        double above = 0.0, below = 0.0;

        TRY(loss_at(run, &above, param, step));
        TRY(loss_at(run, &below, param, -step));
        check_add(report,
                  fabs((above - below) / (2.0 * step) - slope) / norm(run->gradient, p->count),
                  GRADIENT_LIMIT, "%s", p->name);
    }
    return alx_net_set_param(run->lab.net, param, ALX_PARAM_VALUE, run->value);
}

static int allocate(gradient_run *run)
{
    const size_t most = run->lab.most;

    run->value = malloc(most * sizeof *run->value);
    run->shifted = malloc(most * sizeof *run->shifted);
    run->gradient = malloc(most * sizeof *run->gradient);
    run->direction = malloc(most * sizeof *run->direction);
    if (run->value == NULL || run->shifted == NULL || run->gradient == NULL ||
        run->direction == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the gradient check");
    return 0;
}

int alx_check_gradient(alx_check_total *total, const alx_check_options *options)
{
    check_report report = { .options = options, .total = total };
    const alx_net_options net_options = { .batch = GRADIENT_BATCH,
                                          .training = true,
                                          .no_dropout = true,
                                          .algorithms = options->algorithms,
                                          .rows = options->rows };
    alx_net_config config;
    gradient_run run = { 0 };
    double loss = 0.0;
    int rc = 0;

    if (options->only != NULL && strcmp(options->only, ALX_CHECK_GRADIENT) != 0)
        return 0;
    make_config(&config);
    TRY_DONE(alx_lab_create(&run.lab, &config, options->devs, options->dev_count, &net_options));
    TRY_DONE(alx_lab_build(&run.lab, false, NULL, NULL));
    TRY_DONE(allocate(&run));
    TRY_DONE(set_start(&run));
    TRY_DONE(alx_lab_forward(&run.lab, &loss));
    TRY_DONE(alx_lab_backward(&run.lab));
    check_begin(&report, ALX_CHECK_GRADIENT);
    for (size_t i = 0; i < run.lab.param_count; ++i)
        TRY_DONE(check_param(&run, &report, i));
    check_end(&report);
done:
    free(run.value);
    free(run.shifted);
    free(run.gradient);
    free(run.direction);
    alx_lab_free(&run.lab);
    return alx_fail_context(rc, "gradient check");
}
