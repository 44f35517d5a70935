/* names.c - what other programs call a parameter. */
#include <stdio.h>

#include "train/weights/set.h"

/* Modules of nn.Sequential before a layer's own: of convolutions in `features`, the others in
 * `classifier`. Adaptive pooling stands between the two. */
static int modules_before(const alx_net_config *net, int layer)
{
    int count = 0;

    for (int i = 0; i <= layer; ++i) {
        const alx_layer_config *l = &net->layers[i];
        const bool drops = l->dropout > 0.0;

        if (l->kind != net->layers[layer].kind)
            continue;
        count += drops && net->dropout_input;
        if (i == layer)
            break;
        for (int k = 0; k < l->order_count; ++k)
            count += l->order[k] != ALX_NODE_ADAPTIVE_POOL;
        count += 1 + (drops && !net->dropout_input);
    }
    return count;
}

static void torch_name(char out[WEIGHTS_NAME_BYTES], const weights_set *set, size_t param)
{
    const alx_net_config *net = &set->checkpoint.config.net;
    const int layer = set->params[param].layer;
    const bool conv = net->layers[layer].kind == ALX_LAYER_CONV;

    snprintf(out, WEIGHTS_NAME_BYTES, "%s.%d.%s", conv ? "features" : "classifier",
             modules_before(net, layer), set->params[param].bias ? "bias" : "weight");
}

void train_weights_name(char out[WEIGHTS_NAME_BYTES], const weights_set *set, size_t param,
                        weights_naming naming)
{
    const alx_param_info *p = &set->params[param];

    if (naming == WEIGHTS_TORCHVISION)
        torch_name(out, set, param);
    else if (naming == WEIGHTS_CAFFE)
        snprintf(out, WEIGHTS_NAME_BYTES, "%s/%d", set->checkpoint.config.net.layers[p->layer].name,
                 p->bias ? 1 : 0);
    else
        snprintf(out, WEIGHTS_NAME_BYTES, "%s", p->name);
}
