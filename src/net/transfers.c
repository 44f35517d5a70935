/* transfers.c - what crosses between the two devices of a network: listed from the graph alone, and
 * opened on a net that has its memory. */
#include "net/net.h"

#include <stdio.h>

#include "base/try.h"

/* ---- from the graph ------------------------------------------------------------------------ */

static int layer_error(const alx_graph *graph, int layer, const char *text)
{
    return alx_fail(ALX_E_USAGE, "layer %s: %s", graph->config.layers[layer].name, text);
}

int alx_graph_check_devices(const alx_graph *graph, int dev_count)
{
    const alx_net_config *config = &graph->config;

    if (dev_count == 1)
        return 0;
    if (config->towers == 1)
        return layer_error(graph, 0,
                           "has one tower, which cannot be divided between two devices; "
                           "[net] towers = 2 makes two");
    for (int i = 0; i < config->layer_count && config->lrn_across_towers; ++i)
        if (config->layers[i].lrn.on)
            return layer_error(graph, i,
                               "its normalisation reads across the towers, which cannot "
                               "live on two devices; lrn-across-towers = no ends the "
                               "window at a tower's edge");
    if (config->lrn_across_towers)
        return layer_error(graph, 0,
                           "lrn-across-towers makes one tower of two, which cannot be "
                           "divided between two devices");
    return 0;
}

static alx_transfer_info *list_add(alx_transfer_info *info, const alx_graph *graph, int node,
                                   int tower, int other, bool backward)
{
    const alx_layer_info *gather = &graph->nodes[node];

    *info = (alx_transfer_info){
        .layer = gather->layer,
        .node = (size_t)node,
        .tower = tower,
        .backward = backward,
        .from = backward ? other : tower,
        .to = backward ? tower : other,
        .bytes = alx_shape_count(gather->in) * sizeof(float),
    };
    snprintf(info->name, sizeof info->name, "%s %s %d>%d", graph->config.layers[gather->layer].name,
             backward ? "backward" : "forward", info->from, info->to);
    return info + 1;
}

size_t alx_graph_transfers(alx_transfer_info list[ALX_MAX_TRANSFERS], const alx_graph *graph,
                           int batch, bool training)
{
    alx_transfer_info *next = list;

    for (int i = 0; i < graph->node_count; ++i) {
        const alx_layer_info *node = &graph->nodes[i];

        if (!net_node_meets(node))
            continue;
        for (int backward = 0; backward <= (training && node->input_needs_grad); ++backward)
            for (int tower = 0; tower < node->in_parts; ++tower)
                for (int other = 0; other < node->parts; ++other)
                    if (other != tower)
                        next = list_add(next, graph, i, tower, other, backward == 1);
    }
    for (alx_transfer_info *info = list; info < next; ++info)
        info->bytes *= (size_t)batch;
    return (size_t)(next - list);
}

/* ---- of a net ------------------------------------------------------------------------------ */

/* The vectors of partial sums, and what follows from them: what clips, and the layers' rates. */
static int open_norm(alx_net *net)
{
    TRY(alx_transfer_create(&net->sums_forth, "norm 1>0", net->devs[0], &net->square_sums[1], 1));
    TRY(alx_transfer_create(&net->clip_back, "clip 0>1", net->devs[1], &net->clip, 1));
    if (!net_has_rates(net))
        return 0;
    TRY(alx_transfer_create(&net->weights_forth, "weights 1>0", net->devs[0], &net->weight_sums[1],
                            1));
    return alx_transfer_create(&net->rates_back, "rates 0>1", net->devs[1], &net->rates, 1);
}

int net_open_transfers(alx_net *net)
{
    alx_transfer_info list[ALX_MAX_TRANSFERS];
    const size_t count = alx_graph_transfers(list, net->graph, net->options.batch,
                                             net->options.training);

    for (size_t i = 0; i < count && net->dev_count > 1; ++i) {
        const alx_transfer_info *info = &list[i];
        net_node *gather = &net->nodes[info->node];
        alx_device *to = net->devs[info->to];

        if (info->backward)
            TRY(alx_transfer_create(&gather->back[info->tower], info->name, to,
                                    &gather->half[info->tower], 1));
        else
            TRY(alx_transfer_create(&gather->forth[info->tower], info->name, to,
                                    &gather->in[info->tower]->data, gather->out[0].chunks));
    }
    if (net->dev_count > 1 && net->options.training)
        TRY(open_norm(net));
    return 0;
}

void net_close_transfers(alx_net *net)
{
    for (int i = 0; i < net->node_count; ++i)
        for (int t = 0; t < ALX_MAX_TOWERS; ++t) {
            alx_transfer_free(net->nodes[i].forth[t]);
            alx_transfer_free(net->nodes[i].back[t]);
        }
    alx_transfer_free(net->sums_forth);
    alx_transfer_free(net->clip_back);
    alx_transfer_free(net->weights_forth);
    alx_transfer_free(net->rates_back);
}

int net_check_transfers(alx_net *net)
{
    for (int i = 0; i < net->node_count; ++i)
        for (int t = 0; t < ALX_MAX_TOWERS; ++t) {
            TRY(alx_transfer_check(net->nodes[i].forth[t]));
            TRY(alx_transfer_check(net->nodes[i].back[t]));
        }
    TRY(alx_transfer_check(net->sums_forth));
    TRY(alx_transfer_check(net->clip_back));
    TRY(alx_transfer_check(net->weights_forth));
    return alx_transfer_check(net->rates_back);
}

/* ---- of an update ---------------------------------------------------------------------------- */

/* The other device's partial sums come to device 0. A slot of the one vector is zero where the
 * other has the sum, so adding changes no bit. */
int net_add_sums(alx_net *net, const alx_tensor *all, const alx_tensor *own, alx_transfer *forth)
{
    if (net->dev_count == 1)
        return 0;
    TRY(alx_transfer_start(forth, 0));
    TRY(alx_op_take_channels(all, &own[0], 0, false));
    TRY(alx_transfer_await(forth, 0));
    TRY(alx_op_take_channels(all, alx_transfer_arrival(forth, 0), 0, true));
    TRY(alx_transfer_release(forth, 0));
    return alx_transfer_settle(forth);
}

int net_send_back(alx_net *net, alx_transfer *back)
{
    if (net->dev_count == 1)
        return 0;
    TRY(alx_transfer_start(back, 0));
    return alx_transfer_await(back, 0);
}

int net_end_back(alx_net *net, alx_transfer *back)
{
    if (net->dev_count == 1)
        return 0;
    TRY(alx_transfer_release(back, 0));
    return alx_transfer_settle(back);
}
