/* test_maxpool.c - max pooling: output sizes, kernels against twins bit for bit, ties, NaN, twins
 * against finite differences. */
#include "support/family.h"
#include "support/gradient.h"

#include <math.h>

#include "alexnet/dev/ref.h"

static void output_sizes(void **state)
{
    static const struct {
        int in, kernel, stride, floor, ceil; /* 0: does not fit */
    } sizes[] = {
        { 55, 3, 2, 27, 27 }, { 27, 3, 2, 13, 13 }, { 13, 3, 2, 6, 6 }, { 55, 2, 2, 27, 28 },
        { 26, 2, 2, 13, 13 }, { 6, 3, 2, 2, 3 },    { 5, 1, 3, 2, 2 },  { 2, 3, 2, 0, 1 },
        { 3, 3, 2, 1, 1 },    { 4, 2, 3, 1, 2 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(sizes); ++i) {
        const alx_shape in = { 2, sizes[i].in, sizes[i].in, 3 };
        alx_pool_params p = { sizes[i].kernel, sizes[i].stride, false, false };
        alx_shape out;

        assert_int_equal(alx_pool_output(&out, in, &p), sizes[i].floor > 0 ? 0 : ALX_E_USAGE);
        assert_int_equal(out.h, sizes[i].floor);
        p.ceil = true;
        assert_ok(alx_pool_output(&out, in, &p));
        assert_int_equal(out.w, sizes[i].ceil);
        assert_true(out.n == 2 && out.c == 3);
    }
}

static const struct {
    const char *why;
    alx_shape in;
    alx_pool_params p;
} cases[] = {
    { "paper", { 2, 13, 13, 32 }, { 3, 2, false, false } },
    { "vectors of 4", { 2, 9, 7, 12 }, { 3, 2, false, false } },
    { "no vectors", { 3, 7, 11, 5 }, { 3, 2, false, false } },
    { "edges that no window reaches", { 1, 8, 6, 16 }, { 3, 2, false, false } },
    { "ceil", { 1, 8, 6, 16 }, { 3, 2, true, false } },
    { "ceil, window larger than the image", { 2, 2, 1, 4 }, { 3, 2, true, false } },
    { "not overlapping", { 2, 6, 8, 3 }, { 2, 2, false, false } },
    { "gaps between windows", { 1, 9, 10, 7 }, { 2, 3, false, false } },
    { "heavy overlap", { 1, 9, 8, 4 }, { 5, 1, false, false } },
    { "one pixel", { 3, 1, 1, 1 }, { 1, 1, false, false } },
    { "all ties", { 2, 9, 7, 16 }, { 3, 2, false, true } },
    { "all ties, ceil", { 2, 8, 7, 3 }, { 3, 2, true, true } },
};

/* Few different values, so that many windows have ties. */
static float *host_with_ties(size_t count)
{
    float *x = test_host_random(count, 1, -4.0f, 4.0f);

    for (size_t i = 0; i < count; ++i)
        x[i] = floorf(x[i]);
    return x;
}

static void kernels_match_twins(alx_device *dev)
{
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const alx_pool_params *p = &cases[i].p;
        const alx_shape in = cases[i].in;
        alx_shape out;

        assert_ok(alx_pool_output(&out, in, p));
        const size_t in_count = alx_shape_count(in), out_count = alx_shape_count(out);
        const float *x = host_with_ties(in_count);
        const float *grad_y = test_host_random(out_count, 2, -1.0f, 1.0f);
        const alx_tensor *tx = test_tensor_of(dev, in, x), *grad_x = test_tensor(dev, in);
        const alx_tensor *y = test_tensor(dev, out), *index = test_tensor(dev, out);
        float *want_y = test_host(out_count), *want_grad_x = test_host(in_count);
        int32_t *want_index = (int32_t *)(void *)test_host(out_count);

        alx_ref_maxpool_forward(want_y, want_index, x, out, in, p);
        assert_ok(alx_op_maxpool_forward(y, index, tx, p));
        assert_memory_equal(test_download(y), want_y, out_count * sizeof(float));
        assert_memory_equal(test_download(index), want_index, out_count * sizeof(int32_t));
        test_assert_canary(cases[i].why, y);
        test_assert_canary(cases[i].why, index);

        alx_ref_maxpool_backward(want_grad_x, grad_y, want_index, x, want_y, out, in, p);
        assert_ok(alx_op_maxpool_backward(grad_x, test_tensor_of(dev, out, grad_y),
                                          p->all_ties ? NULL : index, p->all_ties ? tx : NULL,
                                          p->all_ties ? y : NULL, p));
        test_assert_close(cases[i].why, test_download(grad_x), want_grad_x, in_count, 1e-6, 1e-6);
        test_assert_canary(cases[i].why, grad_x);
    }
}

static void index_may_be_left_out(alx_device *dev)
{
    const alx_pool_params p = { 3, 2, false, false };
    const alx_shape in = { 1, 7, 7, 16 }, out = { 1, 3, 3, 16 };
    const alx_tensor *x = test_tensor_random(dev, in, 3, -1.0f, 1.0f);
    const alx_tensor *y = test_tensor(dev, out), *with = test_tensor(dev, out);
    const alx_tensor empty = { .dev = dev };

    assert_ok(alx_op_maxpool_forward(with, test_tensor(dev, out), x, &p));
    assert_ok(alx_op_maxpool_forward(y, NULL, x, &p));
    assert_memory_equal(test_download(y), test_download(with), 144 * sizeof(float));
    assert_ok(alx_op_maxpool_forward(y, &empty, x, &p));
    assert_memory_equal(test_download(y), test_download(with), 144 * sizeof(float));
}

/* One window of four: the first NaN wins, the first of equals wins, -inf everywhere is place 0. */
static void winners_of_hard_windows(alx_device *dev)
{
    static const struct {
        float x[4];
        int32_t winner;
    } windows[] = {
        { { 1.0f, NAN, 5.0f, NAN }, 1 },
        { { NAN, 2.0f, 3.0f, 4.0f }, 0 },
        { { 1.0f, 7.0f, 7.0f, 2.0f }, 1 },
        { { -INFINITY, -INFINITY, -INFINITY, -INFINITY }, 0 },
        { { -INFINITY, INFINITY, 1.0f, INFINITY }, 1 },
        { { -0.0f, 0.0f, -1.0f, 0.0f }, 0 },
    };
    const alx_pool_params p = { 2, 2, false, false };
    const alx_tensor *y = test_tensor(dev, (alx_shape){ 1, 1, 1, 1 });
    const alx_tensor *index = test_tensor(dev, y->shape);

    for (size_t i = 0; i < ALX_COUNT(windows); ++i) {
        const alx_tensor *x = test_tensor_of(dev, (alx_shape){ 1, 2, 2, 1 }, windows[i].x);

        assert_ok(alx_op_maxpool_forward(y, index, x, &p));
        assert_int_equal(*(int32_t *)(void *)test_download(index), windows[i].winner);
        assert_memory_equal(test_download(y), &windows[i].x[windows[i].winner], sizeof(float));
    }
}

typedef struct pool_context {
    alx_shape out, in;
    alx_pool_params p;
} pool_context;

static void maxpool_of(float *y, const float *x, const void *context)
{
    const pool_context *c = context;

    alx_ref_maxpool_forward(y, NULL, x, c->out, c->in, &c->p);
}

/* All values differ by more than the step, so no window changes its winner. */
static void twin_is_the_gradient(void **state)
{
    pool_context c = { .in = { 2, 5, 6, 2 }, .p = { 3, 2, true, false } };
    float x[120], y[120], grad_x[120];
    int32_t index[120];

    (void)state;
    assert_ok(alx_pool_output(&c.out, c.in, &c.p));
    for (int i = 0; i < 120; ++i)
        x[i] = 0.1f * (float)(i * 47 % 120);
    const size_t out_count = alx_shape_count(c.out);
    const float *grad_y = test_host_random(out_count, 4, -1.0f, 1.0f);

    for (int ties = 0; ties < 2; ++ties) {
        c.p.all_ties = ties;
        alx_ref_maxpool_forward(y, index, x, c.out, c.in, &c.p);
        alx_ref_maxpool_backward(grad_x, grad_y, index, x, y, c.out, c.in, &c.p);
        test_assert_gradient("maxpool", grad_x, maxpool_of, &c, x, 120, grad_y, out_count, 0.02f,
                             1e-4);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_pool_params p = { 3, 2, false, false }, none = { 3, 0, false, false };
    const alx_tensor *x = test_tensor(dev, (alx_shape){ 1, 7, 7, 2 });
    const alx_tensor *y = test_tensor(dev, (alx_shape){ 1, 3, 3, 2 });
    const alx_tensor *wrong = test_tensor(dev, (alx_shape){ 1, 3, 4, 2 });

    (void)state;
    assert_int_equal(alx_op_maxpool_forward(wrong, NULL, x, &p), ALX_E_USAGE);
    assert_int_equal(alx_op_maxpool_forward(y, wrong, x, &p), ALX_E_USAGE);
    assert_int_equal(alx_op_maxpool_forward(y, y, x, &none), ALX_E_USAGE);
    assert_int_equal(alx_op_maxpool_backward(x, y, wrong, NULL, NULL, &p), ALX_E_USAGE);
    assert_int_equal(alx_op_maxpool_backward(x, y, NULL, NULL, NULL, &p), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(output_sizes),
        test_on_families(kernels_match_twins),
        test_on_families(index_may_be_left_out),
        test_on_families(winners_of_hard_windows),
        test_on_device(twin_is_the_gradient),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
