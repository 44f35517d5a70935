/* order.c - which layer of a file is which layer of a network, by their order alone. */
#include "train/weights/weights.h"

static bool learns(const alx_weights_layer *layer)
{
    return layer->weight >= 0 && (layer->op == ALX_WEIGHTS_CONV || layer->op == ALX_WEIGHTS_FC);
}

/* The rank-th learned layer of the file, of one kind, or of any; NULL: it has fewer. */
static const alx_weights_layer *layer_of_rank(const alx_weights_file *file, int rank, bool any,
                                              alx_weights_op op)
{
    for (size_t i = 0; i < alx_weights_file_layer_count(file); ++i) {
        const alx_weights_layer *layer = alx_weights_file_layer(file, i);

        if (learns(layer) && (any || layer->op == op) && rank-- == 0)
            return layer;
    }
    return NULL;
}

static int learned_layers(const alx_weights_file *file)
{
    int count = 0;

    while (layer_of_rank(file, count, true, ALX_WEIGHTS_OTHER) != NULL)
        ++count;
    return count;
}

static void take(weights_file *file, size_t weight, const alx_weights_layer *layer)
{
    file->place[weight] = (weights_place){ .tensor = layer->weight,
                                           .in_out = layer->in_out,
                                           .hwc_order = layer->hwc_order };
    file->place[weight + 1] = (weights_place){ .tensor = layer->bias, .zero = layer->bias < 0 };
}

/* As many layers: one is one, even where one calls a convolution what the other calls fully
 * connected. Else the first of a kind is the first of the kind. */
void train_weights_fit_by_order(weights_file *file)
{
    const bool same = (size_t)learned_layers(file->file) * 2 == file->param_count;
    int ranks[2] = { 0, 0 };

    for (size_t i = 0; i < file->param_count; i += 2) {
        const bool fc = file->params[i].dim_count == 2;
        const int rank = same ? (int)(i / 2) : ranks[fc]++;
        const alx_weights_layer *layer = layer_of_rank(file->file, rank, same,
                                                       fc ? ALX_WEIGHTS_FC : ALX_WEIGHTS_CONV);

        if (layer != NULL)
            take(file, i, layer);
    }
}
