/* conv.c - twins of convolutions and products, with every algorithm. */
#include "check/kernels/kernels.h"

#include <stdio.h>

#include "base/try.h"

/* ---- convolution ---------------------------------------------------------------------------- */

static const struct {
    const char *what;
    alx_shape in;
    int outputs;
    alx_conv2d_params p;
} convolutions[] = {
    { "11x11/4", { 1, 27, 23, 3 }, 16, { 11, 4, 0, 1, false } },
    { "5x5 pad 2, 2 groups", { 2, 9, 7, 8 }, 12, { 5, 1, 2, 2, false } },
    { "3x3 pad 1, odd channels", { 3, 6, 5, 5 }, 7, { 3, 1, 1, 1, false } },
    { "3x3/2, rows unused", { 2, 8, 8, 4 }, 6, { 3, 2, 0, 1, false } },
    { "3x3/2, rounded up", { 1, 8, 6, 4 }, 6, { 3, 2, 0, 1, true } },
    { "5x5 pad 2, enough tiles for Winograd", { 14, 8, 8, 32 }, 32, { 5, 1, 2, 1, false } },
};

const size_t check_conv_count = ALX_COUNT(convolutions);

/* The one shape of --quick: large enough for Winograd, which takes other ways below, and for the
 * widest vectors; or a small one, for which CLBlast builds fewer kernels. */
#define QUICK_LARGE (ALX_COUNT(convolutions) - 1)
#define QUICK_SMALL 1

/* Winograd's transforms round more than sums do. */
static double conv2d_limit(alx_conv_algo algo, alx_pass pass, size_t terms)
{
    static const double winograd[] = { 3e-5, 5e-5, 1e-4 };

    return alx_conv_algo_is_exact(algo) ? check_sum_limit(terms) : winograd[pass];
}

static int conv2d_case(check_case *t, alx_conv_algo algo, size_t index)
{
    const alx_conv_choice choice = { .algo = algo };
    const alx_shape in = convolutions[index].in;
    const alx_conv2d_params *p = &convolutions[index].p;
    const int outputs = convolutions[index].outputs;
    const alx_shape weights = { p->kernel, p->kernel, in.c / p->groups, outputs };
    alx_tensor *x, *w, *b, *dy, *y, *dx, *dw, *scratch;
    float *hx, *hw, *hb, *hdy, *want;
    alx_shape out;
    size_t terms; /* of a sum */
    char what[64];

    TRY(alx_conv2d_output(&out, in, outputs, p));
    TRY(check_random(t, &x, &hx, in, -1.0f, 1.0f));
    TRY(check_random(t, &w, &hw, weights, -1.0f, 1.0f));
    TRY(check_random(t, &b, &hb, (alx_shape){ 1, 1, 1, outputs }, -1.0f, 1.0f));
    TRY(check_random(t, &dy, &hdy, out, -1.0f, 1.0f));
    TRY(check_host(&t->pool, &want,
                   alx_shape_count(in) + alx_shape_count(out) + alx_shape_count(weights)));

    TRY(check_tensor(&t->pool, &y, out));
    TRY(check_scratch(t, &scratch,
                      alx_op_conv2d_scratch(t->pool.dev, &choice, ALX_PASS_FORWARD, in, out, p)));
    TRY(alx_op_conv2d_forward(&choice, y, x, w, b, p, scratch));
    alx_ref_conv2d_forward(want, hx, hw, hb, out, in, p);
    snprintf(what, sizeof what, "forward of %s", convolutions[index].what);
    terms = alx_shape_count(weights) / (size_t)outputs;
    TRY(check_compare(t, y, want, conv2d_limit(algo, ALX_PASS_FORWARD, terms), what));

    TRY(check_tensor(&t->pool, &dx, in));
    TRY(check_scratch(
        t, &scratch, alx_op_conv2d_scratch(t->pool.dev, &choice, ALX_PASS_GRAD_INPUT, in, out, p)));
    TRY(alx_op_conv2d_grad_input(&choice, dx, dy, w, p, scratch));
    alx_ref_conv2d_grad_input(want, hdy, hw, out, in, p);
    snprintf(what, sizeof what, "grad-input of %s", convolutions[index].what);
    terms = alx_shape_count(weights) / (size_t)in.c;
    TRY(check_compare(t, dx, want, conv2d_limit(algo, ALX_PASS_GRAD_INPUT, terms), what));

    TRY(check_tensor(&t->pool, &dw, weights));
    TRY(check_scratch(
        t, &scratch,
        alx_op_conv2d_scratch(t->pool.dev, &choice, ALX_PASS_GRAD_WEIGHT, in, out, p)));
    TRY(alx_op_conv2d_grad_weight(&choice, dw, x, dy, p, false, scratch));
    alx_ref_conv2d_grad_weight(want, hx, hdy, out, in, p);
    snprintf(what, sizeof what, "grad-weight of %s", convolutions[index].what);
    terms = alx_shape_count(out) / (size_t)outputs;
    return check_compare(t, dw, want, conv2d_limit(algo, ALX_PASS_GRAD_WEIGHT, terms), what);
}

int check_conv2d(check_case *t, int algo)
{
    if (t->quick)
        return conv2d_case(t, (alx_conv_algo)algo,
                           algo == ALX_CONV_IM2COL ? QUICK_SMALL : QUICK_LARGE);
    for (size_t i = 0; i < ALX_COUNT(convolutions); ++i)
        TRY(conv2d_case(t, (alx_conv_algo)algo, i));
    return 0;
}

/* ---- fully connected ------------------------------------------------------------------------ */

static int fc_case(check_case *t, alx_gemm_algo algo, int batch, int in, int out)
{
    const alx_gemm_choice choice = { .algo = algo };
    const alx_shape weights = { out, 1, 1, in };
    alx_tensor *x, *w, *b, *dy, *y, *dx, *dw, *scratch;
    float *hx, *hw, *hb, *hdy, *want;
    char what[64];

    TRY(check_random(t, &x, &hx, (alx_shape){ batch, 1, 1, in }, -1.0f, 1.0f));
    TRY(check_random(t, &w, &hw, weights, -1.0f, 1.0f));
    TRY(check_random(t, &b, &hb, (alx_shape){ 1, 1, 1, out }, -1.0f, 1.0f));
    TRY(check_random(t, &dy, &hdy, (alx_shape){ batch, 1, 1, out }, -1.0f, 1.0f));
    TRY(check_host(&t->pool, &want, (size_t)in * (size_t)(out + batch) + (size_t)(batch * out)));

    TRY(check_tensor(&t->pool, &y, dy->shape));
    TRY(check_scratch(t, &scratch, alx_op_fc_scratch(&choice, ALX_PASS_FORWARD, batch, in, out)));
    TRY(alx_op_fc_forward(&choice, y, x, w, b, scratch));
    alx_ref_fc_forward(want, hx, hw, hb, batch, in, out);
    snprintf(what, sizeof what, "forward of %d x %d to %d", batch, in, out);
    TRY(check_compare(t, y, want, check_sum_limit((size_t)in), what));

    TRY(check_tensor(&t->pool, &dx, x->shape));
    TRY(check_scratch(t, &scratch,
                      alx_op_fc_scratch(&choice, ALX_PASS_GRAD_INPUT, batch, in, out)));
    TRY(alx_op_fc_grad_input(&choice, dx, dy, w, scratch));
    alx_ref_fc_grad_input(want, hdy, hw, batch, in, out);
    snprintf(what, sizeof what, "grad-input of %d x %d to %d", batch, in, out);
    TRY(check_compare(t, dx, want, check_sum_limit((size_t)out), what));

    TRY(check_tensor(&t->pool, &dw, weights));
    TRY(check_scratch(t, &scratch,
                      alx_op_fc_scratch(&choice, ALX_PASS_GRAD_WEIGHT, batch, in, out)));
    TRY(alx_op_fc_grad_weight(&choice, dw, x, dy, false, scratch));
    alx_ref_fc_grad_weight(want, hx, hdy, batch, in, out);
    snprintf(what, sizeof what, "grad-weight of %d x %d to %d", batch, in, out);
    return check_compare(t, dw, want, check_sum_limit((size_t)batch), what);
}

/* The last one is that of --quick: long enough to be summed in parts. */
static const struct {
    int batch, in, out;
} products[] = { { 1, 130, 17 }, { 3, 37, 11 }, { 16, 64, 40 }, { 2, 700, 13 } };

const size_t check_fc_count = ALX_COUNT(products);

int check_fc(check_case *t, int algo)
{
    for (size_t i = t->quick ? ALX_COUNT(products) - 1 : 0; i < ALX_COUNT(products); ++i)
        TRY(fc_case(t, (alx_gemm_algo)algo, products[i].batch, products[i].in, products[i].out));
    return 0;
}
