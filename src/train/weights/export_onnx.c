/* export_onnx.c - a network as an ONNX graph: what it computes when it does not train, from pixels
 * (N,C,H,W), preprocessed or as they are, to logits. Towers are groups of one network. Numbers of
 * two bytes are cast to float32 before they are used. */
#include <stdio.h>
#include <stdlib.h>

#include "alexnet/dev/io.h"
#include "base/name_write.h"
#include "base/try.h"
#include "train/weights/set.h"

typedef struct onnx_export {
    const weights_set *set;
    const alx_net_config *net;
    alx_onnx_writer *writer;
    char last[ALX_NAME_BYTES]; /* what the next node reads */
    alx_shape shape;           /* of it, all towers */
    bool flat;
    alx_dtype dtype;
    float mean[3], factor[3]; /* of preprocessing: (pixel - mean) * factor */
} onnx_export;

static int refuse(const onnx_export *e, const alx_layer_info *node, const char *why)
{
    return alx_fail(ALX_E_USAGE, "layer %s: %s: %s cannot be an ONNX file", node->name, why,
                    e->set->checkpoint.config.name);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static void begin(onnx_export *e, const char *op, const char *name)
{
    alx_onnx_node(e->writer, op, name);
    alx_onnx_node_input(e->writer, e->last);
}

static void end(onnx_export *e, const alx_layer_info *node)
{
    alx_onnx_node_end(e->writer);
    snprintf(e->last, sizeof e->last, "%s", node->name);
    e->shape = node->whole;
}

/* What nodes call a parameter. */
static void parameter_name(char out[ALX_NAME_BYTES + 24], const onnx_export *e, size_t param)
{
    snprintf(out, ALX_NAME_BYTES + 24, "%s%s", e->set->params[param].name,
             e->dtype != ALX_F32 ? ".f32" : "");
}

/* Before the node that takes them. */
static int add_parameters(onnx_export *e, const alx_layer_info *node)
{
    const size_t weight = (size_t)node->weight;
    char cast[ALX_NAME_BYTES + 24];

    for (size_t i = weight; i <= weight + 1; ++i) {
        const alx_param_info *p = &e->set->params[i];

        TRY(alx_onnx_tensor(e->writer, p->name, e->dtype, p->dims, p->dim_count,
                            e->set->numbers[i]));
        if (e->dtype == ALX_F32)
            continue;
        parameter_name(cast, e, i);
        alx_onnx_node(e->writer, "Cast", cast);
        alx_onnx_node_input(e->writer, p->name);
        alx_onnx_node_int(e->writer, "to", 1); /* float32 */
        alx_onnx_node_end(e->writer);
    }
    return 0;
}

static void take_parameters(onnx_export *e, const alx_layer_info *node)
{
    const size_t weight = (size_t)node->weight;
    char name[ALX_NAME_BYTES + 24];

    for (size_t i = weight; i <= weight + 1; ++i) {
        parameter_name(name, e, i);
        alx_onnx_node_input(e->writer, name);
    }
}

static void square(onnx_export *e, int kernel, int stride)
{
    alx_onnx_node_ints(e->writer, "kernel_shape", (int[]){ kernel, kernel }, 2);
    alx_onnx_node_ints(e->writer, "strides", (int[]){ stride, stride }, 2);
}

/* Rounding up reads pixels below and to the right, which are zero. */
static int missing(int in, int out, const alx_layer_config *layer)
{
    const int more = (out - 1) * layer->stride + layer->kernel - in - 2 * layer->pad;

    return more > 0 ? more : 0;
}

static int add_conv(onnx_export *e, const alx_layer_info *node, const alx_layer_config *layer)
{
    const alx_param_info *weight = &e->set->params[node->weight];
    const int pads[] = { layer->pad, layer->pad,
                         layer->pad + missing(e->shape.h, node->whole.h, layer),
                         layer->pad + missing(e->shape.w, node->whole.w, layer) };

    TRY(add_parameters(e, node));
    begin(e, "Conv", node->name);
    take_parameters(e, node);
    square(e, layer->kernel, layer->stride);
    alx_onnx_node_ints(e->writer, "pads", pads, 4);
    alx_onnx_node_int(e->writer, "group", e->shape.c / weight->dims[1]);
    end(e, node);
    return 0;
}

static int add_fc(onnx_export *e, const alx_layer_info *node)
{
    const alx_param_info *weight = &e->set->params[node->weight];

    if (weight->dims[1] != e->shape.c * e->shape.h * e->shape.w)
        return refuse(e, node, "each tower sees its own inputs only");
    if (!e->flat) {
        begin(e, "Flatten", "flat");
        alx_onnx_node_int(e->writer, "axis", 1);
        alx_onnx_node_end(e->writer);
        snprintf(e->last, sizeof e->last, "flat");
        e->flat = true;
    }
    TRY(add_parameters(e, node));
    begin(e, "Gemm", node->name);
    take_parameters(e, node);
    alx_onnx_node_int(e->writer, "transB", 1);
    end(e, node);
    return 0;
}

static void add_activation(onnx_export *e, const alx_layer_info *node,
                           const alx_layer_config *layer)
{
    static const char *const ops[] = { "Identity", "Relu", "Tanh", "Sigmoid", "LeakyRelu" };

    begin(e, ops[layer->activation], node->name);
    if (layer->activation == ALX_ACT_LEAKY)
        alx_onnx_node_float(e->writer, "alpha", layer->slope);
    end(e, node);
}

static void lrn(onnx_export *e, const alx_lrn_config *p)
{
    alx_onnx_node_int(e->writer, "size", p->size);
    alx_onnx_node_float(e->writer, "alpha", p->alpha_over_n ? p->alpha : p->alpha * p->size);
    alx_onnx_node_float(e->writer, "beta", p->beta);
    alx_onnx_node_float(e->writer, "bias", p->k);
}

/* The window stays in its tower. */
static void add_lrn_of_towers(onnx_export *e, const alx_layer_info *node, const alx_lrn_config *p)
{
    char part[2][ALX_NAME_BYTES + 8], normed[2][ALX_NAME_BYTES + 8];

    for (int t = 0; t < 2; ++t) {
        snprintf(part[t], sizeof part[t], "%s.in%d", node->name, t);
        snprintf(normed[t], sizeof normed[t], "%s.out%d", node->name, t);
    }
    begin(e, "Split", part[0]);
    alx_onnx_node_output(e->writer, part[1]);
    alx_onnx_node_int(e->writer, "axis", 1);
    alx_onnx_node_end(e->writer);
    for (int t = 0; t < 2; ++t) {
        alx_onnx_node(e->writer, "LRN", normed[t]);
        alx_onnx_node_input(e->writer, part[t]);
        lrn(e, p);
        alx_onnx_node_end(e->writer);
    }
    alx_onnx_node(e->writer, "Concat", node->name);
    alx_onnx_node_input(e->writer, normed[0]);
    alx_onnx_node_input(e->writer, normed[1]);
    alx_onnx_node_int(e->writer, "axis", 1);
    end(e, node);
}

static void add_lrn(onnx_export *e, const alx_layer_info *node, const alx_layer_config *layer)
{
    if (node->parts * node->ranges > 1) {
        add_lrn_of_towers(e, node, &layer->lrn);
        return;
    }
    begin(e, "LRN", node->name);
    lrn(e, &layer->lrn);
    end(e, node);
}

static void add_pool(onnx_export *e, const alx_layer_info *node, const alx_layer_config *layer)
{
    begin(e, "MaxPool", node->name);
    square(e, layer->pool.kernel, layer->pool.stride);
    if (layer->pool.ceil)
        alx_onnx_node_int(e->writer, "ceil_mode", 1);
    end(e, node);
}

static int add_adaptive(onnx_export *e, const alx_layer_info *node)
{
    const int in = e->shape.h, out = node->whole.h;

    if (e->shape.w != in || in % out != 0)
        return refuse(e, node, "adaptive pooling with windows of several sizes");
    if (in == out) /* windows of one pixel */
        return 0;
    begin(e, "AveragePool", node->name);
    square(e, in / out, in / out);
    end(e, node);
    return 0;
}

static int add_node(onnx_export *e, const alx_layer_info *node)
{
    const alx_layer_config *layer = &e->net->layers[node->layer];

    switch (node->kind) {
    case ALX_NODE_CONV:
        return add_conv(e, node, layer);
    case ALX_NODE_FC:
        return add_fc(e, node);
    case ALX_NODE_ACTIVATION:
        add_activation(e, node, layer);
        return 0;
    case ALX_NODE_LRN:
        add_lrn(e, node, layer);
        return 0;
    case ALX_NODE_POOL:
        add_pool(e, node, layer);
        return 0;
    case ALX_NODE_ADAPTIVE_POOL:
        return add_adaptive(e, node);
    case ALX_NODE_SPATIAL_NORM:
        return refuse(e, node, "normalisation over pixels");
    default: /* dropout; where towers meet or add up */
        return 0;
    }
}

/* ---- preprocessing --------------------------------------------------------------------------- */

/* As src/train/feeder.c does it: (pixel * unit - mean) / std. */
static void set_factors(onnx_export *e)
{
    const alx_data_config *data = &e->set->checkpoint.config.data;
    const double unit = data->unit_scale ? 1.0 / 255.0 : 1.0;

    for (int c = 0; c < 3; ++c) {
        e->mean[c] = data->mean != ALX_MEAN_NONE ? (float)(data->mean_value[c] / unit) : 0.0f;
        e->factor[c] = (float)(data->use_std ? unit / data->std_value[c] : unit);
    }
}

static int add_step(onnx_export *e, const char *op, const char *name, const char *numbers_name,
                    const float *numbers)
{
    TRY(alx_onnx_tensor(e->writer, numbers_name, ALX_F32, (int[]){ 1, 3, 1, 1 }, 4, numbers));
    begin(e, op, name);
    alx_onnx_node_input(e->writer, numbers_name);
    alx_onnx_node_end(e->writer);
    snprintf(e->last, sizeof e->last, "%s", name);
    return 0;
}

static int add_preprocessing(onnx_export *e)
{
    if (e->net->channels != 3)
        return alx_fail(ALX_E_USAGE, "%s: --with-preprocessing is of images of three colours",
                        e->set->checkpoint.config.name);
    set_factors(e);
    TRY(add_step(e, "Sub", "less_mean", "mean", e->mean));
    return add_step(e, "Mul", "pixels", "factor", e->factor);
}

/* ---- the graph ------------------------------------------------------------------------------- */

static int add_all(onnx_export *e, bool preprocessing)
{
    size_t count = 0;
    const alx_layer_info *nodes = alx_graph_layers(e->set->graph, &count);
    char *config = NULL, name[512];

    alx_onnx_input(e->writer, "input", (int[]){ e->net->channels, e->net->height, e->net->width },
                   3);
    if (preprocessing)
        TRY(add_preprocessing(e));
    for (size_t i = 0; i < count; ++i)
        TRY(add_node(e, &nodes[i]));
    alx_onnx_output(e->writer, e->last, &e->net->classes, 1);
    TRY(alx_config_write(&config, &e->set->checkpoint.config));
    alx_onnx_metadata(e->writer, TRAIN_WEIGHTS_CONFIG, config);
    base_name_write(name, sizeof name, e->set->checkpoint.config.name, BASE_NAME_DATA);
    alx_onnx_metadata(e->writer, TRAIN_WEIGHTS_NAME, name);
    free(config);
    return 0;
}

int train_weights_write_onnx(const weights_set *set, const char *path, alx_dtype dtype,
                             bool preprocessing)
{
    const alx_net_config *net = &set->checkpoint.config.net;
    onnx_export e = { .set = set,
                      .net = net,
                      .dtype = dtype,
                      .last = "input",
                      .shape = { 1, net->height, net->width, net->channels } };
    int rc = 0;

    TRY_DONE(alx_onnx_writer_create(&e.writer));
    TRY_DONE(add_all(&e, preprocessing));
    TRY_DONE(alx_onnx_write(e.writer, path));
done:
    alx_onnx_writer_free(e.writer);
    return rc;
}
