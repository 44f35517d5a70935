/* update.c - one SGD update of all parameters, with the norm of all gradients before it. */
#include "net/net.h"

#include <math.h>
#include <stdlib.h>

#include "base/try.h"

/* The first of those that have the same factors of rate and decay. */
static int kind_of(const alx_net *net, size_t index)
{
    const alx_update_rule unit = { .lr = 1.0, .weight_decay = 1.0 };
    const alx_sgd_params own = net_sgd_params(net, index, &unit);

    for (size_t i = 0; i < index; ++i) {
        const alx_sgd_params p = net_sgd_params(net, i, &unit);

        if (net_param_is_left(net, i) && p.lr == own.lr && p.weight_decay == own.weight_decay)
            return (int)i;
    }
    return (int)index;
}

static int open_segments(alx_net *net, int dev)
{
    alx_segment list[ALX_MAX_LAYERS * 2 * ALX_MAX_TOWERS];
    size_t count = 0;

    for (size_t i = 0; i < net->param_count; ++i) {
        net_param *param = &net->params[i];

        param->kind = kind_of(net, i);
        for (int part = 0; part < param->parts && net_param_is_left(net, i); ++part)
            if (param->dev[part] == dev)
                list[count++] = (alx_segment){ &param->value[part], &param->momentum[part],
                                               &param->grad[part], param->slot[part], param->kind };
    }
    return alx_segments_create(&net->segments[dev], list, count);
}

int net_open_update(alx_net *net)
{
    for (int dev = 0; dev < net->dev_count && net->options.training; ++dev)
        TRY(open_segments(net, dev));
    return net_open_rates(net);
}

void net_close_update(alx_net *net)
{
    for (int dev = 0; dev < net->dev_count; ++dev)
        alx_segments_free(net->segments[dev]);
    net_close_rates(net);
}

/* Sum of squares of each gradient part that is used (0 stays in the slots of frozen ones); if
 * asked, the factor that clips them all, and the rates of the layers. */
static int measure_gradients(alx_net *net, const alx_update_rule *rule)
{
    for (int dev = 0; dev < net->dev_count; ++dev)
        alx_device_set_label(net->devs[dev], "norm");
    for (int dev = 0; dev < net->dev_count; ++dev)
        TRY(alx_op_sum_squares_all(&net->square_sums[dev], net->segments[dev], &net->scratch[dev]));
    if (rule->clip_norm > 0.0 || rule->lars > 0.0)
        TRY(net_add_sums(net, &net->all_sums, net->square_sums, net->sums_forth));
    if (rule->clip_norm > 0.0) {
        TRY(alx_op_clip_scale(&net->clip, &net->all_sums, net->slot_count, (float)rule->clip_norm));
        TRY(net_send_back(net, net->clip_back));
    }
    return rule->lars > 0.0 ? net_make_rates(net, rule) : 0;
}

/* What device 0 has made, where device `dev` has it. */
static const alx_tensor *made(const alx_tensor *of_0, const alx_transfer *back, int dev)
{
    return dev == 0 ? of_0 : alx_transfer_arrival(back, 0);
}

alx_update_rule alx_update_rule_of(const alx_train_config *config, double lr)
{
    return (alx_update_rule){
        lr,          config->momentum, config->weight_decay, config->sgd_torch, config->clip_norm,
        config->lars
    };
}

bool alx_update_can_fuse(const alx_train_config *config)
{
    return config->clip_norm == 0.0 && config->lars == 0.0 && alx_pass_count(config) == 1;
}

alx_sgd_params net_sgd_params(const alx_net *net, size_t param, const alx_update_rule *rule)
{
    const alx_param_info *info = &net->graph->params[param];
    const alx_layer_config *layer = &net->graph->config.layers[info->layer];

    return (alx_sgd_params){
        .lr = (float)(rule->lr * (info->bias ? layer->bias_lr : layer->weight_lr)),
        .momentum = (float)rule->momentum,
        .weight_decay = (float)(rule->weight_decay *
                                (info->bias ? layer->bias_decay : layer->weight_decay)),
        .torch_form = rule->torch_form,
    };
}

/* All parameters of a kind. */
static int update_kind(alx_net *net, size_t kind, const alx_update_rule *rule)
{
    const alx_sgd_params p = net_sgd_params(net, kind, rule);
    const bool clips = rule->clip_norm > 0.0, adapts = rule->lars > 0.0;

    for (int dev = 0; dev < net->dev_count; ++dev) {
        alx_device_set_label(net->devs[dev], NET_UPDATE_LABEL);
        TRY(alx_op_sgd_all(net->segments[dev], (int)kind,
                           clips ? made(&net->clip, net->clip_back, dev) : NULL,
                           adapts ? made(&net->rates, net->rates_back, dev) : NULL, &p));
    }
    return 0;
}

int alx_net_update(alx_net *net, const alx_update_rule *rule)
{
    if (rule->lars > 0.0 && !net->options.layer_rates)
        return alx_fail(ALX_E_USAGE, "layer-wise rates (lars) want a network with layer_rates");
    TRY(measure_gradients(net, rule));
    for (size_t i = 0; i < net->param_count; ++i)
        if (net_param_is_left(net, i) && net->params[i].kind == (int)i)
            TRY(update_kind(net, i, rule));
    if (rule->clip_norm > 0.0)
        TRY(net_end_back(net, net->clip_back));
    return rule->lars > 0.0 ? net_end_back(net, net->rates_back) : 0;
}

int alx_net_read_grad_norm(alx_net *net, double *norm, const char **bad_layer)
{
    const size_t count = (size_t)net->slot_count;
    float *sums = malloc((size_t)net->dev_count * count * sizeof *sums);
    double total = 0.0;
    int rc = 0;

    *norm = 0.0;
    *bad_layer = NULL;
    if (sums == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the gradient's norm");
    for (int dev = 0; dev < net->dev_count; ++dev)
        TRY_DONE(alx_tensor_read(sums + (size_t)dev * count, &net->square_sums[dev]));
    TRY_DONE(net_check_transfers(net));
    for (size_t i = 0; i < net->param_count; ++i)
        for (int part = 0; part < net->params[i].parts; ++part) {
            const size_t first = (size_t)net->params[i].dev[part] * count;
            const double sum = (double)sums[first + (size_t)net->params[i].slot[part]];

            if (!isfinite(sum) && *bad_layer == NULL)
                *bad_layer = net->graph->params[i].name;
            total += sum;
        }
    *norm = sqrt(total);
done:
    free(sums);
    return rc;
}
