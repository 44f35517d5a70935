/* conv.c - twins of convolutions and products, with every algorithm, and of their biases. */
#include "check/kernels/kernels.h"

#include <stdio.h>

#include "base/try.h"

/* A case on the device and on the host. */
typedef struct layer {
    const alx_ref_case *c;
    alx_op_work work;
    alx_algorithms algorithms;
    alx_tensor *x, *w, *b, *grad_y;
    alx_ref_operands host;
    float *want; /* room for any result */
} layer;

static int layer_make(check_case *t, layer *l)
{
    float *x, *w, *b, *grad_y;

    TRY(alx_ref_case_work(&l->work, l->c));
    const alx_shape in = l->work.in, out = l->work.out, weights = alx_ref_weight_shape(&l->work);

    TRY(check_random(t, &l->x, &x, in, -1.0f, 1.0f));
    TRY(check_random(t, &l->w, &w, weights, -1.0f, 1.0f));
    TRY(check_random(t, &l->b, &b, (alx_shape){ 1, 1, 1, out.c }, -1.0f, 1.0f));
    TRY(check_random(t, &l->grad_y, &grad_y, out, -1.0f, 1.0f));
    l->host = (alx_ref_operands){ .x = x, .w = w, .b = b, .grad_y = grad_y };
    return check_host(&t->pool, &l->want,
                      alx_shape_count(in) + alx_shape_count(out) + alx_shape_count(weights));
}

static double layer_limit(const layer *l, alx_pass pass)
{
    const size_t terms = alx_ref_sum_terms(&l->work, pass);

    return l->work.kind == ALX_NODE_CONV ? alx_ref_conv_limit(l->algorithms.conv, pass, terms)
                                         : alx_ref_sum_limit(terms);
}

static const char *layer_way(const layer *l)
{
    return l->work.kind == ALX_NODE_CONV ? alx_conv_algo_name(l->algorithms.conv)
                                         : alx_gemm_algo_name(l->algorithms.gemm);
}

/* The layer's tensors, with a new one for the result. */
static int bench_case_of(check_case *t, alx_bench_case *out, const layer *l, alx_pass pass)
{
    const bool conv = l->work.kind == ALX_NODE_CONV;
    alx_tensor *x = l->x, *w = l->w, *y = l->grad_y;
    alx_tensor **result = pass == ALX_PASS_FORWARD ? &y : pass == ALX_PASS_GRAD_INPUT ? &x : &w;

    TRY(check_tensor(&t->pool, result, (*result)->shape));
    *out = (alx_bench_case){ .info = { .work = conv ? ALX_WORK_CONV : ALX_WORK_FC,
                                       .pass = pass,
                                       .in = l->work.in,
                                       .out = l->work.out,
                                       .conv = l->work.conv },
                             .x = *x,
                             .w = *w,
                             .b = *l->b,
                             .y = *y };
    return 0;
}

static int check_pass(check_case *t, layer *l, alx_pass pass)
{
    alx_bench_case c = { 0 };
    char what[96];
    int rc = 0;

    TRY_DONE(bench_case_of(t, &c, l, pass));
    TRY_DONE(alx_bench_case_choose(&c, layer_way(l)));
    TRY_DONE(alx_bench_case_run(&c));
    TRY_DONE(alx_ref_pass(l->want, &l->work, pass, &l->host));
    snprintf(what, sizeof what, "%s of %s", alx_pass_names[pass], l->c->what);
    TRY_DONE(check_compare(t, alx_bench_case_output(&c), l->want, layer_limit(l, pass), what));
done:
    alx_device_set_label(t->pool.dev, NULL); /* the label is the case's */
    alx_tensor_free(&c.scratch);
    return rc;
}

static int check_layer(check_case *t, const alx_ref_case *c, alx_algorithms algorithms)
{
    layer l = { .c = c, .algorithms = algorithms };

    TRY(layer_make(t, &l));
    for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass)
        TRY(check_pass(t, &l, pass));
    return 0;
}

/* The one shape of --quick is the last, large enough for Winograd, which takes other ways below,
 * and for the widest vectors; or a small one, for which CLBlast builds fewer kernels. */
#define QUICK_SMALL 1

static int check_conv2d(check_case *t, int variant)
{
    const alx_algorithms algorithms = { .conv = (alx_conv_algo)variant };
    size_t count = 0;
    const alx_ref_case *cases = alx_ref_cases(&count, ALX_NODE_CONV, ALX_REF_SMALL);

    if (t->quick)
        return check_layer(t, &cases[variant == ALX_CONV_IM2COL ? QUICK_SMALL : count - 1],
                           algorithms);
    for (size_t i = 0; i < count; ++i)
        TRY(check_layer(t, &cases[i], algorithms));
    return 0;
}

static int check_fc(check_case *t, int variant)
{
    const alx_algorithms algorithms = { .gemm = (alx_gemm_algo)variant };
    size_t count = 0;
    const alx_ref_case *cases = alx_ref_cases(&count, ALX_NODE_FC, ALX_REF_SMALL);

    for (size_t i = t->quick ? count - 1 : 0; i < count; ++i)
        TRY(check_layer(t, &cases[i], algorithms));
    return 0;
}

static int check_grad_bias(check_case *t, int variant)
{
    const alx_shape shape = { 3, 7, 5, 19 };
    const size_t rows = 105;
    alx_tensor *dy, *db, *scratch;
    float *hdy, *want;

    (void)variant;
    TRY(check_random(t, &dy, &hdy, shape, -1.0f, 1.0f));
    TRY(check_tensor(&t->pool, &db, (alx_shape){ 1, 1, 1, shape.c }));
    TRY(check_host(&t->pool, &want, (size_t)shape.c));
    TRY(check_scratch(t, &scratch, alx_op_grad_bias_scratch(shape)));
    TRY(alx_op_grad_bias(db, dy, false, scratch));
    alx_ref_grad_bias(want, hdy, rows, shape.c);
    return check_compare(t, db, want, alx_ref_sum_limit(rows), "105 rows of 19");
}

const check_kernel check_conv_kernels[] = {
    { "conv2d im2col", check_conv2d, ALX_CONV_IM2COL, CHECK_CLBLAST },
    { "conv2d vec", check_conv2d, ALX_CONV_VEC, CHECK_WIDE },
    { "conv2d winograd", check_conv2d, ALX_CONV_WINOGRAD, CHECK_WIDE },
    { "conv2d tile", check_conv2d, ALX_CONV_TILE, CHECK_NARROW },
    { "conv2d tile-winograd", check_conv2d, ALX_CONV_TILE_WINOGRAD, CHECK_NARROW },
    { "fc clblast", check_fc, ALX_GEMM_CLBLAST, CHECK_CLBLAST },
    { "fc vec", check_fc, ALX_GEMM_VEC, CHECK_WIDE },
    { "fc tile", check_fc, ALX_GEMM_TILE, CHECK_NARROW },
    { "grad-bias", check_grad_bias, 0, CHECK_ANY },
    { .name = NULL },
};
