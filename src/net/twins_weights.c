/* twins_weights.c - the gradients of weights and biases beside the reference twins. */
#include "net/twins.h"

#include "base/try.h"

/* `channels` of x's `x_channels` from `first` on. */
static int slice(float **out, twin_pass *t, const float *x, size_t pixels, int x_channels,
                 int first, int channels)
{
    const int rc = net_twin_room(out, t, pixels * (size_t)channels);

    if (rc == 0)
        alx_ref_take_channels(*out, channels, x, x_channels, first, false, pixels);
    return rc;
}

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
    alx_conv2d_params p = net_node_conv_params(t->node);
    alx_shape in = t->node->in[t->part]->shape, out = t->node->out[t->part].shape;
    const int channels = in.c / p.groups, first = o / (out.c / p.groups) * channels;
    const size_t weights = (size_t)(p.kernel * p.kernel * channels);
    const size_t in_pixels = alx_shape_count(in) / (size_t)in.c;
    const size_t out_pixels = alx_shape_count(out) / (size_t)out.c;
    float *x1, *grad_y1, *got, *want;

    TRY(slice(&x1, t, x, in_pixels, in.c, first, channels));
    TRY(slice(&grad_y1, t, grad_y, out_pixels, out.c, o, 1));
    TRY(slice(&got, t, grad_w, weights, out.c, o, 1));
    TRY(net_twin_room(&want, t, weights));
    const double scale = largest(grad_w, weights * (size_t)out.c);

    p.groups = 1;
    in.c = channels;
    out.c = 1;
    alx_ref_conv2d_grad_weight(want, x1, grad_y1, out, in, &p);
    net_twin_note(t, got, want, weights, scale);
    return 0;
}

static int fc_unit(twin_pass *t, const float *grad_w, const float *x, const float *grad_y, int o)
{
    const int batch = t->net->options.batch, units = t->node->info->out.c;
    const size_t in = alx_shape_count(t->node->info->in);
    float *grad_y1, *want;

    TRY(slice(&grad_y1, t, grad_y, (size_t)batch, units, o, 1));
    TRY(net_twin_room(&want, t, in));
    alx_ref_fc_grad_weight(want, x, grad_y1, batch, (int)in, 1);
    net_twin_note(t, grad_w + (size_t)o * in, want, in, largest(grad_w, in * (size_t)units));
    return 0;
}

/* Parts that add up have it in the first. */
static int compare_bias(twin_pass *t)
{
    const net_param *bias = &t->net->params[t->node->info->weight + 1];
    const alx_shape out = t->node->out[t->part].shape;
    float *grad_y, *got, *want;

    if (t->part >= bias->parts)
        return 0;
    TRY(net_twin_fetch(&grad_y, t, &t->node->out[t->part].grad));
    TRY(net_twin_fetch(&got, t, &bias->grad[t->part]));
    TRY(net_twin_room(&want, t, (size_t)out.c));
    alx_ref_grad_bias(want, grad_y, alx_shape_count(out) / (size_t)out.c, out.c);
    net_twin_note(t, got, want, (size_t)out.c, 0.0);
    return 0;
}

int net_twin_compare_weights(twin_pass *t)
{
    const int o = (int)(t->net->twin_turn % (size_t)t->node->info->out.c);
    float *x, *grad_y, *grad_w;

    TRY(net_twin_fetch(&x, t, &t->node->in[t->part]->data));
    TRY(net_twin_fetch(&grad_y, t, &t->node->out[t->part].grad));
    TRY(net_twin_fetch(&grad_w, t, &t->net->params[t->node->info->weight].grad[t->part]));
    if (t->node->info->kind == ALX_NODE_CONV)
        TRY(conv_filter(t, grad_w, x, grad_y, o));
    else
        TRY(fc_unit(t, grad_w, x, grad_y, o));
    net_twin_free(t);
    t->block_count = 0;
    return compare_bias(t);
}
