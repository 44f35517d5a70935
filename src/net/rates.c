/* rates.c - layer-wise rates (LARS): the norms of all weights, and what follows for the rate of
 * each slot of the sums. */
#include "net/net.h"

#include <stdlib.h>

#include "base/try.h"

static void describe_param(alx_lars_slot *slots, const alx_net *net, size_t index)
{
    const net_param *param = &net->params[index];
    const alx_param_info *info = &net->graph->params[index];
    const alx_layer_config *layer = &net->graph->config.layers[info->layer];

    for (int part = 0; part < param->parts; ++part)
        slots[param->slot[part]] = (alx_lars_slot){
            .other = (uint32_t)param->slot[param->parts - 1 - part],
            .adapts = !info->bias,
            .decay = (float)layer->weight_decay,
        };
}

static int open_slots(alx_net *net)
{
    const size_t count = (size_t)net->slot_count;
    alx_lars_slot *slots = calloc(count, sizeof *slots);
    int rc = 0;

    if (slots == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu rates", count);
    for (size_t i = 0; i < net->param_count; ++i)
        describe_param(slots, net, i);
    TRY_DONE(alx_tensor_create(
        &net->rate_slots, net->devs[0],
        (alx_shape){ 1, 1, net->slot_count, (int)(sizeof *slots / sizeof(float)) }));
    TRY_DONE(alx_tensor_write(&net->rate_slots, slots));
done:
    free(slots);
    return rc;
}

static int open_weights(alx_net *net, int dev)
{
    alx_segment list[ALX_MAX_LAYERS * 2 * ALX_MAX_TOWERS];
    size_t count = 0;

    for (size_t i = 0; i < net->param_count; ++i) {
        const net_param *param = &net->params[i];

        for (int part = 0; part < param->parts && net_param_is_left(net, i); ++part)
            if (param->dev[part] == dev && !net->graph->params[i].bias)
                list[count++] = (alx_segment){ .g = &param->value[part],
                                               .slot = param->slot[part] };
    }
    return alx_segments_create(&net->weight_segments[dev], list, count);
}

int net_open_rates(alx_net *net)
{
    if (!net_has_rates(net))
        return 0;
    for (int dev = 0; dev < net->dev_count; ++dev)
        TRY(open_weights(net, dev));
    return open_slots(net);
}

void net_close_rates(alx_net *net)
{
    for (int dev = 0; dev < net->dev_count; ++dev)
        alx_segments_free(net->weight_segments[dev]);
    alx_tensor_free(&net->rate_slots);
}

int net_make_rates(alx_net *net, const alx_update_rule *rule)
{
    for (int dev = 0; dev < net->dev_count; ++dev)
        TRY(alx_op_sum_squares_all(&net->weight_sums[dev], net->weight_segments[dev],
                                   &net->scratch[dev]));
    TRY(net_add_sums(net, &net->all_weight_sums, net->weight_sums, net->weights_forth));
    TRY(alx_op_lars(&net->rates, &net->all_sums, &net->all_weight_sums, &net->rate_slots,
                    rule->clip_norm > 0.0 ? &net->clip : NULL, (float)rule->lars,
                    (float)rule->weight_decay));
    return net_send_back(net, net->rates_back);
}
