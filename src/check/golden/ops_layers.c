/* ops_layers.c - golden cases of what a network is made of: convolution, fully connected,
 * activations, normalisation, pooling. */
#include "check/golden/golden.h"

#include <math.h>
#include <string.h>

#include "base/try.h"

static int make_scratch(golden_case *c, alx_tensor **out, size_t count)
{
    if (count > INT32_MAX)
        return alx_fail(ALX_E_DATA, "needs too much scratch memory");
    return check_tensor(&c->pool, out, (alx_shape){ 1, 1, 1, (int)count });
}

/* ---- weights -------------------------------------------------------------------------------- */

static int check_grad_bias(golden_case *c, const alx_tensor *grad_y)
{
    golden_value db;
    alx_tensor *scratch = NULL;

    TRY(golden_make(c, &db, "db", GOLDEN_FLAT));
    TRY(make_scratch(c, &scratch, alx_op_grad_bias_scratch(grad_y->shape)));
    TRY(alx_op_grad_bias(db.tensor, grad_y, false, scratch));
    return golden_check(c, &db);
}

static int conv2d_params(alx_conv2d_params *p, const cJSON *attributes)
{
    *p = (alx_conv2d_params){ 0 };
    TRY(golden_int(&p->kernel, attributes, "kernel", -1));
    TRY(golden_int(&p->stride, attributes, "stride", -1));
    TRY(golden_int(&p->pad, attributes, "pad", -1));
    return golden_int(&p->groups, attributes, "groups", -1);
}

/* How each pass is computed, and the largest of their needs. */
static size_t conv2d_choose(alx_conv_choice how[ALX_PASS_COUNT], const alx_chooser *by,
                            alx_shape in, alx_shape out, const alx_conv2d_params *p)
{
    size_t most = 1;

    for (int pass = ALX_PASS_FORWARD; pass < ALX_PASS_COUNT; ++pass) {
        how[pass] = alx_conv_choose(by, (alx_pass)pass, in, out, p);
        const size_t need = alx_op_conv2d_scratch(by->dev, &how[pass], (alx_pass)pass, in, out, p);

        most = need > most ? need : most;
    }
    return most;
}

int golden_op_conv2d(golden_case *c)
{
    const alx_chooser by = check_chooser(c->options);
    alx_conv_choice how[ALX_PASS_COUNT];
    golden_value x, w, b, dy, y, dx, dw;
    alx_conv2d_params p;
    alx_shape out;
    alx_tensor *scratch = NULL;

    TRY(conv2d_params(&p, c->attributes));
    TRY(golden_load(c, &x, "x", GOLDEN_IMAGE));
    TRY(golden_load(c, &w, "w", GOLDEN_FILTER));
    TRY(golden_load(c, &b, "b", GOLDEN_FLAT));
    TRY(golden_load(c, &dy, "dy", GOLDEN_IMAGE));
    TRY(golden_make(c, &y, "y", GOLDEN_IMAGE));
    TRY(golden_make(c, &dx, "dx", GOLDEN_IMAGE));
    TRY(golden_make(c, &dw, "dw", GOLDEN_FILTER));
    TRY(alx_conv2d_output(&out, x.tensor->shape, w.dims[0], &p));
    TRY(make_scratch(c, &scratch, conv2d_choose(how, &by, x.tensor->shape, out, &p)));

    TRY(alx_op_conv2d_forward(&how[ALX_PASS_FORWARD], y.tensor, x.tensor, w.tensor, b.tensor, &p,
                              scratch));
    TRY(golden_check(c, &y));
    TRY(alx_op_conv2d_grad_input(&how[ALX_PASS_GRAD_INPUT], dx.tensor, dy.tensor, w.tensor, &p,
                                 scratch));
    TRY(golden_check(c, &dx));
    TRY(alx_op_conv2d_grad_weight(&how[ALX_PASS_GRAD_WEIGHT], dw.tensor, x.tensor, dy.tensor, &p,
                                  false, scratch));
    TRY(golden_check(c, &dw));
    return check_grad_bias(c, dy.tensor);
}

static size_t fc_choose(alx_gemm_choice how[ALX_PASS_COUNT], const alx_chooser *by, int batch,
                        int in, int out)
{
    size_t most = 1;

    for (int pass = ALX_PASS_FORWARD; pass < ALX_PASS_COUNT; ++pass) {
        how[pass] = alx_gemm_choose(by, (alx_pass)pass, batch, in, out);
        const size_t need = alx_op_fc_scratch(&how[pass], (alx_pass)pass, batch, in, out);

        most = need > most ? need : most;
    }
    return most;
}

/* Weights are stored (out, C*H*W) and lie (out, H*W*C) on the device: as images of x's shape. */
static int fc_weights(golden_case *c, golden_value *value, const char *name, const golden_value *x,
                      bool load)
{
    float *ordered = NULL;
    alx_tensor *tensor = NULL;

    TRY(golden_make(c, value, name, GOLDEN_FLAT));
    const size_t in = x->stored->count / (size_t)x->dims[0];
    if (value->stored->dtype != ALX_F32 || value->stored->count % in != 0)
        return alx_fail(ALX_E_DATA, "tensor %s does not fit x", value->stored->name);
    const int out = (int)(value->stored->count / in);
    memcpy(value->dims, (int[4]){ out, x->dims[1], x->dims[2], x->dims[3] }, sizeof value->dims);
    value->layout = GOLDEN_IMAGE;
    tensor = value->tensor;
    tensor->shape = (alx_shape){ out, 1, 1, (int)in };
    if (load) {
        TRY(check_host(&c->pool, &ordered, value->stored->count));
        golden_permute(ordered, value->stored->data, value->dims, golden_nchw_to_nhwc);
        TRY(alx_tensor_write(tensor, ordered));
    }
    return 0;
}

int golden_op_fc(golden_case *c)
{
    const alx_chooser by = check_chooser(c->options);
    alx_gemm_choice how[ALX_PASS_COUNT];
    golden_value x, w, b, dy, y, dx, dw;
    alx_tensor *scratch = NULL;

    TRY(golden_load(c, &x, "x", GOLDEN_IMAGE));
    TRY(fc_weights(c, &w, "w", &x, true));
    TRY(golden_load(c, &b, "b", GOLDEN_FLAT));
    TRY(golden_load(c, &dy, "dy", GOLDEN_IMAGE));
    TRY(golden_make(c, &y, "y", GOLDEN_IMAGE));
    TRY(golden_make(c, &dx, "dx", GOLDEN_IMAGE));
    TRY(fc_weights(c, &dw, "dw", &x, false));
    TRY(make_scratch(c, &scratch,
                     fc_choose(how, &by, x.dims[0], w.tensor->shape.c, w.tensor->shape.n)));

    TRY(alx_op_fc_forward(&how[ALX_PASS_FORWARD], y.tensor, x.tensor, w.tensor, b.tensor, scratch));
    TRY(golden_check(c, &y));
    TRY(alx_op_fc_grad_input(&how[ALX_PASS_GRAD_INPUT], dx.tensor, dy.tensor, w.tensor, scratch));
    TRY(golden_check(c, &dx));
    TRY(alx_op_fc_grad_weight(&how[ALX_PASS_GRAD_WEIGHT], dw.tensor, x.tensor, dy.tensor, false,
                              scratch));
    TRY(golden_check(c, &dw));
    return check_grad_bias(c, dy.tensor);
}

/* ---- activations ---------------------------------------------------------------------------- */

static int check_activation(golden_case *c, alx_activation f)
{
    golden_value x, dy, y, dx;

    TRY(golden_load(c, &x, "x", GOLDEN_FLAT));
    TRY(golden_load(c, &dy, "dy", GOLDEN_FLAT));
    TRY(golden_make(c, &y, "y", GOLDEN_FLAT));
    TRY(golden_make(c, &dx, "dx", GOLDEN_FLAT));
    TRY(alx_op_activation_forward(y.tensor, x.tensor, f, 0.0f));
    TRY(golden_check(c, &y));
    TRY(alx_op_activation_backward(dx.tensor, dy.tensor, y.tensor, f, 0.0f));
    return golden_check(c, &dx);
}

int golden_op_relu(golden_case *c)
{
    return check_activation(c, ALX_ACT_RELU);
}

int golden_op_tanh(golden_case *c)
{
    return check_activation(c, ALX_ACT_TANH);
}

int golden_op_sigmoid(golden_case *c)
{
    return check_activation(c, ALX_ACT_SIGMOID);
}

/* ---- normalisation and pooling -------------------------------------------------------------- */

static int lrn_params(alx_lrn_params *p, const cJSON *attributes)
{
    double k = 0.0, alpha = 0.0, beta = 0.0;

    *p = (alx_lrn_params){ 0 };
    TRY(golden_int(&p->size, attributes, "size", -1));
    TRY(golden_int(&p->ranges, attributes, "towers", 1));
    TRY(golden_number(&k, attributes, "k", (double)NAN));
    TRY(golden_number(&alpha, attributes, "alpha", (double)NAN));
    TRY(golden_number(&beta, attributes, "beta", (double)NAN));
    p->k = (float)k;
    p->alpha = (float)(golden_flag(attributes, "alpha_over_size") ? alpha / p->size : alpha);
    p->beta = (float)beta;
    return 0;
}

int golden_op_lrn(golden_case *c)
{
    golden_value x, dy, y, dx;
    alx_lrn_params p;

    TRY(lrn_params(&p, c->attributes));
    TRY(golden_load(c, &x, "x", GOLDEN_IMAGE));
    TRY(golden_load(c, &dy, "dy", GOLDEN_IMAGE));
    TRY(golden_make(c, &y, "y", GOLDEN_IMAGE));
    TRY(golden_make(c, &dx, "dx", GOLDEN_IMAGE));
    TRY(alx_op_lrn_forward(y.tensor, x.tensor, &p));
    TRY(golden_check(c, &y));
    TRY(alx_op_lrn_backward(dx.tensor, dy.tensor, x.tensor, &p));
    return golden_check(c, &dx);
}

int golden_op_maxpool(golden_case *c)
{
    golden_value x, dy, y, index, dx;
    alx_pool_params p = { 0 };

    TRY(golden_int(&p.kernel, c->attributes, "kernel", -1));
    TRY(golden_int(&p.stride, c->attributes, "stride", -1));
    TRY(golden_load(c, &x, "x", GOLDEN_IMAGE));
    TRY(golden_load(c, &dy, "dy", GOLDEN_IMAGE));
    TRY(golden_make(c, &y, "y", GOLDEN_IMAGE));
    TRY(golden_make(c, &index, "index", GOLDEN_IMAGE));
    TRY(golden_make(c, &dx, "dx", GOLDEN_IMAGE));
    TRY(alx_op_maxpool_forward(y.tensor, index.tensor, x.tensor, &p));
    TRY(golden_check(c, &y));
    TRY(golden_check(c, &index));
    TRY(alx_op_maxpool_backward(dx.tensor, dy.tensor, index.tensor, x.tensor, y.tensor, &p));
    return golden_check(c, &dx);
}
