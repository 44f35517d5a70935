/* test_norm_pool.c - normalisation and max-pooling fused, against the simple kernels one after the
 * other: odd planes, windows cut by the edge, ties, NaN; what does not fit is refused. */
#include "support/device.h"

#include <math.h>
#include <string.h>

#include "alexnet/dev/ops.h"
#include "ops/shared.h"

typedef struct norm_pool_case {
    const char *why;
    alx_shape in;
    alx_lrn_params norm; /* size 0: none */
    alx_pool_params pool;
} norm_pool_case;

/* Large alphas: the window matters. */
static const norm_pool_case cases[] = {
    { "pool1 of a tower", { 2, 55, 55, 48 }, { 5, 1, 2.0f, 0.2f, 0.75f }, { 3, 2, false, false } },
    { "pool2, one tower",
      { 3, 27, 27, 256 },
      { 5, 1, 2.0f, 1e-4f, 0.75f },
      { 3, 2, false, false } },
    { "pool5", { 5, 13, 13, 128 }, { 0, 1, 1.0f, 0.0f, 0.0f }, { 3, 2, false, false } },
    { "2/2", { 3, 8, 8, 16 }, { 0, 1, 1.0f, 0.0f, 0.0f }, { 2, 2, false, false } },
    { "cut windows", { 7, 12, 9, 32 }, { 3, 1, 1.0f, 0.5f, 0.75f }, { 3, 2, true, false } },
    { "another exponent", { 2, 10, 21, 16 }, { 7, 1, 1.5f, 0.3f, 0.5f }, { 3, 1, false, false } },
    { "gaps between windows",
      { 2, 11, 14, 32 },
      { 5, 1, 1.0f, 0.4f, 0.75f },
      { 2, 3, true, false } },
    { "windows of 15", { 1, 31, 33, 16 }, { 0, 1, 1.0f, 0.0f, 0.0f }, { 15, 4, true, false } },
    { "a wide norm", { 1, 4, 19, 16 }, { 31, 1, 2.0f, 0.1f, 0.75f }, { 3, 2, false, false } },
};

static const alx_lrn_params *norm_of(const norm_pool_case *c)
{
    return c->norm.size > 0 ? &c->norm : NULL;
}

static alx_shape quarter(alx_shape s)
{
    s.c /= 4;
    return s;
}

/* ReLU's outputs: many zeros, of which windows have several. */
static float *relu_outputs(alx_shape shape)
{
    float *x = test_host_random(alx_shape_count(shape), 1, -4.0f, 4.0f);

    for (size_t i = 0; i < alx_shape_count(shape); ++i)
        x[i] = x[i] > 0.0f ? x[i] : 0.0f;
    return x;
}

/* Of 0, 1 and 2 alone, the same in all channels of a pixel: after the norm, too, windows have
 * several maxima, and those above 0 pass a gradient on. */
static float *tied_outputs(alx_shape shape)
{
    const size_t channels = (size_t)shape.c, pixels = alx_shape_count(shape) / channels;
    const float *levels = test_host_random(pixels, 3, 0.0f, 3.0f);
    float *x = test_host(pixels * channels);

    for (size_t i = 0; i < pixels * channels; ++i)
        x[i] = floorf(levels[i / channels]);
    return x;
}

typedef struct results {
    const alx_tensor *y, *grad_x;
} results;

static results run_simple(alx_device *dev, const norm_pool_case *c, const alx_tensor *x,
                          const alx_tensor *grad_y, alx_shape out)
{
    const alx_tensor *y = test_tensor(dev, out), *index = test_tensor(dev, out);
    const alx_tensor *normed = x, *grad = test_tensor(dev, c->in), *grad_x = grad;

    if (norm_of(c) != NULL) {
        normed = test_tensor(dev, c->in);
        grad_x = test_tensor(dev, c->in);
        assert_ok(alx_op_lrn_forward(normed, x, &c->norm));
    }
    assert_ok(alx_op_maxpool_forward(y, index, normed, &c->pool));
    assert_ok(alx_op_maxpool_backward(grad, grad_y, index, normed, y, &c->pool));
    if (norm_of(c) != NULL)
        assert_ok(alx_op_lrn_backward(grad_x, grad, x, &c->norm));
    assert_ok(alx_op_activation_backward(grad_x, grad_x, x, ALX_ACT_RELU, 0.0f));
    return (results){ y, grad_x };
}

static results run_fused(alx_device *dev, const norm_pool_case *c, const alx_tensor *x,
                         const alx_tensor *grad_y, alx_shape out)
{
    const alx_tensor *y = test_tensor(dev, out), *grad_x = test_tensor(dev, c->in);
    const alx_tensor *winner = test_tensor(dev, quarter(out));

    assert_ok(alx_op_norm_pool_forward(y, winner, x, norm_of(c), &c->pool));
    assert_ok(alx_op_norm_pool_backward(grad_x, grad_y, winner, x, norm_of(c), &c->pool));
    test_assert_canary(c->why, y);
    test_assert_canary(c->why, winner);
    test_assert_canary(c->why, grad_x);
    return (results){ y, grad_x };
}

static alx_device *cpu_device(void)
{
    alx_device *dev = test_device();

    if (!ops_is_cpu(dev))
        skip();
    return dev;
}

static void assert_same_as_simple(const norm_pool_case *c, const float *inputs)
{
    alx_device *dev = cpu_device();
    alx_shape out;

    assert_ok(alx_pool_output(&out, c->in, &c->pool));
    const alx_tensor *x = test_tensor_of(dev, c->in, inputs);
    const alx_tensor *grad_y = test_tensor_random(dev, out, 2, -1.0f, 1.0f);
    const results want = run_simple(dev, c, x, grad_y, out);
    const results fused = run_fused(dev, c, x, grad_y, out);

    assert_memory_equal(test_download(fused.y), test_download(want.y),
                        alx_shape_count(out) * sizeof(float));
    assert_memory_equal(test_download(fused.grad_x), test_download(want.grad_x),
                        alx_shape_count(c->in) * sizeof(float));
}

static void equals_the_simple_kernels(void **state)
{
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        assert_same_as_simple(&cases[i], relu_outputs(cases[i].in));
        test_teardown(state);
        assert_same_as_simple(&cases[i], tied_outputs(cases[i].in));
        test_teardown(state);
    }
}

/* Inference asks for none. */
static void winners_may_be_left_out(void **state)
{
    alx_device *dev = cpu_device();
    const norm_pool_case *c = &cases[4];
    alx_shape out;

    (void)state;
    assert_ok(alx_pool_output(&out, c->in, &c->pool));
    const alx_tensor *x = test_tensor_random(dev, c->in, 1, -1.0f, 1.0f);
    const alx_tensor *y = test_tensor(dev, out), *alone = test_tensor(dev, out);
    const alx_tensor *winner = test_tensor(dev, quarter(out));

    assert_ok(alx_op_norm_pool_forward(y, winner, x, &c->norm, &c->pool));
    assert_ok(alx_op_norm_pool_forward(alone, NULL, x, &c->norm, &c->pool));
    assert_memory_equal(test_download(y), test_download(alone), alx_shape_count(out) * 4);
}

static void a_nan_is_the_maximum(void **state)
{
    alx_device *dev = cpu_device();
    const alx_shape in = { 1, 6, 6, 16 }, out = { 1, 2, 2, 16 };
    const alx_pool_params pool = { 3, 2, false, false };
    float *x = test_host_random(alx_shape_count(in), 1, 0.0f, 1.0f);
    const alx_tensor *y = test_tensor(dev, out);

    (void)state;
    x[(2 * 6 + 2) * 16 + 5] = NAN; /* the corner of all windows */
    assert_ok(alx_op_norm_pool_forward(y, NULL, test_tensor_of(dev, in, x), NULL, &pool));
    const float *got = test_download(y);
    for (size_t i = 0; i < alx_shape_count(out); ++i)
        assert_true(isnan(got[i]) == (i % 16 == 5));
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = cpu_device();
    const alx_shape in = { 1, 7, 7, 32 };
    const alx_lrn_params norm = { 5, 1, 2.0f, 1e-4f, 0.75f }, ranges = { 5, 2, 2.0f, 1e-4f, 0.75f };
    const alx_pool_params pool = { 3, 2, false, false }, ties = { 3, 2, false, true };
    const alx_tensor *x = test_tensor(dev, in), *y = test_tensor(dev, (alx_shape){ 1, 3, 3, 32 });

    (void)state;
    assert_true(alx_op_norm_pool_fits(dev, in, &norm, &pool));
    assert_false(alx_op_norm_pool_fits(dev, in, &ranges, &pool));
    assert_false(alx_op_norm_pool_fits(dev, in, &norm, &ties));
    assert_false(alx_op_norm_pool_fits(dev, (alx_shape){ 1, 7, 7, 24 }, NULL, &pool));
    assert_int_equal(alx_op_norm_pool_forward(y, NULL, x, &ranges, &pool), ALX_E_USAGE);
    assert_int_equal(alx_op_norm_pool_forward(y, y, x, &norm, &pool), ALX_E_USAGE);
    assert_int_equal(alx_op_norm_pool_forward(x, NULL, x, &norm, &pool), ALX_E_USAGE);
    assert_int_equal(alx_op_norm_pool_backward(x, y, NULL, x, &norm, &pool), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(equals_the_simple_kernels),
        test_on_device(winners_may_be_left_out),
        test_on_device(a_nan_is_the_maximum),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests_name("norm_pool", tests, NULL, test_device_close);
}
