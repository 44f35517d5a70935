/* update.c - one SGD update of all parameters, with the norm of all gradients before it. */
#include "net/net.h"

#include <math.h>
#include <stdlib.h>

/* The other device's partial sums come to device 0, the factor goes back. A slot of the one vector
 * is zero where the other has the sum, so adding changes no bit. */
static int clip_gradients(alx_net *net, double clip_norm)
{
    int rc = 0;

    if (net->dev_count > 1) {
        TRY(alx_transfer_start(net->sums_forth, 0));
        TRY(alx_op_take_channels(&net->all_sums, &net->square_sums[0], 0, false));
        TRY(alx_transfer_await(net->sums_forth, 0));
        TRY(alx_op_take_channels(&net->all_sums, alx_transfer_arrival(net->sums_forth, 0), 0,
                                 true));
        TRY(alx_transfer_release(net->sums_forth, 0));
        TRY(alx_transfer_settle(net->sums_forth));
    }
    TRY(alx_op_clip_scale(&net->clip, &net->all_sums, net->slot_count, (float)clip_norm));
    if (net->dev_count > 1) {
        TRY(alx_transfer_start(net->clip_back, 0));
        TRY(alx_transfer_await(net->clip_back, 0));
    }
done:
    return rc;
}

static bool param_frozen(const alx_net *net, size_t index)
{
    const alx_param_info *info = &net->graph->params[index];
    const alx_layer_config *layer = &net->graph->config.layers[info->layer];

    return (info->bias ? layer->bias_lr : layer->weight_lr) == 0.0;
}

/* Sum of squares of each gradient part that is used (0 stays in the others' slots); if asked, the
 * factor that clips them all. */
static int measure_gradients(alx_net *net, double clip_norm)
{
    int rc = 0;

    for (int dev = 0; dev < net->dev_count; ++dev)
        alx_device_set_label(net->devs[dev], "norm");
    for (size_t i = 0; i < net->param_count; ++i)
        for (int part = 0; part < net->params[i].parts && !param_frozen(net, i); ++part) {
            const int dev = net->params[i].dev[part];

            TRY(alx_op_sum_squares(&net->square_sums[dev], net->params[i].slot[part],
                                   &net->params[i].grad[part], &net->scratch[dev]));
        }
    if (clip_norm > 0.0)
        TRY(clip_gradients(net, clip_norm));
done:
    return rc;
}

/* Where device `dev` has the factor. */
static const alx_tensor *clip_scale(const alx_net *net, int dev)
{
    return dev == 0 ? &net->clip : alx_transfer_arrival(net->clip_back, 0);
}

static int update_param(alx_net *net, size_t index, const alx_sgd_params *common, bool clip)
{
    const alx_param_info *info = &net->graph->params[index];
    const alx_layer_config *layer = &net->graph->config.layers[info->layer];
    alx_param *param = &net->params[index];
    alx_sgd_params p = *common;
    int rc = 0;

    p.lr = (float)((double)p.lr * (info->bias ? layer->bias_lr : layer->weight_lr));
    p.weight_decay =
        (float)((double)p.weight_decay * (info->bias ? layer->bias_decay : layer->weight_decay));
    for (int part = 0; part < param->parts; ++part) {
        alx_device_set_label(param->value[part].dev, param->label);
        TRY(alx_op_sgd(&param->value[part], &param->momentum[part], &param->grad[part],
                       clip ? clip_scale(net, param->dev[part]) : NULL, &p));
    }
done:
    return rc;
}

int alx_net_update(alx_net *net, double lr, double momentum, double weight_decay, bool torch_form,
                   double clip_norm)
{
    const alx_sgd_params p = { (float)lr, (float)momentum, (float)weight_decay, torch_form };
    int rc = 0;

    TRY(measure_gradients(net, clip_norm));
    for (size_t i = 0; i < net->param_count; ++i)
        if (!param_frozen(net, i))
            TRY(update_param(net, i, &p, clip_norm > 0.0));
    if (clip_norm > 0.0 && net->dev_count > 1) {
        TRY(alx_transfer_release(net->clip_back, 0));
        TRY(alx_transfer_settle(net->clip_back));
    }
done:
    return rc;
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
        TRY(alx_tensor_read(sums + (size_t)dev * count, &net->square_sums[dev]));
    TRY(alx_net_check_transfers(net));
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
