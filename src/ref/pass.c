/* pass.c - which twin computes a pass: the only list of them. */
#include "alexnet/dev/ref.h"

typedef void ref_twin(float *out, const alx_op_work *work, const alx_ref_operands *o);

static int image_count(alx_shape shape)
{
    return shape.h * shape.w * shape.c;
}

/* ---- convolution and fully connected -------------------------------------------------------- */

static void conv_forward(float *y, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_conv2d_forward(y, o->x, o->w, o->b, work->out, work->in, &work->conv);
}

static void conv_grad_input(float *grad_x, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_conv2d_grad_input(grad_x, o->grad_y, o->w, work->out, work->in, &work->conv);
}

static void conv_grad_weight(float *grad_w, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_conv2d_grad_weight(grad_w, o->x, o->grad_y, work->out, work->in, &work->conv);
}

static void fc_forward(float *y, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_fc_forward(y, o->x, o->w, o->b, work->in.n, image_count(work->in), work->out.c);
}

static void fc_grad_input(float *grad_x, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_fc_grad_input(grad_x, o->grad_y, o->w, work->in.n, image_count(work->in), work->out.c);
}

static void fc_grad_weight(float *grad_w, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_fc_grad_weight(grad_w, o->x, o->grad_y, work->in.n, image_count(work->in), work->out.c);
}

/* ---- the other layers ----------------------------------------------------------------------- */

static void activation_forward(float *y, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_activation_forward(y, o->x, alx_shape_count(work->out), work->activation, work->slope);
}

static void activation_backward(float *grad_x, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_activation_backward(grad_x, o->grad_y, o->y, alx_shape_count(work->out),
                                work->activation, work->slope);
}

static void lrn_forward(float *y, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_lrn_forward(y, o->x, work->in, &work->norm);
}

static void lrn_backward(float *grad_x, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_lrn_backward(grad_x, o->grad_y, o->x, work->in, &work->norm);
}

static void spatial_norm_forward(float *y, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_spatial_norm_forward(y, o->x, work->in, &work->norm);
}

static void spatial_norm_backward(float *grad_x, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_spatial_norm_backward(grad_x, o->grad_y, o->x, work->in, &work->norm);
}

static void maxpool_forward(float *y, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_maxpool_forward(y, NULL, o->x, work->out, work->in, &work->pool);
}

static void maxpool_backward(float *grad_x, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_maxpool_backward(grad_x, o->grad_y, o->index, o->x, o->y, work->out, work->in,
                             &work->pool);
}

static void adaptive_pool_forward(float *y, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_adaptive_pool_forward(y, o->x, work->out, work->in);
}

static void adaptive_pool_backward(float *grad_x, const alx_op_work *work,
                                   const alx_ref_operands *o)
{
    alx_ref_adaptive_pool_backward(grad_x, o->grad_y, work->out, work->in);
}

static void dropout_forward(float *y, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_dropout(y, o->x, work->in, &work->dropout);
}

static void dropout_backward(float *grad_x, const alx_op_work *work, const alx_ref_operands *o)
{
    alx_ref_dropout(grad_x, o->grad_y, work->in, &work->dropout);
}

/* ---- the list ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    ref_twin *pass[3]; /* by alx_pass; NULL: there is none */
} twins[] = {
    [ALX_NODE_CONV] = { "convolution", { conv_forward, conv_grad_input, conv_grad_weight } },
    [ALX_NODE_FC] = { "fully connected", { fc_forward, fc_grad_input, fc_grad_weight } },
    [ALX_NODE_ACTIVATION] = { "activation", { activation_forward, activation_backward } },
    [ALX_NODE_LRN] = { "lrn", { lrn_forward, lrn_backward } },
    [ALX_NODE_SPATIAL_NORM] = { "spatial norm", { spatial_norm_forward, spatial_norm_backward } },
    [ALX_NODE_POOL] = { "max pool", { maxpool_forward, maxpool_backward } },
    [ALX_NODE_ADAPTIVE_POOL] = { "adaptive pool",
                                 { adaptive_pool_forward, adaptive_pool_backward } },
    [ALX_NODE_DROPOUT] = { "dropout", { dropout_forward, dropout_backward } },
};

int alx_ref_pass(float *out, const alx_op_work *work, alx_pass pass, const alx_ref_operands *o)
{
    const size_t kind = (size_t)work->kind;

    if (kind >= ALX_COUNT(twins) || twins[kind].name == NULL)
        return alx_fail(ALX_E_USAGE, "the reference has no twin of nodes of kind %zu", kind);
    if ((size_t)pass >= ALX_COUNT(twins[kind].pass) || twins[kind].pass[pass] == NULL)
        return alx_fail(ALX_E_USAGE, "the reference has no pass %d of %s", (int)pass,
                        twins[kind].name);
    twins[kind].pass[pass](out, work, o);
    return 0;
}
