/* net.c - runs a network of a golden folder and compares what it leaves: one line each for
 * activations, outputs, gradients, losses, parameters. */
#include "check/golden/golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/try.h"

#define MOST_IMAGES 65536

static const char *text_of(const cJSON *json, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

    return text != NULL ? text : "";
}

static void begin_line(golden_net *run, const char *what)
{
    char name[64];

    snprintf(name, sizeof name, "%s %s", run->name, what);
    check_begin(run->report, name);
}

/* ---- preparing ------------------------------------------------------------------------------ */

/* False if --max-macs leaves the network out. */
static int is_small_enough(const golden_net *run, bool *small)
{
    const size_t most = run->options->max_macs;
    alx_cost cost;

    TRY(alx_net_cost(&cost, &run->config));
    *small = most == 0 || cost.macs * (size_t)run->batch <= most;
    return 0;
}

static int create_net(golden_net *run)
{
    const alx_net_options options = { .batch = run->batch,
                                      .training = true,
                                      .keep_outputs = true,
                                      .no_dropout = true,
                                      .algorithms = run->options->algorithms,
                                      .rows = run->options->rows };
    const int devs = run->config.towers > 1 ? run->options->dev_count : 1;

    TRY(alx_lab_create(&run->lab, &run->config, run->options->devs, devs, &options));
    run->losses = malloc(((size_t)run->steps + 1) * sizeof *run->losses);
    if (run->losses == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d losses", run->steps + 1);
    return alx_lab_build(&run->lab, run->steps > 0, NULL, NULL);
}

static int set_input(golden_net *run, const golden_oracle *oracle)
{
    const alx_net_config *c = &run->config;
    const int dims[4] = { run->batch, c->channels, c->height, c->width };
    const size_t count = (size_t)run->batch * (size_t)c->height * (size_t)c->width *
                         (size_t)c->channels;
    float *nhwc = malloc(count * sizeof *nhwc);
    int32_t *labels = malloc((size_t)run->batch * sizeof *labels);
    int rc = 0;

    if (nhwc == NULL || labels == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for the input");
        goto done;
    }
    TRY_DONE(oracle->input(run, "x", run->lab.values, count));
    golden_permute(nhwc, run->lab.values, dims, golden_nchw_to_nhwc);
    TRY_DONE(oracle->labels(run, labels));
    TRY_DONE(alx_lab_set_batch(&run->lab, nhwc, labels));
done:
    free(nhwc);
    free(labels);
    return rc;
}

static int set_params(golden_net *run, const golden_oracle *oracle)
{
    for (size_t i = 0; i < run->lab.param_count; ++i) {
        TRY(oracle->input(run, run->lab.params[i].name, run->lab.values, run->lab.params[i].count));
        TRY(alx_net_set_param(run->lab.net, i, ALX_PARAM_VALUE, run->lab.values));
    }
    return 0;
}

/* ---- comparing ------------------------------------------------------------------------------ */

/* The stage of a layer: of those with the layer's weights, in order, the first after the last one
 * found; where towers meet there are stages that no layer stands for. */
static int find_stage(const golden_net *run, size_t *stage, int layer)
{
    for (; *stage < run->lab.layer_count; ++*stage)
        if (run->lab.layers[*stage].layer == layer &&
            run->lab.layers[*stage].kind != ALX_NODE_GATHER)
            return 0;
    return alx_fail(ALX_E_DATA, "the network has fewer stages than layers");
}

static int compare_acts(golden_net *run)
{
    const cJSON *layers = cJSON_GetObjectItemCaseSensitive(run->json, "layers"), *item = NULL;
    size_t stage = 0;
    int layer = -1;

    begin_line(run, "act");
    cJSON_ArrayForEach(item, layers)
    {
        const char *type = text_of(item, "type");

        layer += strcmp(type, "conv") == 0 || strcmp(type, "fc") == 0;
        TRY(find_stage(run, &stage, layer));
        TRY(alx_net_read_output(run->lab.net, stage, run->lab.values));
        TRY(run->oracle->act(run, text_of(item, "name"), run->lab.values,
                             alx_shape_count(run->lab.layers[stage].whole) * (size_t)run->batch));
        ++stage;
    }
    check_end(run->report);
    return 0;
}

static int compare_params(golden_net *run, const char *line, alx_param_what what,
                          int (*compare)(golden_net *, const char *, const float *, size_t))
{
    begin_line(run, line);
    for (size_t i = 0; i < run->lab.param_count; ++i) {
        TRY(alx_net_get_param(run->lab.net, i, what, run->lab.values));
        TRY(compare(run, run->lab.params[i].name, run->lab.values, run->lab.params[i].count));
    }
    check_end(run->report);
    return 0;
}

static int compare_losses(golden_net *run, const golden_oracle *oracle)
{
    const size_t stored = (size_t)run->all_steps + 1;
    double *want = malloc(stored * sizeof *want);
    char quantity[32], where[32];
    double largest = 0.0, way = 0.0;
    int rc = 0;

    if (want == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu losses", stored);
    TRY_DONE(golden_numbers(want, stored, run->json, "losses"));
    for (int i = 0; i <= run->steps; ++i)
        largest = fmax(largest, fabs(want[i]));
    snprintf(quantity, sizeof quantity, "%s.losses", oracle->group);
    begin_line(run, "losses");
    for (int i = 0; i <= run->steps; ++i) {
        const double error = fabs((double)run->losses[i] - want[i]);

        way += i > 0 ? fabs(want[i] - want[i - 1]) : 0.0;
        snprintf(where, sizeof where, "after %d updates", i);
        golden_kink_add(run, quantity, where, error / largest,
                        way > 0.0 ? error / way : (double)NAN);
    }
    check_end(run->report);
done:
    free(want);
    return rc;
}

/* ---- the run -------------------------------------------------------------------------------- */

typedef struct train_rule {
    double *lr, momentum, weight_decay;
} train_rule;

static int read_rule(train_rule *rule, golden_net *run)
{
    const cJSON *train = NULL;

    TRY(golden_member(&train, run->json, "train"));
    run->all_steps = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(train, "lr"));
    run->steps = run->all_steps;
    if (run->options->steps > 0 && run->options->steps < run->steps)
        run->steps = run->options->steps;
    rule->lr = malloc(((size_t)run->all_steps + 1) * sizeof *rule->lr);
    if (rule->lr == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d rates", run->all_steps);
    TRY(golden_numbers(rule->lr, (size_t)run->all_steps, train, "lr"));
    TRY(golden_number(&rule->momentum, train, "momentum", (double)NAN));
    return golden_number(&rule->weight_decay, train, "weight_decay", (double)NAN);
}

static int look_at_outputs(void *user)
{
    golden_net *run = user;

    TRY(compare_acts(run));
    return run->oracle->outputs(run);
}

static int look_at_gradients(void *user)
{
    golden_net *run = user;

    return compare_params(run, "grad", ALX_PARAM_GRADIENT, run->oracle->grad);
}

static int run_steps(golden_net *run, const train_rule *rule)
{
    const alx_lab_plan plan = { .updates = run->steps,
                                .rates = rule->lr,
                                .momentum = rule->momentum,
                                .weight_decay = rule->weight_decay,
                                .on_outputs = look_at_outputs,
                                .on_gradients = look_at_gradients,
                                .user = run };

    return alx_lab_train(&run->lab, run->losses, &plan);
}

static int run_all(golden_net *run, const golden_oracle *oracle)
{
    train_rule rule = { 0 };
    bool small = true;
    int rc = 0;

    TRY_DONE(golden_config(&run->config, run->json));
    TRY_DONE(golden_int(&run->batch, run->json, "batch", -1));
    if (run->batch < 1 || run->batch > MOST_IMAGES)
        return alx_fail(ALX_E_DATA, "\"batch\" is not in 1..%d", MOST_IMAGES);
    TRY_DONE(read_rule(&rule, run));
    TRY_DONE(golden_read_margin(run));
    TRY_DONE(is_small_enough(run, &small));
    if (!small)
        goto done;
    alx_info("%s: %d tower%s, batch %d, %d updates", run->name, run->config.towers,
             run->config.towers > 1 ? "s" : "", run->batch, run->steps);
    TRY_DONE(create_net(run));
    TRY_DONE(set_params(run, oracle));
    TRY_DONE(set_input(run, oracle));
    TRY_DONE(run_steps(run, &rule));
    TRY_DONE(compare_losses(run, oracle));
    if (oracle->final != NULL && run->steps == run->all_steps)
        TRY_DONE(compare_params(run, "final", ALX_PARAM_VALUE, oracle->final));
done:
    free(rule.lr);
    return rc;
}

int golden_net_run(check_report *report, const alx_check_options *options, const cJSON *json,
                   const void *source, const golden_oracle *oracle)
{
    golden_net run = { .options = options,
                       .report = report,
                       .name = json->string,
                       .json = json,
                       .source = source,
                       .oracle = oracle };
    int rc = 0;

    if (golden_wanted(options, oracle->group, run.name, NULL))
        rc = alx_fail_context(run_all(&run, oracle), "network %s", run.name);
    free(run.losses);
    alx_lab_free(&run.lab);
    return rc;
}
