/* test_grad_bias.c - gradient of the biases against its twin. */
#include "support/family.h"

#include <string.h>

#include "alexnet/dev/ref.h"

static const struct {
    const char *why;
    alx_shape grad_y;
} cases[] = {
    { "one of all", { 1, 1, 1, 1 } },
    { "conv1 of a tower, small", { 2, 11, 13, 48 } },
    { "vectors of 4", { 3, 5, 7, 12 } },
    { "no vectors", { 2, 9, 4, 17 } },
    { "many vectors", { 1, 3, 3, 384 } },
    { "fully connected, batch 1", { 1, 1, 1, 4096 } },
    { "fully connected, batch 5", { 5, 1, 1, 1000 } },
    { "a square of rows", { 16, 4, 4, 5 } },
};

static void kernel_matches_twin(alx_device *dev)
{
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const alx_shape shape = cases[i].grad_y;
        const size_t count = alx_shape_count(shape), channels = (size_t)shape.c;
        const size_t rows = count / channels, floats = alx_op_grad_bias_scratch(shape);
        const double limit = alx_ref_sum_limit(rows);
        const float *grad_y = test_host_random(count, 1, -1.0f, 1.0f);
        const alx_tensor *y = test_tensor_of(dev, shape, grad_y);
        const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)floats });
        const alx_tensor *grad_b = test_tensor(dev, (alx_shape){ 1, 1, 1, shape.c });
        float *want = test_host(channels);

        alx_ref_grad_bias(want, grad_y, rows, shape.c);
        assert_ok(alx_op_grad_bias(grad_b, y, false, scratch));
        test_assert_rel_max(cases[i].why, test_download(grad_b), want, channels, limit);
        assert_ok(alx_op_grad_bias(grad_b, y, true, scratch));
        for (size_t c = 0; c < channels; ++c)
            want[c] *= 2.0f;
        test_assert_rel_max(cases[i].why, test_download(grad_b), want, channels, limit);
        test_assert_canary(cases[i].why, grad_b);
        test_assert_canary(cases[i].why, scratch);
    }
}

/* The order of the sums does not depend on how the work is split. */
static void families_agree_bit_for_bit(void **state)
{
    static const alx_device_type types[] = { ALX_DEVICE_CPU, ALX_DEVICE_GPU };
    alx_device *dev = test_device();
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);
    const alx_device_type real = info->type;
    const alx_shape shape = { 3, 17, 9, 48 };
    const alx_tensor *grad_y = test_tensor_random(dev, shape, 2, -1.0f, 1.0f);
    const alx_tensor *scratch = test_tensor(
        dev, (alx_shape){ 1, 1, 1, (int)alx_op_grad_bias_scratch(shape) });
    const float *got[2];

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(types); ++i) {
        const alx_tensor *grad_b = test_tensor(dev, (alx_shape){ 1, 1, 1, shape.c });

        info->type = types[i];
        assert_ok(alx_op_grad_bias(grad_b, grad_y, false, scratch));
        got[i] = test_download(grad_b);
    }
    info->type = real;
    assert_memory_equal(got[0], got[1], (size_t)shape.c * sizeof(float));
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *grad_y = test_tensor(dev, (alx_shape){ 2, 3, 3, 4 });
    const alx_tensor *grad_b = test_tensor(dev, (alx_shape){ 1, 1, 1, 4 });
    const alx_tensor *wrong = test_tensor(dev, (alx_shape){ 1, 1, 1, 5 });
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, 64 });

    (void)state;
    assert_ok(alx_op_grad_bias(grad_b, grad_y, false, scratch));
    assert_int_equal(alx_op_grad_bias(wrong, grad_y, false, scratch), ALX_E_USAGE);
    assert_int_equal(alx_op_grad_bias(grad_b, grad_y, false, grad_b), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(kernel_matches_twin),
        test_on_device(families_agree_bit_for_bit),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests_name("grad_bias", tests, NULL, test_device_close);
}
