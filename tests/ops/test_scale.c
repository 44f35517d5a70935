/* test_scale.c - multiplication by a constant: kernel against twin, in place, factor 1. */
#include "support/family.h"

#include "alexnet/dev/ref.h"

static void kernel_matches_twin(alx_device *dev)
{
    static const int counts[] = { 1, 4, 15, 257, 10007 };

    for (size_t i = 0; i < ALX_COUNT(counts); ++i) {
        const size_t count = (size_t)counts[i];
        const float *x = test_host_random(count, 1, -3.0f, 3.0f);
        const alx_tensor *in = test_vector_of(dev, count, x), *y = test_tensor(dev, in->shape);
        float *want = test_host(count);

        alx_ref_scale(want, x, count, 0.3f);
        assert_ok(alx_op_scale(y, in, 0.3f));
        assert_memory_equal(test_download(y), want, count * sizeof(float));
        test_assert_canary("scale", y);
        assert_ok(alx_op_scale(in, in, 0.3f));
        assert_memory_equal(test_download(in), want, count * sizeof(float));
        test_assert_canary("scale in place", in);
    }
}

static void factor_one_copies(alx_device *dev)
{
    const alx_tensor *x = test_tensor_random(dev, (alx_shape){ 1, 1, 1, 33 }, 2, -1.0f, 1.0f);
    const alx_tensor *y = test_tensor(dev, x->shape);

    assert_ok(alx_op_scale(y, x, 1.0f));
    assert_memory_equal(test_download(y), test_download(x), 33 * sizeof(float));
    assert_ok(alx_op_scale(y, y, 1.0f));
    assert_memory_equal(test_download(y), test_download(x), 33 * sizeof(float));
}

static void other_shape_is_refused(void **state)
{
    alx_device *dev = test_device();

    (void)state;
    assert_int_equal(alx_op_scale(test_tensor(dev, (alx_shape){ 1, 1, 1, 6 }),
                                  test_tensor(dev, (alx_shape){ 1, 1, 2, 3 }), 2.0f),
                     ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(kernel_matches_twin),
        test_on_families(factor_one_copies),
        test_on_device(other_shape_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
