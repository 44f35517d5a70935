/* twins.c - a step beside the reference twins. Around every pass of a node, what it read and wrote
 * is fetched, and the twin's result from the same input set beside the device's: of one image where
 * images are on their own; in the gradient of weights of one filter of each part, over the batch.
 * What the towers exchange is left out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/ref.h"
#include "net/net.h"

const double alx_twin_limits[3] = {
    [ALX_PASS_FORWARD] = 3e-5, [ALX_PASS_GRAD_INPUT] = 5e-5, [ALX_PASS_GRAD_WEIGHT] = 1e-4,
};

/* One pass of one part, with the host memory of its comparison. */
typedef struct twin_pass {
    alx_net *net;
    alx_node *node;
    int part;
    alx_pass pass;
    const alx_step *step;
    int image;
    float *blocks[8];
    int block_count;
} twin_pass;

static twin_pass pass_of(alx_net *net, alx_node *node, int part, alx_pass pass,
                         const alx_step *step)
{
    return (twin_pass){ .net = net, .node = node, .part = part, .pass = pass, .step = step,
                        .image = (int)(net->twin_turn % (size_t)net->options.batch) };
}

static void pass_free(twin_pass *t)
{
    for (int i = 0; i < t->block_count; ++i)
        free(t->blocks[i]);
}

static int room(float **out, twin_pass *t, size_t count)
{
    *out = malloc((count > 0 ? count : 1) * sizeof **out);
    if (*out == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory to compare with the twins");
    t->blocks[t->block_count++] = *out;
    return 0;
}

static int fetch(float **out, twin_pass *t, const alx_tensor *tensor)
{
    const int rc = room(out, t, alx_shape_count(tensor->shape));

    return rc != 0 ? rc : alx_tensor_read(*out, tensor);
}

static int fetch_image(float **out, twin_pass *t, const alx_tensor *tensor)
{
    const size_t count = alx_shape_count(tensor->shape) / (size_t)tensor->shape.n;
    const int rc = room(out, t, count);

    return rc != 0 ? rc : alx_tensor_read_range(*out, tensor, (size_t)t->image * count, count);
}

/* `channels` of x's `x_channels` from `first` on. */
static int slice(float **out, twin_pass *t, const float *x, size_t pixels, int x_channels,
                 int first, int channels)
{
    const int rc = room(out, t, pixels * (size_t)channels);

    if (rc == 0)
        alx_ref_take_channels(*out, channels, x, x_channels, first, false, pixels);
    return rc;
}

static void note_named(alx_net *net, alx_pass pass, const char *where, const float *got,
                       const float *want, size_t count, double scale)
{
    const double error = alx_ref_difference(got, want, count, scale);
    alx_twin_errors *errors = net->twin_errors;

    if (error < errors->error[pass] ||
        (error == errors->error[pass] && errors->where[pass][0] != '\0'))
        return;
    errors->error[pass] = error;
    snprintf(errors->where[pass], sizeof errors->where[pass], "%s", where);
}

static void note(const twin_pass *t, const float *got, const float *want, size_t count,
                 double scale)
{
    note_named(t->net, t->pass, t->node->label[t->pass][t->part], got, want, count, scale);
}

/* ---- forward ------------------------------------------------------------------------------- */

static void twin_dropout(float *y, const twin_pass *t, const float *x)
{
    alx_dropout_params p = alx_node_dropout_params(t->net, t->node, t->part, t->step);

    p.image0 += t->image;
    alx_ref_dropout(y, x, t->node->graph->out, &p);
}

static void twin_norm(float *y, const twin_pass *t, const float *x)
{
    const alx_lrn_params p = alx_node_norm_params(t->node);

    if (t->node->graph->kind == ALX_NODE_LRN)
        alx_ref_lrn_forward(y, x, t->node->graph->out, &p);
    else
        alx_ref_spatial_norm_forward(y, x, t->node->graph->out, &p);
}

static void twin_pool(float *y, const twin_pass *t, const float *x)
{
    const alx_pool_params p = alx_node_pool_params(t->node);

    alx_ref_maxpool_forward(y, NULL, x, t->node->graph->out, t->node->graph->in, &p);
}

static int twin_product(float *y, twin_pass *t, const float *x)
{
    const alx_graph_node *graph = t->node->graph;
    const alx_param *weight = &t->net->params[graph->weight];
    const alx_conv2d_params p = alx_node_conv_params(t->node);
    float *w, *b;
    int rc = 0;

    TRY(fetch(&w, t, &weight->value[t->part]));
    TRY(fetch(&b, t, &weight[1].value[t->part]));
    if (graph->kind == ALX_NODE_CONV)
        alx_ref_conv2d_forward(y, x, w, b, graph->out, graph->in, &p);
    else
        alx_ref_fc_forward(y, x, w, b, 1, (int)alx_shape_count(graph->in), graph->out.c);
done:
    return rc;
}

static int twin_forward(float *y, twin_pass *t, const float *x)
{
    const alx_node *node = t->node;
    const alx_shape in = node->graph->in, out = node->graph->out;

    switch (node->graph->kind) {
    case ALX_NODE_CONV:
    case ALX_NODE_FC:
        return twin_product(y, t, x);
    case ALX_NODE_ACTIVATION:
        alx_ref_activation_forward(y, x, alx_shape_count(out), node->config->activation,
                                   (float)node->config->slope);
        return 0;
    case ALX_NODE_LRN:
    case ALX_NODE_SPATIAL_NORM:
        twin_norm(y, t, x);
        return 0;
    case ALX_NODE_POOL:
        twin_pool(y, t, x);
        return 0;
    case ALX_NODE_ADAPTIVE_POOL:
        alx_ref_adaptive_pool_forward(y, x, out, in);
        return 0;
    default:
        twin_dropout(y, t, x);
        return 0;
    }
}

static int compare_forward(twin_pass *t)
{
    const size_t count = alx_shape_count(t->node->graph->out);
    float *x = t->net->twin_held, *got, *want;
    int rc = 0;

    if (!t->node->type->in_place)
        TRY(fetch_image(&x, t, &t->node->in[t->part]->data));
    TRY(fetch_image(&got, t, &t->node->out[t->part].data));
    TRY(room(&want, t, count));
    TRY(twin_forward(want, t, x));
    note(t, got, want, count, 0.0);
done:
    return rc;
}

/* ---- gradient of the input ------------------------------------------------------------------- */

static int twin_product_backward(float *grad_x, twin_pass *t, const float *grad_y)
{
    const alx_graph_node *graph = t->node->graph;
    const alx_conv2d_params p = alx_node_conv_params(t->node);
    float *w;
    int rc = 0;

    TRY(fetch(&w, t, &t->net->params[graph->weight].value[t->part]));
    if (graph->kind == ALX_NODE_CONV)
        alx_ref_conv2d_grad_input(grad_x, grad_y, w, graph->out, graph->in, &p);
    else
        alx_ref_fc_grad_input(grad_x, grad_y, w, 1, (int)alx_shape_count(graph->in),
                              graph->out.c);
done:
    return rc;
}

static int twin_pool_backward(float *grad_x, twin_pass *t, const float *grad_y)
{
    const alx_graph_node *graph = t->node->graph;
    const alx_pool_params p = alx_node_pool_params(t->node);
    float *index = NULL, *x = NULL, *y = NULL;
    int rc = 0;

    if (p.all_ties) {
        TRY(fetch_image(&x, t, &t->node->in[t->part]->data));
        TRY(fetch_image(&y, t, &t->node->out[t->part].data));
    } else {
        TRY(fetch_image(&index, t, &t->node->saved[t->part]));
    }
    alx_ref_maxpool_backward(grad_x, grad_y, (const int32_t *)index, x, y, graph->out, graph->in,
                             &p);
done:
    return rc;
}

static int twin_activation_backward(float *grad_x, twin_pass *t, const float *grad_y)
{
    const alx_layer_config *config = t->node->config;
    float *y;
    int rc = 0;

    TRY(fetch_image(&y, t, &t->node->out[t->part].data));
    alx_ref_activation_backward(grad_x, grad_y, y, alx_shape_count(t->node->graph->out),
                                config->activation, (float)config->slope);
done:
    return rc;
}

static int twin_norm_backward(float *grad_x, twin_pass *t, const float *grad_y)
{
    const alx_lrn_params p = alx_node_norm_params(t->node);
    float *x;
    int rc = 0;

    TRY(fetch_image(&x, t, &t->node->in[t->part]->data));
    if (t->node->graph->kind == ALX_NODE_LRN)
        alx_ref_lrn_backward(grad_x, grad_y, x, t->node->graph->in, &p);
    else
        alx_ref_spatial_norm_backward(grad_x, grad_y, x, t->node->graph->in, &p);
done:
    return rc;
}

static int twin_backward(float *grad_x, twin_pass *t, const float *grad_y)
{
    const alx_graph_node *graph = t->node->graph;

    switch (graph->kind) {
    case ALX_NODE_CONV:
    case ALX_NODE_FC:
        return twin_product_backward(grad_x, t, grad_y);
    case ALX_NODE_ACTIVATION:
        return twin_activation_backward(grad_x, t, grad_y);
    case ALX_NODE_LRN:
    case ALX_NODE_SPATIAL_NORM:
        return twin_norm_backward(grad_x, t, grad_y);
    case ALX_NODE_POOL:
        return twin_pool_backward(grad_x, t, grad_y);
    case ALX_NODE_ADAPTIVE_POOL:
        alx_ref_adaptive_pool_backward(grad_x, grad_y, graph->out, graph->in);
        return 0;
    default:
        twin_dropout(grad_x, t, grad_y);
        return 0;
    }
}

static int compare_backward(twin_pass *t)
{
    const size_t count = alx_shape_count(t->node->graph->in);
    float *got, *want;
    int rc = 0;

    TRY(fetch_image(&got, t, &t->node->in[t->part]->grad));
    TRY(room(&want, t, count));
    TRY(twin_backward(want, t, t->net->twin_held));
    note(t, got, want, count, 0.0);
done:
    return rc;
}

/* ---- gradient of the weights ----------------------------------------------------------------- */

static double largest(const float *values, size_t count)
{
    double most = 0.0;

    for (size_t i = 0; i < count; ++i) {
        const double size = values[i] < 0.0f ? -(double)values[i] : (double)values[i];

        most = size > most ? size : most;
    }
    return most;
}

/* Of filter o alone: (R,S,C/groups,1). */
static int conv_filter(twin_pass *t, const float *grad_w, const float *x, const float *grad_y,
                       int o)
{
    alx_conv2d_params p = alx_node_conv_params(t->node);
    alx_shape in = t->node->in[t->part]->shape, out = t->node->out[t->part].shape;
    const int channels = in.c / p.groups, first = o / (out.c / p.groups) * channels;
    const size_t weights = (size_t)(p.kernel * p.kernel * channels);
    const size_t in_pixels = alx_shape_count(in) / (size_t)in.c;
    const size_t out_pixels = alx_shape_count(out) / (size_t)out.c;
    float *x1, *grad_y1, *got, *want;
    int rc = 0;

    TRY(slice(&x1, t, x, in_pixels, in.c, first, channels));
    TRY(slice(&grad_y1, t, grad_y, out_pixels, out.c, o, 1));
    TRY(slice(&got, t, grad_w, weights, out.c, o, 1));
    TRY(room(&want, t, weights));
    const double scale = largest(grad_w, weights * (size_t)out.c);

    p.groups = 1;
    in.c = channels;
    out.c = 1;
    alx_ref_conv2d_grad_weight(want, x1, grad_y1, out, in, &p);
    note(t, got, want, weights, scale);
done:
    return rc;
}

static int fc_unit(twin_pass *t, const float *grad_w, const float *x, const float *grad_y, int o)
{
    const int batch = t->net->options.batch, units = t->node->graph->out.c;
    const size_t in = alx_shape_count(t->node->graph->in);
    float *grad_y1, *want;
    int rc = 0;

    TRY(slice(&grad_y1, t, grad_y, (size_t)batch, units, o, 1));
    TRY(room(&want, t, in));
    alx_ref_fc_grad_weight(want, x, grad_y1, batch, (int)in, 1);
    note(t, grad_w + (size_t)o * in, want, in, largest(grad_w, in * (size_t)units));
done:
    return rc;
}

static int compare_bias(twin_pass *t, const float *grad_y)
{
    const alx_param *bias = &t->net->params[t->node->graph->weight + 1];
    const alx_shape out = t->node->out[t->part].shape;
    float *got, *want;
    int rc = 0;

    TRY(fetch(&got, t, &bias->grad[t->part]));
    TRY(room(&want, t, (size_t)out.c));
    alx_ref_grad_bias(want, grad_y, alx_shape_count(out) / (size_t)out.c, out.c);
    note(t, got, want, (size_t)out.c, 0.0);
done:
    return rc;
}

static int compare_weights(twin_pass *t)
{
    const int o = (int)(t->net->twin_turn % (size_t)t->node->graph->out.c);
    float *x, *grad_y, *grad_w;
    int rc = 0;

    TRY(fetch(&x, t, &t->node->in[t->part]->data));
    TRY(fetch(&grad_y, t, &t->node->out[t->part].grad));
    TRY(fetch(&grad_w, t, &t->net->params[t->node->graph->weight].grad[t->part]));
    if (t->node->graph->kind == ALX_NODE_CONV)
        TRY(conv_filter(t, grad_w, x, grad_y, o));
    else
        TRY(fc_unit(t, grad_w, x, grad_y, o));
    pass_free(t);
    t->block_count = 0;
    TRY(fetch(&grad_y, t, &t->node->out[t->part].grad));
    TRY(compare_bias(t, grad_y));
done:
    return rc;
}

/* ---- what the step calls --------------------------------------------------------------------- */

void alx_net_compare_twins(alx_net *net, alx_twin_errors *errors, size_t turn)
{
    net->twin_errors = errors;
    net->twin_turn = turn;
    free(net->twin_held);
    net->twin_held = NULL;
}

static bool pass_counts(const alx_net *net, const alx_node *node)
{
    return net->twin_errors != NULL && node->graph->kind != ALX_NODE_GATHER &&
           !alx_device_collecting(net->devs[0]);
}

int alx_twins_before(alx_net *net, alx_node *node, int part, alx_pass pass)
{
    const bool forward = pass == ALX_PASS_FORWARD;
    twin_pass t = pass_of(net, node, part, pass, NULL);
    int rc = 0;

    if (!pass_counts(net, node) || (forward && !node->type->in_place))
        return 0;
    free(net->twin_held);
    net->twin_held = NULL;
    TRY(fetch_image(&net->twin_held, &t,
                    forward ? &node->in[part]->data : &node->out[part].grad));
done:
    return rc;
}

int alx_twins_after(alx_net *net, alx_node *node, int part, alx_pass pass, const alx_step *step)
{
    twin_pass t = pass_of(net, node, part, pass, step);
    int rc = 0;

    if (!pass_counts(net, node))
        return 0;
    rc = pass == ALX_PASS_FORWARD      ? compare_forward(&t)
         : pass == ALX_PASS_GRAD_INPUT ? compare_backward(&t)
                                       : compare_weights(&t);
    pass_free(&t);
    return rc;
}

int alx_twins_loss(alx_net *net, alx_pass pass, const alx_step *step)
{
    const bool forward = pass == ALX_PASS_FORWARD;
    const alx_value *logits = alx_net_output(net);
    const int rows = logits->shape.n, classes = logits->shape.c;
    const size_t count = alx_shape_count(logits->shape);
    twin_pass t = { .net = net };
    float *x, *labels, *got, *want, *loss, *rank;
    int rc = 0;

    if (net->twin_errors == NULL || alx_device_collecting(net->devs[0]))
        return 0;
    TRY(fetch(&x, &t, &logits->data));
    TRY(fetch(&labels, &t, &net->labels));
    TRY(room(&want, &t, count));
    TRY(room(&loss, &t, (size_t)rows));
    TRY(room(&rank, &t, (size_t)rows));
    alx_ref_softmax_loss(want, loss, (int32_t *)rank, x, (const int32_t *)labels, rows, classes);
    TRY(fetch(&got, &t, forward ? &net->prob : &logits->grad));
    if (!forward) {
        memcpy(x, want, count * sizeof *x);
        alx_ref_softmax_loss_backward(want, x, (const int32_t *)labels, rows, classes,
                                      (float)(1.0 / step->images));
    }
    note_named(net, pass, "loss", got, want, count, 0.0);
done:
    pass_free(&t);
    return rc;
}
