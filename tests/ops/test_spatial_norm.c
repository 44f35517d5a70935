/* test_spatial_norm.c - response normalisation over pixels of a map: kernels against twins, twins
 * against finite differences and against the formula written out. */
#include "support/family.h"
#include "support/gradient.h"

#include <math.h>

#include "alexnet/dev/ref.h"

/* alpha is large so that a window that is off by one shows. */
static const struct {
    const char *why;
    alx_shape shape;
    alx_lrn_params p;
} cases[] = {
    { "one pixel", { 2, 1, 1, 5 }, { 5, 1, 1.0f, 0.1f, 0.75f } },
    { "2012's second norm", { 1, 7, 6, 32 }, { 5, 1, 1.0f, 0.1f, 0.75f } },
    { "one row", { 2, 1, 9, 4 }, { 3, 1, 1.0f, 0.1f, 0.75f } },
    { "one column", { 2, 9, 1, 3 }, { 3, 1, 1.0f, 0.1f, 0.75f } },
    { "window larger than the map", { 1, 3, 2, 12 }, { 7, 1, 2.0f, 0.1f, 0.75f } },
    { "window of one", { 1, 3, 5, 16 }, { 1, 1, 2.0f, 0.1f, 0.75f } },
    { "another beta", { 3, 5, 7, 7 }, { 3, 1, 1.0f, 0.1f, 0.5f } },
    { "a beta above 1", { 3, 5, 7, 7 }, { 3, 1, 1.0f, 0.1f, 1.75f } },
};

static void kernels_match_twins(alx_device *dev)
{
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const alx_shape s = cases[i].shape;
        const alx_lrn_params *p = &cases[i].p;
        const size_t count = alx_shape_count(s);
        const float *x = test_host_random(count, 1, -2.0f, 2.0f);
        const float *grad_y = test_host_random(count, 2, -1.0f, 1.0f);
        const alx_tensor *in = test_tensor_of(dev, s, x), *y = test_tensor(dev, s);
        const alx_tensor *gradient = test_tensor_of(dev, s, grad_y), *grad_x = test_tensor(dev, s);
        float *want = test_host(count);

        alx_ref_spatial_norm_forward(want, x, s, p);
        assert_ok(alx_op_spatial_norm_forward(y, in, p));
        test_assert_close(cases[i].why, test_download(y), want, count, 2e-6, 0.0);
        test_assert_canary(cases[i].why, y);

        alx_ref_spatial_norm_backward(want, grad_y, x, s, p);
        assert_ok(alx_op_spatial_norm_backward(grad_x, gradient, in, p));
        test_assert_rel_max(cases[i].why, test_download(grad_x), want, count, 2e-6);
        test_assert_canary(cases[i].why, grad_x);
    }
}

/* Ones everywhere: s counts the pixels of the clipped window. */
static void twin_counts_its_window(void **state)
{
    const alx_lrn_params p = { 3, 1, 1.0f, 1.0f, 0.75f };
    const alx_shape s = { 1, 3, 4, 1 };
    const float pixels[] = { 4, 6, 6, 4, 6, 9, 9, 6, 4, 6, 6, 4 };
    float x[12], y[12], want[12];

    (void)state;
    for (size_t i = 0; i < 12; ++i) {
        x[i] = 1.0f;
        want[i] = powf(1.0f + pixels[i], -0.75f);
    }
    alx_ref_spatial_norm_forward(y, x, s, &p);
    test_assert_close("spatial norm", y, want, 12, 1e-6, 0.0);
}

static const alx_shape gradient_shape = { 1, 5, 4, 3 };
static const alx_lrn_params gradient_params = { 3, 1, 1.0f, 0.5f, 0.75f };

static void spatial_norm_of(float *y, const float *x, const void *context)
{
    (void)context;
    alx_ref_spatial_norm_forward(y, x, gradient_shape, &gradient_params);
}

static void twin_is_the_gradient(void **state)
{
    const size_t count = alx_shape_count(gradient_shape);
    const float *x = test_host_random(count, 3, -2.0f, 2.0f);
    const float *grad_y = test_host_random(count, 4, -1.0f, 1.0f);
    float *grad_x = test_host(count);

    (void)state;
    alx_ref_spatial_norm_backward(grad_x, grad_y, x, gradient_shape, &gradient_params);
    test_assert_gradient("spatial norm", grad_x, spatial_norm_of, NULL, x, count, grad_y, count,
                         0.01f, 2e-4);
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *x = test_tensor(dev, (alx_shape){ 1, 2, 3, 6 });
    const alx_tensor *y = test_tensor(dev, (alx_shape){ 1, 3, 2, 6 });
    const alx_lrn_params good = { 3, 1, 1.0f, 1e-4f, 0.75f }, even = { 2, 1, 1.0f, 1e-4f, 0.75f };

    (void)state;
    assert_int_equal(alx_op_spatial_norm_forward(y, x, &good), ALX_E_USAGE);
    assert_int_equal(alx_op_spatial_norm_forward(x, x, &even), ALX_E_USAGE);
    assert_int_equal(alx_op_spatial_norm_backward(x, y, x, &good), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(kernels_match_twins),
        test_on_device(twin_counts_its_window),
        test_on_device(twin_is_the_gradient),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
