/* twins.c - a step beside the reference twins. Around every pass of a node, what it read and wrote
 * is fetched, and the twin's result from the same input set beside the device's: of one image where
 * images are on their own; in the gradient of weights of one filter of each part, over the batch.
 * Where the towers meet is left out. */
#include "net/twins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

const double alx_twin_limits[3] = {
    [ALX_PASS_FORWARD] = 3e-5,
    [ALX_PASS_GRAD_INPUT] = 5e-5,
    [ALX_PASS_GRAD_WEIGHT] = 1e-4,
};

static twin_pass pass_of(const net_pass_context *at)
{
    return (twin_pass){ .at = at,
                        .net = at->net,
                        .node = at->node,
                        .part = at->part,
                        .pass = at->pass,
                        .image = (int)(at->net->twin_turn % (size_t)at->net->options.batch) };
}

void net_twin_free(twin_pass *t)
{
    for (int i = 0; i < t->block_count; ++i)
        free(t->blocks[i]);
}

int net_twin_room(float **out, twin_pass *t, size_t count)
{
    *out = malloc((count > 0 ? count : 1) * sizeof **out);
    if (*out == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory to compare with the twins");
    t->blocks[t->block_count++] = *out;
    return 0;
}

int net_twin_fetch(float **out, twin_pass *t, const alx_tensor *tensor)
{
    const int rc = net_twin_room(out, t, alx_shape_count(tensor->shape));

    return rc != 0 ? rc : alx_tensor_read(*out, tensor);
}

int net_twin_fetch_image(float **out, twin_pass *t, const alx_tensor *tensor)
{
    const size_t count = alx_shape_count(tensor->shape) / (size_t)tensor->shape.n;
    const int rc = net_twin_room(out, t, count);

    return rc != 0 ? rc : alx_tensor_read_range(*out, tensor, (size_t)t->image * count, count);
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

void net_twin_note(const twin_pass *t, const float *got, const float *want, size_t count,
                   double scale)
{
    note_named(t->net, t->pass, t->node->label[t->pass][t->part], got, want, count, scale);
}

/* ---- forward ------------------------------------------------------------------------------- */

static void twin_dropout(float *y, const twin_pass *t, const float *x)
{
    alx_dropout_params p = net_node_dropout_params(t->at);

    p.image0 += t->image;
    alx_ref_dropout(y, x, t->node->info->out, &p);
}

static void twin_norm(float *y, const twin_pass *t, const float *x)
{
    const alx_lrn_params p = net_node_norm_params(t->node);

    if (t->node->info->kind == ALX_NODE_LRN)
        alx_ref_lrn_forward(y, x, t->node->info->out, &p);
    else
        alx_ref_spatial_norm_forward(y, x, t->node->info->out, &p);
}

/* What the pool of a node reads of x: x, or where it does the norm's work, x normalised. */
static int pool_input(const float **out, twin_pass *t, const float *x)
{
    const net_node *node = t->node;
    float *normed;

    *out = x;
    if (node->norm == NULL)
        return 0;
    const alx_lrn_params p = net_node_norm_params(node->norm);

    TRY(net_twin_room(&normed, t, alx_shape_count(node->info->in)));
    alx_ref_lrn_forward(normed, x, node->info->in, &p);
    *out = normed;
    return 0;
}

static int twin_pool(float *y, twin_pass *t, const float *x)
{
    const alx_pool_params p = net_pool_params(t->node->config);

    TRY(pool_input(&x, t, x));
    alx_ref_maxpool_forward(y, NULL, x, t->node->info->out, t->node->info->in, &p);
    return 0;
}

static int twin_product(float *y, twin_pass *t, const float *x)
{
    const alx_layer_info *info = t->node->info;
    const net_param *weight = &t->net->params[info->weight], *bias = weight + 1;
    const alx_conv2d_params p = net_node_conv_params(t->node);
    float *w, *b = NULL;

    TRY(net_twin_fetch(&w, t, &weight->value[t->part]));
    if (t->part < bias->parts)
        TRY(net_twin_fetch(&b, t, &bias->value[t->part]));
    if (info->kind == ALX_NODE_CONV)
        alx_ref_conv2d_forward(y, x, w, b, info->out, info->in, &p);
    else
        alx_ref_fc_forward(y, x, w, b, 1, (int)alx_shape_count(info->in), info->out.c);
    if (t->node->relu)
        alx_ref_activation_forward(y, y, alx_shape_count(info->out), ALX_ACT_RELU, 0.0f);
    return 0;
}

static int twin_forward(float *y, twin_pass *t, const float *x)
{
    const net_node *node = t->node;
    const alx_shape in = node->info->in, out = node->info->out;

    switch (node->info->kind) {
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
        return twin_pool(y, t, x);
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
    const size_t count = alx_shape_count(t->node->info->out);
    float *x = t->net->twin_held, *got, *want;

    if (!t->node->type->in_place)
        TRY(net_twin_fetch_image(&x, t, &t->node->in[t->part]->data));
    TRY(net_twin_fetch_image(&got, t, &t->node->out[t->part].data));
    TRY(net_twin_room(&want, t, count));
    TRY(twin_forward(want, t, x));
    net_twin_note(t, got, want, count, 0.0);
    return 0;
}

/* ---- gradient of the input ------------------------------------------------------------------- */

static int twin_product_backward(float *grad_x, twin_pass *t, const float *grad_y)
{
    const alx_layer_info *info = t->node->info;
    const alx_conv2d_params p = net_node_conv_params(t->node);
    float *w;

    TRY(net_twin_fetch(&w, t, &t->net->params[info->weight].value[t->part]));
    if (info->kind == ALX_NODE_CONV)
        alx_ref_conv2d_grad_input(grad_x, grad_y, w, info->out, info->in, &p);
    else
        alx_ref_fc_grad_input(grad_x, grad_y, w, 1, (int)alx_shape_count(info->in), info->out.c);
    return 0;
}

static int twin_pool_backward(float *grad_x, twin_pass *t, const float *grad_y)
{
    const alx_layer_info *info = t->node->info;
    const alx_pool_params p = net_pool_params(t->node->config);
    float *index = NULL, *x = NULL, *y = NULL;

    if (p.all_ties) {
        TRY(net_twin_fetch_image(&x, t, &t->node->in[t->part]->data));
        TRY(net_twin_fetch_image(&y, t, &t->node->out[t->part].data));
    } else {
        TRY(net_twin_fetch_image(&index, t, &t->node->saved[t->part]));
    }
    alx_ref_maxpool_backward(grad_x, grad_y, (const int32_t *)index, x, y, info->out, info->in, &p);
    return 0;
}

/* Where the pool's fused kernel kept a byte for each winner: its place in the window. */
static void index_of_winners(int32_t *index, const unsigned char *winner, alx_shape out,
                             alx_shape in, const alx_pool_params *p)
{
    for (int row = 0; row < out.h; ++row)
        for (int column = 0; column < out.w; ++column)
            for (int c = 0; c < out.c; ++c, ++index, ++winner)
                *index = (row * p->stride + *winner / p->kernel) * in.w + column * p->stride +
                         *winner % p->kernel;
}

/* Back through pool, norm and ReLU. */
static int twin_norm_pool_backward(float *grad_x, twin_pass *t, const float *grad_y)
{
    const net_node *node = t->node;
    const alx_shape in = node->info->in, out = node->info->out;
    const alx_pool_params p = net_pool_params(node->config);
    float *winner, *index, *x, *grad;

    TRY(net_twin_fetch_image(&winner, t, &node->saved[t->part]));
    TRY(net_twin_fetch_image(&x, t, &node->in[t->part]->data));
    TRY(net_twin_room(&index, t, alx_shape_count(out)));
    TRY(net_twin_room(&grad, t, alx_shape_count(in)));
    index_of_winners((int32_t *)index, (const unsigned char *)winner, out, in, &p);
    alx_ref_maxpool_backward(grad, grad_y, (const int32_t *)index, NULL, NULL, out, in, &p);
    if (node->norm != NULL) {
        const alx_lrn_params norm = net_node_norm_params(node->norm);

        alx_ref_lrn_backward(grad_x, grad, x, in, &norm);
    } else {
        memcpy(grad_x, grad, alx_shape_count(in) * sizeof *grad);
    }
    alx_ref_activation_backward(grad_x, grad_x, x, alx_shape_count(in), ALX_ACT_RELU, 0.0f);
    return 0;
}

static int twin_activation_backward(float *grad_x, twin_pass *t, const float *grad_y)
{
    const alx_layer_config *config = t->node->config;
    float *y;

    TRY(net_twin_fetch_image(&y, t, &t->node->out[t->part].data));
    alx_ref_activation_backward(grad_x, grad_y, y, alx_shape_count(t->node->info->out),
                                config->activation, (float)config->slope);
    return 0;
}

static int twin_norm_backward(float *grad_x, twin_pass *t, const float *grad_y)
{
    const alx_lrn_params p = net_node_norm_params(t->node);
    float *x;

    TRY(net_twin_fetch_image(&x, t, &t->node->in[t->part]->data));
    if (t->node->info->kind == ALX_NODE_LRN)
        alx_ref_lrn_backward(grad_x, grad_y, x, t->node->info->in, &p);
    else
        alx_ref_spatial_norm_backward(grad_x, grad_y, x, t->node->info->in, &p);
    return 0;
}

static int twin_backward(float *grad_x, twin_pass *t, const float *grad_y)
{
    const alx_layer_info *info = t->node->info;

    switch (info->kind) {
    case ALX_NODE_CONV:
    case ALX_NODE_FC:
        return twin_product_backward(grad_x, t, grad_y);
    case ALX_NODE_ACTIVATION:
        return twin_activation_backward(grad_x, t, grad_y);
    case ALX_NODE_LRN:
    case ALX_NODE_SPATIAL_NORM:
        return twin_norm_backward(grad_x, t, grad_y);
    case ALX_NODE_POOL:
        return t->node->type == &net_node_norm_pool ? twin_norm_pool_backward(grad_x, t, grad_y)
                                                    : twin_pool_backward(grad_x, t, grad_y);
    case ALX_NODE_ADAPTIVE_POOL:
        alx_ref_adaptive_pool_backward(grad_x, grad_y, info->out, info->in);
        return 0;
    default:
        twin_dropout(grad_x, t, grad_y);
        return 0;
    }
}

static int compare_backward(twin_pass *t)
{
    const size_t count = alx_shape_count(t->node->info->in);
    float *got, *want;

    TRY(net_twin_fetch_image(&got, t, &t->node->in[t->part]->grad));
    TRY(net_twin_room(&want, t, count));
    TRY(twin_backward(want, t, t->net->twin_held));
    net_twin_note(t, got, want, count, 0.0);
    return 0;
}

/* ---- what the step calls --------------------------------------------------------------------- */

void alx_net_compare_twins(alx_net *net, alx_twin_errors *errors, size_t turn)
{
    net->twin_errors = errors;
    net->twin_turn = turn;
    free(net->twin_held);
    net->twin_held = NULL;
}

static bool pass_counts(const net_pass_context *at)
{
    return at->net->twin_errors != NULL && !net_node_meets(at->node->info) &&
           !alx_device_collecting(at->net->devs[0]);
}

int net_twins_before(const net_pass_context *at)
{
    alx_net *net = at->net;
    const bool forward = at->pass == ALX_PASS_FORWARD;
    twin_pass t = pass_of(at);

    if (!pass_counts(at) || (forward && !at->node->type->in_place))
        return 0;
    free(net->twin_held);
    net->twin_held = NULL;
    return net_twin_fetch_image(&net->twin_held, &t,
                                forward ? &at->node->in[at->part]->data
                                        : &at->node->out[at->part].grad);
}

int net_twins_after(const net_pass_context *at)
{
    twin_pass t = pass_of(at);
    int rc = 0;

    if (!pass_counts(at))
        return 0;
    rc = at->pass == ALX_PASS_FORWARD      ? compare_forward(&t)
         : at->pass == ALX_PASS_GRAD_INPUT ? compare_backward(&t)
                                           : net_twin_compare_weights(&t);
    net_twin_free(&t);
    return rc;
}

int net_twins_loss(alx_net *net, alx_pass pass, const alx_step *step)
{
    const bool forward = pass == ALX_PASS_FORWARD;
    const net_value *logits = net_output(net);
    const int rows = logits->shape.n, classes = logits->shape.c;
    const size_t count = alx_shape_count(logits->shape);
    twin_pass t = { .net = net };
    float *x, *labels, *got, *want, *loss, *rank;
    int rc = 0;

    if (net->twin_errors == NULL || alx_device_collecting(net->devs[0]))
        return 0;
    TRY_DONE(net_twin_fetch(&x, &t, &logits->data));
    TRY_DONE(net_twin_fetch(&labels, &t, &net->labels));
    TRY_DONE(net_twin_room(&want, &t, count));
    TRY_DONE(net_twin_room(&loss, &t, (size_t)rows));
    TRY_DONE(net_twin_room(&rank, &t, (size_t)rows));
    alx_ref_softmax_loss(want, loss, (int32_t *)rank, x, (const int32_t *)labels, rows, classes);
    TRY_DONE(net_twin_fetch(&got, &t, forward ? &net->prob : &logits->grad));
    if (!forward) {
        memcpy(x, want, count * sizeof *x);
        alx_ref_softmax_loss_backward(want, x, (const int32_t *)labels, rows, classes,
                                      (float)(1.0 / step->images));
    }
    note_named(net, pass, "loss", got, want, count, 0.0);
done:
    net_twin_free(&t);
    return rc;
}
