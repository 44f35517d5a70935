/* test_activation.c - relu, tanh, sigmoid, leaky relu: kernels against twins, twins against finite
 * differences, special values. */
#include "support/family.h"
#include "support/gradient.h"

#include <math.h>
#include <string.h>

#include "alexnet/dev/ref.h"

#define SLOPE 0.1f

static const alx_activation functions[] = { ALX_ACT_RELU, ALX_ACT_TANH, ALX_ACT_SIGMOID,
                                            ALX_ACT_LEAKY };
static const char *const names[] = { "relu", "tanh", "sigmoid", "leaky relu" };

/* One element, one less and one more than a vector, an odd number of runs. */
static const int counts[] = { 1, 3, 15, 16, 17, 1000, 4007 };

static alx_shape vector(int count)
{
    return (alx_shape){ 1, 1, 1, count };
}

static void forward_matches_twin(alx_device *dev)
{
    for (size_t f = 0; f < ALX_COUNT(functions); ++f)
        for (size_t i = 0; i < ALX_COUNT(counts); ++i) {
            const size_t count = (size_t)counts[i];
            const float *x = test_host_random(count, 1, -5.0f, 5.0f);
            const alx_tensor *in = test_vector_of(dev, count, x);
            const alx_tensor *y = test_tensor(dev, vector(counts[i]));
            float *want = test_host(count);

            alx_ref_activation_forward(want, x, count, functions[f], SLOPE);
            assert_ok(alx_op_activation_forward(y, in, functions[f], SLOPE));
            test_assert_close(names[f], test_download(y), want, count, 1e-6, 1e-7);
            test_assert_canary(names[f], y);

            assert_ok(alx_op_activation_forward(in, in, functions[f], SLOPE));
            assert_memory_equal(test_download(in), test_download(y), count * sizeof(float));
            test_assert_canary(names[f], in);
        }
}

static void backward_matches_twin(alx_device *dev)
{
    for (size_t f = 0; f < ALX_COUNT(functions); ++f)
        for (size_t i = 0; i < ALX_COUNT(counts); ++i) {
            const size_t count = (size_t)counts[i];
            const float *y = test_host_random(count, 2, -1.0f, 1.0f);
            const float *grad_y = test_host_random(count, 3, -1.0f, 1.0f);
            const alx_tensor *out = test_vector_of(dev, count, y);
            const alx_tensor *gradient = test_vector_of(dev, count, grad_y);
            const alx_tensor *grad_x = test_tensor(dev, vector(counts[i]));
            float *want = test_host(count);

            alx_ref_activation_backward(want, grad_y, y, count, functions[f], SLOPE);
            assert_ok(alx_op_activation_backward(grad_x, gradient, out, functions[f], SLOPE));
            test_assert_close(names[f], test_download(grad_x), want, count, 1e-6, 1e-7);
            test_assert_canary(names[f], grad_x);

            assert_ok(alx_op_activation_backward(gradient, gradient, out, functions[f], SLOPE));
            assert_memory_equal(test_download(gradient), test_download(grad_x),
                                count * sizeof(float));
        }
}

static void special_values_of_forward(alx_device *dev)
{
    const float x[] = { 0.0f, -0.0f, INFINITY, -INFINITY, 1e30f, -1e30f, NAN };
    static const float want[][6] = {
        { 0.0f, 0.0f, INFINITY, 0.0f, 1e30f, 0.0f },
        { 0.0f, 0.0f, 1.0f, -1.0f, 1.0f, -1.0f },
        { 0.5f, 0.5f, 1.0f, 0.0f, 1.0f, 0.0f },
        { 0.0f, 0.0f, INFINITY, -INFINITY, 1e30f, -0.1f * 1e30f },
    };
    const alx_tensor *in = test_vector_of(dev, ALX_COUNT(x), x);
    const alx_tensor *y = test_tensor(dev, in->shape);

    for (size_t f = 0; f < ALX_COUNT(functions); ++f) {
        assert_ok(alx_op_activation_forward(y, in, functions[f], SLOPE));
        const float *got = test_download(y);

        for (size_t i = 0; i < 6; ++i)
            if (got[i] != want[f][i] && fabsf(got[i] - want[f][i]) > 1e-6f * fabsf(want[f][i]))
                fail_msg("%s(%g) is %.9g, want %.9g", names[f], (double)x[i], (double)got[i],
                         (double)want[f][i]);
        assert_true(isnan(got[6]));
    }
}

/* A gradient of infinity at a unit that is off must vanish, not become 0 * inf = NaN. */
static void relu_has_no_gradient_at_zero(alx_device *dev)
{
    const float y[] = { 0.0f, -0.0f, 0.0f, 2.0f }, grad_y[] = { 3.0f, 3.0f, INFINITY, 3.0f };
    const alx_tensor *gradient = test_vector_of(dev, 4, grad_y);
    const alx_tensor *grad_x = test_tensor(dev, gradient->shape);

    assert_ok(alx_op_activation_backward(grad_x, gradient, test_vector_of(dev, 4, y), ALX_ACT_RELU,
                                         0.0f));
    const float *got = test_download(grad_x);

    assert_true(got[0] == 0.0f && got[1] == 0.0f && got[2] == 0.0f && got[3] == 3.0f);
}

/* The other side's slope, as PyTorch's leaky_relu takes it at 0. */
static void leaky_has_its_slope_at_zero(alx_device *dev)
{
    const float y[] = { 0.0f, -0.0f, 0.0f, 2.0f }, grad_y[] = { 3.0f, 3.0f, -1.0f, 3.0f };
    const alx_tensor *gradient = test_vector_of(dev, 4, grad_y);
    const alx_tensor *grad_x = test_tensor(dev, gradient->shape);

    assert_ok(alx_op_activation_backward(grad_x, gradient, test_vector_of(dev, 4, y), ALX_ACT_LEAKY,
                                         0.25f));
    const float *got = test_download(grad_x);

    assert_true(got[0] == 0.75f && got[1] == 0.75f && got[2] == -0.25f && got[3] == 3.0f);
}

static void activation_of(float *y, const float *x, const void *context)
{
    alx_ref_activation_forward(y, x, 64, *(const alx_activation *)context, SLOPE);
}

static void twin_is_the_gradient(void **state)
{
    float y[64], grad_x[64];
    float *x = test_host_random(64, 4, 0.1f, 3.0f);
    const float *grad_y = test_host_random(64, 5, -1.0f, 1.0f);

    (void)state;
    for (size_t i = 0; i < 64; i += 2)
        x[i] = -x[i]; /* both sides of the kink, none near it */
    for (size_t f = 0; f < ALX_COUNT(functions); ++f) {
        activation_of(y, x, &functions[f]);
        alx_ref_activation_backward(grad_x, grad_y, y, 64, functions[f], SLOPE);
        test_assert_gradient(names[f], grad_x, activation_of, &functions[f], x, 64, grad_y, 64,
                             0.01f, 1e-4);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *a = test_tensor(dev, vector(8)), *b = test_tensor(dev, vector(9));

    (void)state;
    assert_int_equal(alx_op_activation_forward(a, b, ALX_ACT_RELU, 0.0f), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "1x1x1x8 does not fit 1x1x1x9"));
    assert_int_equal(alx_op_activation_backward(a, a, b, ALX_ACT_RELU, 0.0f), ALX_E_USAGE);
    assert_int_equal(alx_op_activation_forward(a, a, ALX_ACT_NONE, 0.0f), ALX_E_USAGE);
    assert_int_equal(alx_op_activation_forward(a, a, ALX_ACT_LEAKY, -1.0f), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(forward_matches_twin),
        test_on_families(backward_matches_twin),
        test_on_families(special_values_of_forward),
        test_on_families(relu_has_no_gradient_at_zero),
        test_on_families(leaky_has_its_slope_at_zero),
        test_on_device(twin_is_the_gradient),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
