/* export_caffe.c - a network as Caffe's: its first layer sees blue, green, red of 0 to 255. Towers
 * are groups of one network. */
#include <stdio.h>

#include "alexnet/dev/io.h"
#include "alexnet/log.h"
#include "base/try.h"
#include "train/weights/set.h"

enum { TRANSFORM_PARAM = 100 };
enum { CONV_PARAM = 106, DROPOUT_PARAM = 108, FC_PARAM = 117, LRN_PARAM = 118, POOL_PARAM = 121 };
enum { RELU_PARAM = 123 };

typedef struct caffe_export {
    const weights_set *set;
    const alx_net_config *net;
    alx_caffe_writer *writer;
    char last[ALX_NAME_BYTES]; /* what the next layer reads */
    alx_shape shape;           /* of it, all towers */
} caffe_export;

static int refuse(const caffe_export *e, const alx_layer_info *node, const char *why)
{
    return alx_fail(ALX_E_USAGE, "layer %s: %s: %s cannot be a .caffemodel", node->name, why,
                    e->set->checkpoint.config.name);
}

static void begin(caffe_export *e, const alx_layer_info *node, const char *type)
{
    alx_caffe_layer(e->writer, node->name, type);
    alx_caffe_bottom(e->writer, e->last);
    alx_caffe_top(e->writer, node->name);
}

static int end(caffe_export *e, const alx_layer_info *node)
{
    snprintf(e->last, sizeof e->last, "%s", node->name);
    e->shape = node->whole;
    return alx_caffe_layer_end(e->writer);
}

static void add_parameters(caffe_export *e, const alx_layer_info *node)
{
    for (int i = node->weight; i <= node->weight + 1; ++i)
        alx_caffe_blob(e->writer, e->set->params[i].dims, e->set->params[i].dim_count,
                       e->set->numbers[i]);
}

static int add_conv(caffe_export *e, const alx_layer_info *node, const alx_layer_config *layer)
{
    const int side = (e->shape.h + 2 * layer->pad - layer->kernel) / layer->stride + 1;

    if (side != node->whole.h)
        return refuse(e, node, "its size rounds up");
    begin(e, node, "Convolution");
    add_parameters(e, node);
    alx_caffe_params(e->writer, CONV_PARAM, "convolution_param");
    alx_caffe_int(e->writer, 1, "num_output", layer->outputs);
    alx_caffe_int(e->writer, 3, "pad", layer->pad);
    alx_caffe_int(e->writer, 4, "kernel_size", layer->kernel);
    alx_caffe_int(e->writer, 5, "group", e->shape.c / e->set->params[node->weight].dims[1]);
    alx_caffe_int(e->writer, 6, "stride", layer->stride);
    return end(e, node);
}

static int add_fc(caffe_export *e, const alx_layer_info *node, const alx_layer_config *layer)
{
    if (e->set->params[node->weight].dims[1] != e->shape.c * e->shape.h * e->shape.w)
        return refuse(e, node, "each tower sees its own inputs only");
    begin(e, node, "InnerProduct");
    add_parameters(e, node);
    alx_caffe_params(e->writer, FC_PARAM, "inner_product_param");
    alx_caffe_int(e->writer, 1, "num_output", layer->outputs);
    return end(e, node);
}

static int add_activation(caffe_export *e, const alx_layer_info *node,
                          const alx_layer_config *layer)
{
    static const char *const types[] = { NULL, "ReLU", "TanH", "Sigmoid", "ReLU" };

    if (types[layer->activation] == NULL)
        return 0;
    begin(e, node, types[layer->activation]);
    if (layer->activation == ALX_ACT_LEAKY) {
        alx_caffe_params(e->writer, RELU_PARAM, "relu_param");
        alx_caffe_float(e->writer, 1, "negative_slope", layer->slope);
    }
    return end(e, node);
}

static void lrn_params(caffe_export *e, const alx_lrn_config *p)
{
    alx_caffe_params(e->writer, LRN_PARAM, "lrn_param");
    alx_caffe_int(e->writer, 1, "local_size", p->size);
    alx_caffe_float(e->writer, 2, "alpha", p->alpha_over_n ? p->alpha : p->alpha * p->size);
    alx_caffe_float(e->writer, 3, "beta", p->beta);
    alx_caffe_float(e->writer, 5, "k", p->k);
}

/* The window stays in its tower: Slice and Concat divide channels equally where nothing is said. */
static int add_lrn_of_towers(caffe_export *e, const alx_layer_info *node, const alx_lrn_config *p)
{
    char part[2][ALX_NAME_BYTES + 8], normed[2][ALX_NAME_BYTES + 8];

    for (int t = 0; t < 2; ++t) {
        snprintf(part[t], sizeof part[t], "%s_in%d", node->name, t);
        snprintf(normed[t], sizeof normed[t], "%s_out%d", node->name, t);
    }
    alx_caffe_layer(e->writer, part[0], "Slice");
    alx_caffe_bottom(e->writer, e->last);
    alx_caffe_top(e->writer, part[0]);
    alx_caffe_top(e->writer, part[1]);
    TRY(alx_caffe_layer_end(e->writer));
    for (int t = 0; t < 2; ++t) {
        alx_caffe_layer(e->writer, normed[t], "LRN");
        alx_caffe_bottom(e->writer, part[t]);
        alx_caffe_top(e->writer, normed[t]);
        lrn_params(e, p);
        TRY(alx_caffe_layer_end(e->writer));
    }
    alx_caffe_layer(e->writer, node->name, "Concat");
    alx_caffe_bottom(e->writer, normed[0]);
    alx_caffe_bottom(e->writer, normed[1]);
    alx_caffe_top(e->writer, node->name);
    return end(e, node);
}

static int add_lrn(caffe_export *e, const alx_layer_info *node, const alx_lrn_config *p)
{
    if (node->parts * node->ranges > 1)
        return add_lrn_of_towers(e, node, p);
    begin(e, node, "LRN");
    lrn_params(e, p);
    return end(e, node);
}

/* Caffe's pools round up. */
static int add_pool(caffe_export *e, const alx_layer_info *node, const alx_pool_config *pool)
{
    const int side = (e->shape.h - pool->kernel + pool->stride - 1) / pool->stride + 1;

    if (side != node->whole.h)
        return refuse(e, node, "its size rounds down");
    begin(e, node, "Pooling");
    alx_caffe_params(e->writer, POOL_PARAM, "pooling_param");
    alx_caffe_int(e->writer, 2, "kernel_size", pool->kernel);
    alx_caffe_int(e->writer, 3, "stride", pool->stride);
    return end(e, node);
}

static int add_dropout(caffe_export *e, const alx_layer_info *node, const alx_layer_config *layer)
{
    begin(e, node, "Dropout");
    alx_caffe_params(e->writer, DROPOUT_PARAM, "dropout_param");
    alx_caffe_float(e->writer, 1, "dropout_ratio", layer->dropout);
    return end(e, node);
}

static int add_node(caffe_export *e, const alx_layer_info *node)
{
    const alx_layer_config *layer = &e->net->layers[node->layer];

    switch (node->kind) {
    case ALX_NODE_CONV:
        return add_conv(e, node, layer);
    case ALX_NODE_FC:
        return add_fc(e, node, layer);
    case ALX_NODE_ACTIVATION:
        return add_activation(e, node, layer);
    case ALX_NODE_LRN:
        return add_lrn(e, node, &layer->lrn);
    case ALX_NODE_POOL:
        return add_pool(e, node, &layer->pool);
    case ALX_NODE_DROPOUT:
        return add_dropout(e, node, layer);
    case ALX_NODE_ADAPTIVE_POOL:
        return e->shape.h == node->whole.h ? 0 : refuse(e, node, "adaptive pooling");
    case ALX_NODE_SPATIAL_NORM:
        return refuse(e, node, "normalisation over pixels");
    default: /* where towers meet or add up */
        return 0;
    }
}

/* Caffe has one factor for all colours. */
static bool one_factor(const alx_data_config *data)
{
    const double *std = data->std_value;

    return !data->use_std || (std[0] == std[1] && std[0] == std[2]);
}

/* As src/train/feeder.c does it, (pixel * unit - mean) / std, in Caffe's words and order. */
static void add_transform(caffe_export *e)
{
    const alx_data_config *data = &e->set->checkpoint.config.data;
    const double unit = data->unit_scale ? 1.0 / 255.0 : 1.0;

    if (e->net->channels != 3)
        return;
    alx_caffe_params(e->writer, TRANSFORM_PARAM, "transform_param");
    alx_caffe_float(e->writer, 1, "scale", data->use_std ? unit / data->std_value[0] : unit);
    for (int c = 2; c >= 0; --c)
        alx_caffe_float(e->writer, 5, "mean_value",
                        data->mean != ALX_MEAN_NONE ? data->mean_value[c] / unit : 0.0);
}

static int add_all(caffe_export *e)
{
    size_t count = 0;
    const alx_layer_info *nodes = alx_graph_layers(e->set->graph, &count);

    alx_caffe_input(e->writer, e->last,
                    (int[]){ 1, e->net->channels, e->net->height, e->net->width }, 4);
    add_transform(e);
    TRY(alx_caffe_layer_end(e->writer));
    for (size_t i = 0; i < count; ++i)
        TRY(add_node(e, &nodes[i]));
    alx_caffe_layer(e->writer, "prob", "Softmax");
    alx_caffe_bottom(e->writer, e->last);
    alx_caffe_top(e->writer, "prob");
    return alx_caffe_layer_end(e->writer);
}

int train_weights_write_caffe(const weights_set *set, const char *path)
{
    const alx_net_config *net = &set->checkpoint.config.net;
    caffe_export e = { .set = set,
                       .net = net,
                       .last = "data",
                       .shape = { 1, net->height, net->width, net->channels } };
    int rc = 0;

    TRY_DONE(alx_caffe_writer_open(&e.writer, path, set->checkpoint.config.name));
    TRY_DONE(add_all(&e));
    TRY_DONE(alx_caffe_commit(e.writer));
    if (!one_factor(&set->checkpoint.config.data))
        alx_warn("%s: Caffe multiplies all colours by one number, the network was trained with one "
                 "for each: its answers will be off",
                 path);
done:
    alx_caffe_writer_free(e.writer);
    return rc;
}
