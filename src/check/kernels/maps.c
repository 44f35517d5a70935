/* maps.c - twins of what works on feature maps: activations, norms, pools. A new
 * layer has its line at the end. */
#include "check/kernels/kernels.h"

#include <stdio.h>

#include "base/try.h"

static int check_activation(check_case *t, int variant)
{
    const alx_activation f = (alx_activation)variant;
    const alx_shape shape = { 3, 5, 7, 3 };
    const size_t count = alx_shape_count(shape);
    const double limit = f == ALX_ACT_RELU || f == ALX_ACT_LEAKY ? ALX_REF_ROUND_LIMIT
                                                                 : ALX_REF_EXP_LIMIT;
    alx_tensor *x, *dy, *y, *dx;
    float *hx, *hdy, *hy, *want;

    TRY(check_random(t, &x, &hx, shape, -4.0f, 4.0f));
    TRY(check_random(t, &dy, &hdy, shape, -1.0f, 1.0f));
    TRY(check_tensor(&t->pool, &y, shape));
    TRY(check_tensor(&t->pool, &dx, shape));
    TRY(check_host(&t->pool, &want, count));
    TRY(alx_op_activation_forward(y, x, f, 0.1f));
    alx_ref_activation_forward(want, hx, count, f, 0.1f);
    TRY(check_compare(t, y, want, limit, "forward"));
    TRY(alx_op_activation_backward(dx, dy, y, f, 0.1f));
    TRY(check_download(&t->pool, &hy, y));
    alx_ref_activation_backward(want, hdy, hy, count, f, 0.1f);
    return check_compare(t, dx, want, limit, "backward");
}

typedef int norm_forward(const alx_tensor *, const alx_tensor *, const alx_lrn_params *);
typedef int norm_backward(const alx_tensor *, const alx_tensor *, const alx_tensor *,
                          const alx_lrn_params *);
typedef void ref_norm_forward(float *, const float *, alx_shape, const alx_lrn_params *);
typedef void ref_norm_backward(float *, const float *, const float *, alx_shape,
                               const alx_lrn_params *);

typedef struct norm_functions {
    norm_forward *forward;
    norm_backward *backward;
    ref_norm_forward *ref_forward;
    ref_norm_backward *ref_backward;
} norm_functions;

static int norm_case(check_case *t, const norm_functions *f, alx_shape shape,
                     const alx_lrn_params *p)
{
    alx_tensor *x, *dy, *y, *dx;
    float *hx, *hdy, *want;
    char what[64];

    TRY(check_random(t, &x, &hx, shape, -2.0f, 2.0f));
    TRY(check_random(t, &dy, &hdy, shape, -1.0f, 1.0f));
    TRY(check_tensor(&t->pool, &y, shape));
    TRY(check_tensor(&t->pool, &dx, shape));
    TRY(check_host(&t->pool, &want, alx_shape_count(shape)));
    TRY(f->forward(y, x, p));
    f->ref_forward(want, hx, shape, p);
    snprintf(what, sizeof what, "forward of %d channels, window %d", shape.c, p->size);
    TRY(check_compare(t, y, want, ALX_REF_POWER_LIMIT, what));
    TRY(f->backward(dx, dy, x, p));
    f->ref_backward(want, hdy, hx, shape, p);
    snprintf(what, sizeof what, "backward of %d channels, window %d", shape.c, p->size);
    return check_compare(t, dx, want, ALX_REF_POWER_LIMIT, what);
}

/* Large alphas: the window matters. */
static int check_lrn(check_case *t, int variant)
{
    static const norm_functions functions = { alx_op_lrn_forward, alx_op_lrn_backward,
                                              alx_ref_lrn_forward, alx_ref_lrn_backward };
    const alx_lrn_params wide = { 5, 1, 2.0f, 0.2f, 0.75f }, two = { 5, 2, 1.0f, 0.3f, 0.75f };
    const alx_lrn_params narrow = { 3, 1, 1.0f, 0.5f, 0.5f };

    (void)variant;
    TRY(norm_case(t, &functions, (alx_shape){ 2, 5, 3, 16 }, &wide));
    TRY(norm_case(t, &functions, (alx_shape){ 1, 4, 4, 3 }, &wide));
    TRY(norm_case(t, &functions, (alx_shape){ 2, 3, 3, 6 }, &two));
    return norm_case(t, &functions, (alx_shape){ 3, 1, 1, 37 }, &narrow);
}

static int check_spatial_norm(check_case *t, int variant)
{
    static const norm_functions functions = {
        alx_op_spatial_norm_forward,
        alx_op_spatial_norm_backward,
        alx_ref_spatial_norm_forward,
        alx_ref_spatial_norm_backward,
    };
    const alx_lrn_params p = { 3, 1, 1.0f, 0.2f, 0.75f };

    (void)variant;
    TRY(norm_case(t, &functions, (alx_shape){ 2, 7, 5, 6 }, &p));
    return norm_case(t, &functions, (alx_shape){ 1, 2, 2, 17 }, &p);
}

/* Whole numbers from -1 to 1, so that maxima are tied. */
static int random_ties(check_case *t, alx_tensor **x, float **hx, alx_shape shape)
{
    TRY(check_random(t, x, hx, shape, 0.0f, 3.0f));
    for (size_t i = 0; i < alx_shape_count(shape); ++i)
        (*hx)[i] = (float)((int)(*hx)[i] - 1);
    return alx_tensor_write(*x, *hx);
}

static int maxpool_case(check_case *t, alx_shape in, const alx_pool_params *p)
{
    alx_tensor *x, *dy, *y, *index, *dx;
    float *hx, *hdy, *hy, *hindex, *want;
    alx_shape out;

    TRY(alx_pool_output(&out, in, p));
    TRY(random_ties(t, &x, &hx, in));
    TRY(check_random(t, &dy, &hdy, out, -1.0f, 1.0f));
    TRY(check_tensor(&t->pool, &y, out));
    TRY(check_tensor(&t->pool, &index, out));
    TRY(check_tensor(&t->pool, &dx, in));
    TRY(check_host(&t->pool, &hy, alx_shape_count(out)));
    TRY(check_host(&t->pool, &hindex, alx_shape_count(out)));
    TRY(check_host(&t->pool, &want, alx_shape_count(in)));
    TRY(alx_op_maxpool_forward(y, index, x, p));
    alx_ref_maxpool_forward(hy, (int32_t *)hindex, hx, out, in, p);
    TRY(check_compare(t, y, hy, 0.0, "forward"));
    TRY(check_compare_integers(t, index, (const int32_t *)hindex, "places of the maxima"));
    TRY(alx_op_maxpool_backward(dx, dy, index, x, y, p));
    alx_ref_maxpool_backward(want, hdy, (int32_t *)hindex, hx, hy, out, in, p);
    return check_compare(t, dx, want, ALX_REF_ROUND_LIMIT, "backward");
}

static int check_maxpool(check_case *t, int variant)
{
    const bool all_ties = variant != 0;
    const alx_pool_params overlapping = { 3, 2, false, all_ties };
    const alx_pool_params clipped = { 3, 2, true, all_ties };
    const alx_pool_params side_by_side = { 2, 2, false, all_ties };

    TRY(maxpool_case(t, (alx_shape){ 2, 13, 9, 5 }, &overlapping));
    TRY(maxpool_case(t, (alx_shape){ 1, 8, 6, 4 }, &clipped));
    return maxpool_case(t, (alx_shape){ 2, 7, 8, 17 }, &side_by_side);
}

static int check_adaptive_pool(check_case *t, int variant)
{
    const alx_shape in = { 2, 7, 5, 6 }, out = { 2, 3, 3, 6 };
    alx_tensor *x, *dy, *y, *dx;
    float *hx, *hdy, *want;

    (void)variant;
    TRY(check_random(t, &x, &hx, in, -1.0f, 1.0f));
    TRY(check_random(t, &dy, &hdy, out, -1.0f, 1.0f));
    TRY(check_tensor(&t->pool, &y, out));
    TRY(check_tensor(&t->pool, &dx, in));
    TRY(check_host(&t->pool, &want, alx_shape_count(in)));
    TRY(alx_op_adaptive_pool_forward(y, x));
    alx_ref_adaptive_pool_forward(want, hx, out, in);
    TRY(check_compare(t, y, want, alx_ref_sum_limit(9), "forward"));
    TRY(alx_op_adaptive_pool_backward(dx, dy));
    alx_ref_adaptive_pool_backward(want, hdy, out, in);
    return check_compare(t, dx, want, alx_ref_sum_limit(9), "backward");
}

const check_kernel check_maps_kernels[] = {
    { "relu", check_activation, ALX_ACT_RELU, CHECK_ANY },
    { "tanh", check_activation, ALX_ACT_TANH, CHECK_ANY },
    { "sigmoid", check_activation, ALX_ACT_SIGMOID, CHECK_ANY },
    { "leaky relu", check_activation, ALX_ACT_LEAKY, CHECK_ANY },
    { "lrn", check_lrn, 0, CHECK_ANY },
    { "spatial norm", check_spatial_norm, 0, CHECK_ANY },
    { "max pool", check_maxpool, false, CHECK_ANY },
    { "max pool, all ties", check_maxpool, true, CHECK_ANY },
    { "adaptive pool", check_adaptive_pool, 0, CHECK_ANY },
    { .name = NULL },
};
