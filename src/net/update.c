/* update.c - one SGD update of all parameters, with the norm of all gradients before it. */
#include "net/net.h"

#include <math.h>
#include <stdlib.h>

/* Norm of each gradient part, then the factor that clips them all. */
static int measure_gradients(alx_net *net, double clip_norm)
{
    int rc = 0;

    alx_device_set_label(net->devs[0], "norm");
    for (size_t i = 0; i < net->param_count; ++i)
        for (int part = 0; part < net->params[i].parts; ++part)
            TRY(alx_op_sum_squares(&net->square_sums, net->params[i].slot[part],
                                   &net->params[i].grad[part], &net->scratch[0]));
    TRY(alx_op_clip_scale(&net->clip, &net->square_sums, net->slot_count, (float)clip_norm));
done:
    return rc;
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
    for (int part = 0; part < param->parts; ++part)
        TRY(alx_op_sgd(&param->value[part], &param->momentum[part], &param->grad[part],
                       clip ? &net->clip : NULL, &p));
done:
    return rc;
}

static bool param_frozen(const alx_net *net, size_t index)
{
    const alx_param_info *info = &net->graph->params[index];
    const alx_layer_config *layer = &net->graph->config.layers[info->layer];

    return (info->bias ? layer->bias_lr : layer->weight_lr) == 0.0;
}

int alx_net_update(alx_net *net, double lr, double momentum, double weight_decay, bool torch_form,
                   double clip_norm)
{
    const alx_sgd_params p = { (float)lr, (float)momentum, (float)weight_decay, torch_form };
    int rc = 0;

    TRY(measure_gradients(net, clip_norm));
    alx_device_set_label(net->devs[0], "update");
    for (size_t i = 0; i < net->param_count; ++i)
        if (!param_frozen(net, i))
            TRY(update_param(net, i, &p, clip_norm > 0.0));
done:
    return rc;
}

int alx_net_read_grad_norm(alx_net *net, double *norm, const char **bad_layer)
{
    float *sums = malloc((size_t)net->slot_count * sizeof *sums);
    double total = 0.0;
    int rc = 0;

    *norm = 0.0;
    *bad_layer = NULL;
    if (sums == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the gradient's norm");
    TRY(alx_tensor_read(sums, &net->square_sums));
    for (size_t i = 0; i < net->param_count; ++i)
        for (int part = 0; part < net->params[i].parts; ++part) {
            const double sum = (double)sums[net->params[i].slot[part]];

            if (!isfinite(sum) && *bad_layer == NULL)
                *bad_layer = net->graph->params[i].name;
            total += sum;
        }
    *norm = sqrt(total);
done:
    free(sums);
    return rc;
}
