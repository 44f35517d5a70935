/* test_lrn.c - response normalisation across channels: known vectors, kernels against twins, twins
 * against finite differences. */
#include "support/family.h"
#include "support/gradient.h"

#include <math.h>

#include "alexnet/dev/ref.h"

#define PAPER_ALPHA 1e-4f

/* x = 10, 20, ..., 80 and what the formula makes of it, computed in double elsewhere. */
static const float vector_x[] = { 10.0f, 20.0f, 30.0f, 40.0f, 50.0f, 60.0f, 70.0f, 80.0f };
static const struct {
    const char *why;
    alx_lrn_params p;
    float y[8];
    float grad_x[8]; /* for grad_y = 1; all 0: not known */
} vectors[] = {
    { "alpha times the sum",
      { 5, 1, 2.0f, PAPER_ALPHA, 0.75f },
      { 5.65183754f, 10.7086351f, 14.8667528f, 17.9995436f, 20.1923283f, 21.6198559f, 26.0282122f,
        31.3307591f },
      { 0.545493145f, 0.477430317f, 0.381432248f, 0.280405309f, 0.174591315f, 0.0568998689f,
        0.0829994572f, 0.133871336f } },
    { "alpha over n",
      { 5, 1, 2.0f, PAPER_ALPHA / 5.0f, 0.75f },
      { 5.88435732f, 11.6313354f, 17.1359984f, 22.2955208f, 27.0365088f, 31.3125569f, 36.9040874f,
        42.8624971f },
      { 0.583434983f, 0.565428892f, 0.536273807f, 0.498513858f, 0.452031028f, 0.3964816f,
        0.402385179f, 0.421719132f } },
    { "two towers",
      { 5, 2, 2.0f, PAPER_ALPHA, 0.75f },
      { 5.65183754f, 10.7086351f, 16.0629526f, 21.4873758f, 21.4017228f, 22.3098962f, 26.0282122f,
        31.3307591f },
      { 0 } },
};

static void known_vectors(alx_device *dev)
{
    const float ones[] = { 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f };
    const alx_tensor *x = test_vector_of(dev, 8, vector_x), *grad_y = test_vector_of(dev, 8, ones);
    float twin[8];

    for (size_t i = 0; i < ALX_COUNT(vectors); ++i) {
        const alx_tensor *y = test_tensor(dev, x->shape), *grad_x = test_tensor(dev, x->shape);
        const alx_lrn_params *p = &vectors[i].p;

        alx_ref_lrn_forward(twin, vector_x, x->shape, p);
        test_assert_close(vectors[i].why, twin, vectors[i].y, 8, 1e-6, 0.0);
        assert_ok(alx_op_lrn_forward(y, x, p));
        test_assert_close(vectors[i].why, test_download(y), vectors[i].y, 8, 1e-6, 0.0);
        if (vectors[i].grad_x[0] == 0.0f)
            continue;
        alx_ref_lrn_backward(twin, ones, vector_x, x->shape, p);
        test_assert_close(vectors[i].why, twin, vectors[i].grad_x, 8, 1e-6, 1e-7);
        assert_ok(alx_op_lrn_backward(grad_x, grad_y, x, p));
        test_assert_close(vectors[i].why, test_download(grad_x), vectors[i].grad_x, 8, 2e-6, 2e-7);
    }
}

/* alpha is large so that a window that is off by one shows. */
static const struct {
    const char *why;
    alx_shape shape;
    alx_lrn_params p;
} cases[] = {
    { "one channel", { 3, 7, 1, 1 }, { 3, 1, 2.0f, 0.1f, 0.75f } },
    { "fewer channels than the window", { 1, 3, 4, 3 }, { 7, 1, 1.0f, 0.1f, 0.75f } },
    { "paper, first layer", { 2, 5, 3, 96 }, { 5, 2, 2.0f, 0.1f, 0.75f } },
    { "one range, vectors of 16", { 1, 7, 5, 32 }, { 5, 1, 2.0f, 0.1f, 0.75f } },
    { "window wider than a vector", { 1, 3, 5, 48 }, { 35, 1, 2.0f, 0.1f, 0.75f } },
    { "vectors of 4", { 3, 5, 13, 12 }, { 5, 1, 2.0f, 0.1f, 0.75f } },
    { "ranges of odd length", { 2, 5, 13, 21 }, { 5, 3, 2.0f, 0.1f, 0.75f } },
    { "window of one", { 1, 3, 3, 16 }, { 1, 1, 2.0f, 0.1f, 0.75f } },
    { "another beta", { 2, 3, 5, 16 }, { 5, 1, 1.5f, 0.1f, 0.6f } },
    { "another beta, no vectors", { 2, 3, 5, 7 }, { 3, 1, 1.5f, 0.1f, 1.25f } },
    { "more channels than fit an item", { 1, 1, 2, 5000 }, { 5, 1, 2.0f, 0.1f, 0.75f } },
};

static void kernels_match_twins(alx_device *dev)
{
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const alx_shape s = cases[i].shape;
        const alx_lrn_params *p = &cases[i].p;
        const size_t count = alx_shape_count(s);
        const float *x = test_host_random(count, 1, -3.0f, 3.0f);
        const float *grad_y = test_host_random(count, 2, -1.0f, 1.0f);
        const alx_tensor *in = test_tensor_of(dev, s, x), *y = test_tensor(dev, s);
        const alx_tensor *gradient = test_tensor_of(dev, s, grad_y), *grad_x = test_tensor(dev, s);
        float *want = test_host(count);

        alx_ref_lrn_forward(want, x, s, p);
        assert_ok(alx_op_lrn_forward(y, in, p));
        test_assert_close(cases[i].why, test_download(y), want, count, 2e-6, 0.0);
        test_assert_canary(cases[i].why, y);

        alx_ref_lrn_backward(want, grad_y, x, s, p);
        assert_ok(alx_op_lrn_backward(grad_x, gradient, in, p));
        test_assert_rel_max(cases[i].why, test_download(grad_x), want, count, 2e-6);
        test_assert_canary(cases[i].why, grad_x);
    }
}

/* A NaN spreads to its window and no further. */
static void nan_stays_in_its_window(alx_device *dev)
{
    const alx_lrn_params p = { 5, 2, 2.0f, 0.1f, 0.75f };
    const alx_shape s = { 1, 1, 2, 32 };
    float *x = test_host_random(64, 3, -1.0f, 1.0f);
    const alx_tensor *y = test_tensor(dev, s);

    x[14] = NAN;
    assert_ok(alx_op_lrn_forward(y, test_tensor_of(dev, s, x), &p));
    const float *got = test_download(y);

    for (size_t i = 0; i < 64; ++i)
        assert_int_equal(isnan(got[i]), i >= 12 && i < 16); /* 16 is the next range's */
}

typedef struct lrn_context {
    alx_shape shape;
    alx_lrn_params p;
} lrn_context;

static void lrn_of(float *y, const float *x, const void *context)
{
    const lrn_context *c = context;

    alx_ref_lrn_forward(y, x, c->shape, &c->p);
}

static void twin_is_the_gradient(void **state)
{
    const lrn_context contexts[] = {
        { { 2, 1, 3, 12 }, { 5, 2, 2.0f, 0.5f, 0.75f } },
        { { 1, 2, 2, 9 }, { 3, 1, 1.0f, 0.5f, 1.5f } },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(contexts); ++i) {
        const lrn_context *c = &contexts[i];
        const size_t count = alx_shape_count(c->shape);
        const float *x = test_host_random(count, 4, -2.0f, 2.0f);
        const float *grad_y = test_host_random(count, 5, -1.0f, 1.0f);
        float *grad_x = test_host(count);

        alx_ref_lrn_backward(grad_x, grad_y, x, c->shape, &c->p);
        test_assert_gradient("lrn", grad_x, lrn_of, c, x, count, grad_y, count, 0.01f, 2e-4);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *x = test_tensor(dev, (alx_shape){ 1, 2, 2, 6 });
    const alx_tensor *y = test_tensor(dev, x->shape);
    const alx_tensor *other = test_tensor(dev, (alx_shape){ 1, 2, 2, 5 });
    const alx_lrn_params good = { 5, 2, 2.0f, 1e-4f, 0.75f }, even = { 4, 2, 2.0f, 1e-4f, 0.75f },
                         ranges = { 5, 4, 2.0f, 1e-4f, 0.75f }, zero = { 5, 2, 0.0f, 1.0f, 0.75f };

    (void)state;
    assert_int_equal(alx_op_lrn_forward(y, other, &good), ALX_E_USAGE);
    assert_int_equal(alx_op_lrn_forward(y, x, &even), ALX_E_USAGE);
    assert_int_equal(alx_op_lrn_forward(y, x, &ranges), ALX_E_USAGE);
    assert_int_equal(alx_op_lrn_forward(y, x, &zero), ALX_E_USAGE);
    assert_int_equal(alx_op_lrn_backward(y, other, x, &good), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(known_vectors),
        test_on_families(kernels_match_twins),
        test_on_families(nan_stays_in_its_window),
        test_on_device(twin_is_the_gradient),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
