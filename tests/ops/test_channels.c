/* test_channels.c - slices of channels: what towers put side by side and what they take back. */
#include "support/family.h"

#include "alexnet/dev/ref.h"

#define PIXELS ((size_t)2 * 3 * 5)

static alx_shape with_channels(int channels)
{
    return (alx_shape){ 2, 3, 5, channels };
}

/* Channels of the whole, place and width of the slice. */
static const struct {
    int whole, first, width;
} cases[] = { { 64, 32, 32 }, { 64, 0, 32 }, { 28, 12, 16 }, { 12, 1, 7 },
              { 9, 4, 5 },    { 7, 0, 7 },   { 1, 0, 1 } };

/* The rest of y keeps what it has. */
static void put_matches_twin(alx_device *dev)
{
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const size_t x_count = PIXELS * (size_t)cases[i].width;
        const size_t y_count = PIXELS * (size_t)cases[i].whole;
        const float *x = test_host_random(x_count, 1, -1.0f, 1.0f);
        float *want = test_host_random(y_count, 2, -1.0f, 1.0f);
        const alx_tensor *y = test_tensor_of(dev, with_channels(cases[i].whole), want);
        const alx_tensor *x_dev = test_tensor_of(dev, with_channels(cases[i].width), x);

        alx_ref_put_channels(want, cases[i].whole, cases[i].first, x, cases[i].width, PIXELS);
        assert_ok(alx_op_put_channels(y, cases[i].first, x_dev));
        assert_memory_equal(test_download(y), want, y_count * sizeof(float));
        test_assert_canary("put", y);
    }
}

static void take_matches_twin(alx_device *dev)
{
    for (size_t i = 0; i < 2 * ALX_COUNT(cases); ++i) {
        const bool add = i % 2 == 1;
        const int whole = cases[i / 2].whole, first = cases[i / 2].first;
        const int width = cases[i / 2].width;
        const size_t y_count = PIXELS * (size_t)width;
        const float *x = test_host_random(PIXELS * (size_t)whole, 3, -1.0f, 1.0f);
        float *want = test_host_random(y_count, 4, -1.0f, 1.0f);
        const alx_tensor *y = test_tensor_of(dev, with_channels(width), want);
        const alx_tensor *x_dev = test_tensor_of(dev, with_channels(whole), x);

        alx_ref_take_channels(want, width, x, whole, first, add, PIXELS);
        assert_ok(alx_op_take_channels(y, x_dev, first, add));
        assert_memory_equal(test_download(y), want, y_count * sizeof(float));
        test_assert_canary("take", y);
    }
}

/* Two at once are one after the other. */
static void two_at_once_are_the_same_bits(alx_device *dev)
{
    static const int widths[][2] = { { 32, 32 }, { 16, 4 }, { 12, 16 }, { 5, 4 }, { 7, 8 } };

    for (size_t i = 0; i < ALX_COUNT(widths); ++i) {
        const int width = widths[i][0], rest = widths[i][1], whole = width + rest;
        const alx_tensor *a = test_tensor_random(dev, with_channels(width), 1, -1.0f, 1.0f);
        const alx_tensor *b = test_tensor_random(dev, with_channels(rest), 2, -1.0f, 1.0f);
        const alx_tensor *joined = test_tensor(dev, with_channels(whole));
        const alx_tensor *put = test_tensor(dev, joined->shape);
        const alx_tensor *more = test_tensor_random(dev, joined->shape, 3, -1.0f, 1.0f);
        const alx_tensor *sum = test_tensor(dev, b->shape), *taken = test_tensor(dev, b->shape);

        assert_ok(alx_op_join_channels(joined, a, b));
        assert_ok(alx_op_put_channels(put, 0, a));
        assert_ok(alx_op_put_channels(put, width, b));
        assert_memory_equal(test_download(joined), test_download(put),
                            PIXELS * (size_t)whole * sizeof(float));
        assert_ok(alx_op_add_channels(sum, joined, more, width));
        assert_ok(alx_op_take_channels(taken, joined, width, false));
        assert_ok(alx_op_take_channels(taken, more, width, true));
        assert_memory_equal(test_download(sum), test_download(taken),
                            PIXELS * (size_t)rest * sizeof(float));
        test_assert_canary("joined", joined);
        test_assert_canary("sum", sum);
    }
}

/* The gradient of putting is taking: what was put comes back. */
static void take_undoes_put(alx_device *dev)
{
    const alx_tensor *parts[] = { test_tensor_random(dev, with_channels(9), 1, -1.0f, 1.0f),
                                  test_tensor_random(dev, with_channels(4), 2, -1.0f, 1.0f) };
    const alx_tensor *whole = test_tensor(dev, with_channels(13));

    assert_ok(alx_op_put_channels(whole, 0, parts[0]));
    assert_ok(alx_op_put_channels(whole, 9, parts[1]));
    for (int i = 0; i < 2; ++i) {
        const alx_tensor *back = test_tensor(dev, parts[i]->shape);

        assert_ok(alx_op_take_channels(back, whole, 9 * i, false));
        assert_memory_equal(test_download(back), test_download(parts[i]),
                            PIXELS * (size_t)back->shape.c * sizeof(float));
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *whole = test_tensor(dev, with_channels(8));
    const alx_tensor *half = test_tensor(dev, with_channels(4));
    const alx_tensor *pixels = test_tensor(dev, (alx_shape){ 2, 3, 4, 4 });

    (void)state;
    assert_int_equal(alx_op_put_channels(whole, 5, half), ALX_E_USAGE);
    assert_int_equal(alx_op_put_channels(whole, -1, half), ALX_E_USAGE);
    assert_int_equal(alx_op_put_channels(half, 0, whole), ALX_E_USAGE);
    assert_int_equal(alx_op_put_channels(whole, 0, pixels), ALX_E_USAGE);
    assert_int_equal(alx_op_take_channels(half, whole, 5, false), ALX_E_USAGE);
    assert_int_equal(alx_op_take_channels(half, whole, -1, true), ALX_E_USAGE);
    assert_int_equal(alx_op_take_channels(pixels, whole, 0, false), ALX_E_USAGE);
    assert_int_equal(alx_op_join_channels(whole, half, whole), ALX_E_USAGE);
    assert_int_equal(alx_op_join_channels(whole, half, pixels), ALX_E_USAGE);
    assert_int_equal(alx_op_add_channels(half, whole, half, 0), ALX_E_USAGE);
    assert_int_equal(alx_op_add_channels(half, whole, whole, 5), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(put_matches_twin),
        test_on_families(take_matches_twin),
        test_on_families(two_at_once_are_the_same_bits),
        test_on_families(take_undoes_put),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
