/* test_adaptive_pool.c - adaptive average pooling: kernels against twins, known cells, twins
 * against finite differences. */
#include "support/family.h"
#include "support/gradient.h"

#include "alexnet/dev/ref.h"

static const struct {
    const char *why;
    alx_shape in, out;
} cases[] = {
    { "identity", { 2, 6, 6, 32 }, { 2, 6, 6, 32 } },
    { "overlapping cells", { 1, 13, 7, 16 }, { 1, 6, 6, 16 } },
    { "one cell", { 3, 5, 4, 12 }, { 3, 1, 1, 12 } },
    { "cells that divide", { 2, 12, 6, 3 }, { 2, 6, 2, 3 } },
    { "cells of two and of three", { 2, 5, 7, 16 }, { 2, 3, 4, 16 } },
    { "cells of two and of three, an odd number", { 1, 7, 7, 3 }, { 1, 4, 5, 3 } },
    { "more cells than pixels", { 1, 2, 3, 5 }, { 1, 6, 6, 5 } },
    { "one pixel", { 1, 1, 1, 1 }, { 1, 1, 1, 1 } },
};

static void kernels_match_twins(alx_device *dev)
{
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const alx_shape in = cases[i].in, out = cases[i].out;
        const size_t in_count = alx_shape_count(in), out_count = alx_shape_count(out);
        const float *x = test_host_random(in_count, 1, -1.0f, 1.0f);
        const float *grad_y = test_host_random(out_count, 2, -1.0f, 1.0f);
        const alx_tensor *y = test_tensor(dev, out), *grad_x = test_tensor(dev, in);
        float *want_y = test_host(out_count), *want_grad_x = test_host(in_count);

        alx_ref_adaptive_pool_forward(want_y, x, out, in);
        assert_ok(alx_op_adaptive_pool_forward(y, test_tensor_of(dev, in, x)));
        test_assert_rel_max(cases[i].why, test_download(y), want_y, out_count, 1e-6);
        test_assert_canary(cases[i].why, y);

        alx_ref_adaptive_pool_backward(want_grad_x, grad_y, out, in);
        assert_ok(alx_op_adaptive_pool_backward(grad_x, test_tensor_of(dev, out, grad_y)));
        test_assert_rel_max(cases[i].why, test_download(grad_x), want_grad_x, in_count, 1e-6);
        test_assert_canary(cases[i].why, grad_x);
    }
}

/* 5 rows to 3 cells: rows 0-1, 1-3, 3-4. */
static void known_cells(void **state)
{
    const alx_shape in = { 1, 5, 1, 1 }, out = { 1, 3, 1, 1 };
    const float x[] = { 1.0f, 2.0f, 4.0f, 8.0f, 16.0f };
    const float want[] = { 1.5f, 14.0f / 3.0f, 12.0f };
    float y[3];

    (void)state;
    alx_ref_adaptive_pool_forward(y, x, out, in);
    test_assert_close("cells", y, want, 3, 1e-7, 0.0);
}

static void adaptive_pool_of(float *y, const float *x, const void *context)
{
    const alx_shape *shapes = context;

    alx_ref_adaptive_pool_forward(y, x, shapes[1], shapes[0]);
}

static void twin_is_the_gradient(void **state)
{
    const alx_shape shapes[] = { { 2, 5, 7, 2 }, { 2, 3, 4, 2 } };
    const float *x = test_host_random(140, 3, -1.0f, 1.0f);
    const float *grad_y = test_host_random(48, 4, -1.0f, 1.0f);
    float grad_x[140];

    (void)state;
    alx_ref_adaptive_pool_backward(grad_x, grad_y, shapes[1], shapes[0]);
    test_assert_gradient("adaptive pool", grad_x, adaptive_pool_of, shapes, x, 140, grad_y, 48,
                         0.05f, 1e-4);
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *x = test_tensor(dev, (alx_shape){ 2, 5, 5, 4 });

    (void)state;
    assert_int_equal(alx_op_adaptive_pool_forward(test_tensor(dev, (alx_shape){ 1, 2, 2, 4 }), x),
                     ALX_E_USAGE);
    assert_int_equal(alx_op_adaptive_pool_backward(test_tensor(dev, (alx_shape){ 2, 9, 9, 5 }), x),
                     ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(kernels_match_twins),
        test_on_device(known_cells),
        test_on_device(twin_is_the_gradient),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
