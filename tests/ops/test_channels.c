/* test_channels.c - joining the towers' channels and adding the halves of gradients that return. */
#include "support/family.h"

#include "alexnet/ref.h"

#define PIXELS ((size_t)2 * 3 * 5)

static alx_shape with_channels(int channels)
{
    return (alx_shape){ 2, 3, 5, channels };
}

static void gather_matches_twin(alx_device *dev)
{
    static const struct {
        int count, channels[3];
    } cases[] = { { 2, { 32, 32 } }, { 2, { 12, 16 } }, { 3, { 1, 7, 4 } }, { 1, { 5 } } };

    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const float *host[3];
        const alx_tensor *parts[3];
        int total = 0;

        for (int part = 0; part < cases[i].count; ++part) {
            const int channels = cases[i].channels[part];

            host[part] = test_host_random(PIXELS * (size_t)channels, (uint32_t)part, -1.0f, 1.0f);
            parts[part] = test_tensor_of(dev, with_channels(channels), host[part]);
            total += channels;
        }
        const size_t count = PIXELS * (size_t)total;
        const alx_tensor *y = test_tensor(dev, with_channels(total));
        float *want = test_host(count);

        alx_ref_gather_channels(want, host, cases[i].channels, cases[i].count, PIXELS);
        assert_ok(alx_op_gather_channels(y, parts, cases[i].count));
        assert_memory_equal(test_download(y), want, count * sizeof(float));
        test_assert_canary("gather", y);
    }
}

static void sum_matches_twin(alx_device *dev)
{
    static const struct {
        int wholes, whole_channels, first, channels;
    } cases[] = { { 2, 64, 32, 32 }, { 2, 64, 0, 32 }, { 3, 20, 7, 12 }, { 1, 9, 4, 5 },
                  { 2, 7, 0, 7 } };

    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const size_t whole_count = PIXELS * (size_t)cases[i].whole_channels;
        const size_t count = PIXELS * (size_t)cases[i].channels;
        const float *host[3];
        const alx_tensor *wholes[3], *y = test_tensor(dev, with_channels(cases[i].channels));
        float *want = test_host(count);

        for (int whole = 0; whole < cases[i].wholes; ++whole) {
            host[whole] = test_host_random(whole_count, (uint32_t)whole, -1.0f, 1.0f);
            wholes[whole] =
                test_tensor_of(dev, with_channels(cases[i].whole_channels), host[whole]);
        }
        alx_ref_sum_channels(want, host, cases[i].wholes, cases[i].whole_channels,
                             cases[i].first, cases[i].channels, PIXELS);
        assert_ok(alx_op_sum_channels(y, wholes, cases[i].wholes, cases[i].first));
        test_assert_close("sum", test_download(y), want, count, 1e-6, 1e-6);
        test_assert_canary("sum", y);
    }
}

/* The gradient of a concatenation: slices of the whole, so gather then sum gives the parts back. */
static void sum_undoes_gather(alx_device *dev)
{
    const alx_tensor *parts[] = { test_tensor_random(dev, with_channels(9), 1, -1.0f, 1.0f),
                                  test_tensor_random(dev, with_channels(4), 2, -1.0f, 1.0f) };
    const alx_tensor *whole = test_tensor(dev, with_channels(13));
    int first = 0;

    assert_ok(alx_op_gather_channels(whole, parts, 2));
    for (size_t i = 0; i < 2; ++i) {
        const alx_tensor *back = test_tensor(dev, parts[i]->shape);

        assert_ok(alx_op_sum_channels(back, &whole, 1, first));
        assert_memory_equal(test_download(back), test_download(parts[i]),
                            PIXELS * (size_t)back->shape.c * sizeof(float));
        first += back->shape.c;
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *y = test_tensor(dev, with_channels(8));
    const alx_tensor *half = test_tensor(dev, with_channels(4));
    const alx_tensor *pixels = test_tensor(dev, (alx_shape){ 2, 3, 4, 4 });
    const alx_tensor *short_of[] = { half }, *too_many[] = { half, half, half };
    const alx_tensor *other_pixels[] = { half, pixels };

    (void)state;
    assert_int_equal(alx_op_gather_channels(y, short_of, 1), ALX_E_USAGE);
    assert_int_equal(alx_op_gather_channels(y, too_many, 3), ALX_E_USAGE);
    assert_int_equal(alx_op_gather_channels(y, other_pixels, 2), ALX_E_USAGE);
    assert_int_equal(alx_op_sum_channels(half, &y, 1, 5), ALX_E_USAGE);
    assert_int_equal(alx_op_sum_channels(half, &y, 1, -1), ALX_E_USAGE);
    assert_int_equal(alx_op_sum_channels(half, &y, 0, 0), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(gather_matches_twin),
        test_on_families(sum_matches_twin),
        test_on_families(sum_undoes_gather),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
