/* inspect.c - outputs of the nodes, as the outside sees them. */
#include "net/layers/layers.h"

#include <math.h>
#include <stdlib.h>

#include "base/try.h"

/* A norm that the pool after it does has no output of its own. */
static bool node_writes(const net_node *node)
{
    return node->type != &net_node_absorbed || node->info->kind != ALX_NODE_LRN;
}

/* Kept = no later node of the forward pass lies in the same memory. */
bool alx_net_has_output(const alx_net *net, size_t index)
{
    const net_value *value = &net->nodes[index].out[0];
    const net_value *owner = value->data_of != NULL ? value->data_of : value;

    if (owner->last < net->node_count || !node_writes(&net->nodes[index]))
        return false;
    for (int i = (int)index + 1; i < net->node_count; ++i) {
        const net_node *later = &net->nodes[i];

        if (later->out[0].data_of == owner && node_writes(later))
            return false;
    }
    return true;
}

int alx_net_read_output(alx_net *net, size_t index, float *nchw)
{
    const net_node *node = &net->nodes[index];
    const bool copies = node->info->kind == ALX_NODE_GATHER; /* every part holds all channels */
    const bool adds = node->info->by_input;
    const int parts = copies ? 1 : node->info->parts;
    const alx_shape shape = node->out[0].shape;
    const size_t pixels = (size_t)shape.h * (size_t)shape.w, channels = (size_t)shape.c;
    const size_t all_channels = channels * (size_t)(adds ? 1 : parts);
    float *nhwc = malloc(alx_shape_count(shape) * sizeof *nhwc);
    int rc = 0;

    if (nhwc == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the output of %s", node->info->name);
    for (int part = 0; part < parts; ++part) {
        TRY_DONE(alx_tensor_read(nhwc, &node->out[part].data));
        for (size_t n = 0; n < (size_t)shape.n; ++n)
            for (size_t c = 0; c < channels; ++c) {
                const size_t channel = adds ? c : (size_t)part * channels + c;
                float *plane = nchw + (n * all_channels + channel) * pixels;

                for (size_t pixel = 0; pixel < pixels; ++pixel) {
                    const float value = nhwc[(n * pixels + pixel) * channels + c];

                    plane[pixel] = adds && part > 0 ? plane[pixel] + value : value;
                }
            }
    }
done:
    free(nhwc);
    return rc;
}

static int value_is_finite(alx_tensor *tensor, bool *finite)
{
    const size_t count = alx_shape_count(tensor->shape);
    float *data = malloc(count * sizeof *data);
    int rc = 0;

    *finite = true;
    if (data == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory to look for NaN");
    TRY_DONE(alx_tensor_read(data, tensor));
    for (size_t i = 0; i < count && *finite; ++i)
        *finite = isfinite(data[i]);
done:
    free(data);
    return rc;
}

int net_output_is_finite(alx_net *net, size_t index, bool *finite)
{
    net_node *node = &net->nodes[index];

    *finite = true;
    for (int part = 0; part < node->info->parts && *finite; ++part)
        TRY(value_is_finite(&node->out[part].data, finite));
    return 0;
}

int alx_net_find_not_finite(alx_net *net, const char **name)
{
    *name = NULL;
    for (size_t i = 0; i < (size_t)net->node_count && *name == NULL; ++i) {
        bool finite = true;

        /* where towers meet, only copies of what came before */
        if (alx_net_has_output(net, i) && net->graph->nodes[i].kind != ALX_NODE_GATHER)
            TRY(net_output_is_finite(net, i, &finite));
        if (!finite)
            *name = net->nodes[i].info->name;
    }
    return 0;
}
