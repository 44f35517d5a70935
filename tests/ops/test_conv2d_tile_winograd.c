/* test_conv2d_tile_winograd.c - the Winograd convolution for GPUs: errors on the layers of
 * paper.ini, shapes that divide nothing, the direct algorithm where tiles do not pay. */
#include "support/conv.h"

/* One tower's, as in paper.ini; the gradient of conv2's weights in two parts. */
static const alx_ref_case layers[] = {
    { "conv2", { 17, 27, 27, 48 }, 128, { 5, 1, 2, 1, false } },
    { "conv3", { 9, 13, 13, 256 }, 192, { 3, 1, 1, 1, false } },
    { "conv5", { 9, 13, 13, 192 }, 128, { 3, 1, 1, 1, false } },
};

static const alx_ref_case odd_cases[] = {
    { "odd planes, channels, filters", { 27, 9, 14, 61 }, 77, { 3, 1, 1, 1, false } },
    { "5x5", { 11, 15, 15, 61 }, 47, { 5, 1, 2, 1, false } },
    { "5x5, more padding than same", { 13, 8, 9, 40 }, 47, { 5, 1, 4, 1, false } },
    { "4x4", { 17, 15, 11, 61 }, 77, { 4, 1, 1, 1, false } },
    { "two groups", { 9, 15, 14, 130 }, 134, { 3, 1, 1, 2, false } },
    { "wide row", { 2, 5, 211, 61 }, 77, { 3, 1, 1, 1, false } },
};

static const alx_ref_case direct_cases[] = {
    { "stride 2", { 4, 13, 13, 64 }, 64, { 3, 2, 1, 1, false } },
    { "few channels", { 4, 27, 27, 3 }, 64, { 3, 1, 1, 1, false } },
    { "one small image: the filters' transform costs more",
      { 1, 5, 5, 64 },
      64,
      { 3, 1, 1, 1, false } },
    { "no tiles for 1x1", { 4, 13, 13, 64 }, 64, { 1, 1, 0, 1, false } },
    { "padding that crops grad-input", { 4, 13, 13, 64 }, 64, { 3, 1, 3, 1, false } },
};

/* Gradients of weights whose sums, of 49 points, are no multiple of 4 floats: three parts and
 * five. */
static const alx_ref_case unaligned_cases[] = {
    { "sums of 2 more", { 105, 30, 30, 45 }, 46, { 3, 1, 1, 1, false } },
    { "sums of 1 more", { 217, 30, 30, 45 }, 45, { 3, 1, 1, 1, false } },
};

/* The direct algorithm, which test_conv2d.c compares with the twin, is the faster oracle. */
static void layers_match_direct(void **state)
{
    alx_device *dev = test_device();

    for (size_t i = 0; i < ALX_COUNT(layers); ++i) {
        const alx_ref_case *c = &layers[i];
        const conv_data d = conv_data_make(c);

        for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass)
            test_assert_rel_max(c->what, conv_run(dev, ALX_CONV_TILE_WINOGRAD, pass, c, &d, false),
                                conv_run(dev, ALX_CONV_IM2COL, pass, c, &d, false),
                                conv_result_count(pass, c, &d), alx_ref_pass_limit(pass));
        test_teardown(state);
    }
}

static void weights_accumulate(alx_device *dev, const alx_ref_case *c, const conv_data *d,
                               const float *grad_w)
{
    const size_t count = alx_shape_count(d->weight);
    float *want = test_host(count);

    for (size_t i = 0; i < count; ++i)
        want[i] = grad_w[i] + d->w[i];
    test_assert_rel_max(c->what,
                        conv_run(dev, ALX_CONV_TILE_WINOGRAD, ALX_PASS_GRAD_WEIGHT, c, d, true),
                        want, count, alx_ref_pass_limit(ALX_PASS_GRAD_WEIGHT));
}

static void odd_shapes_match_twin(void **state)
{
    alx_device *dev = test_device();

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(odd_cases); ++i) {
        const alx_ref_case *c = &odd_cases[i];
        const conv_data d = conv_data_make(c);
        const float *want = NULL;

        for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
            want = conv_twin(pass, c, &d);
            test_assert_rel_max(c->what, conv_run(dev, ALX_CONV_TILE_WINOGRAD, pass, c, &d, false),
                                want, conv_result_count(pass, c, &d), alx_ref_pass_limit(pass));
        }
        weights_accumulate(dev, c, &d, want);
    }
}

static void tiles_are_used_where_they_pay(void **state)
{
    alx_device *dev = test_device();

    (void)state;
    for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
        for (size_t i = 0; i < ALX_COUNT(direct_cases); ++i)
            assert_true(conv_same_bits(dev, ALX_CONV_TILE_WINOGRAD, dev, ALX_CONV_TILE, pass,
                                       &direct_cases[i]));
        for (size_t i = 0; i < ALX_COUNT(odd_cases); ++i) {
            assert_false(conv_same_bits(dev, ALX_CONV_TILE_WINOGRAD, dev, ALX_CONV_TILE, pass,
                                        &odd_cases[i]));
            assert_true(conv_same_bits(dev, ALX_CONV_TILE_WINOGRAD, dev, ALX_CONV_TILE_WINOGRAD,
                                       pass, &odd_cases[i]));
        }
    }
}

/* A device of `bytes` takes few images at a time, and the same parts of the sums. */
static const float *run_with_memory(alx_device *dev, size_t bytes, alx_pass pass,
                                    const alx_ref_case *c, const conv_data *d)
{
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);
    const size_t real = info->global_bytes;

    info->global_bytes = bytes;
    const float *result = conv_run(dev, ALX_CONV_TILE_WINOGRAD, pass, c, d, false);
    info->global_bytes = real;
    return result;
}

static void assert_memory_changes_no_bit(alx_device *dev, alx_pass pass, const alx_ref_case *c,
                                         const conv_data *d)
{
    print_message("%s\n", c->what);
    assert_memory_equal(run_with_memory(dev, (size_t)100 << 20, pass, c, d),
                        run_with_memory(dev, (size_t)16 << 30, pass, c, d),
                        conv_result_count(pass, c, d) * sizeof(float));
}

static void memory_changes_no_bit(void **state)
{
    alx_device *dev = test_device();
    const conv_data d = conv_data_make(&layers[0]);

    for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass)
        assert_memory_changes_no_bit(dev, pass, &layers[0], &d);
    for (size_t i = 0; i < ALX_COUNT(unaligned_cases); ++i) {
        const conv_data odd = conv_data_make(&unaligned_cases[i]);

        assert_memory_changes_no_bit(dev, ALX_PASS_GRAD_WEIGHT, &unaligned_cases[i], &odd);
        test_teardown(state);
    }
}

/* Two parts whose sums would be 274 MB: the second is added to the first. */
static void many_weights_have_fewer_sums_than_parts(void **state)
{
    static const alx_ref_case c = { "one sum", { 50, 5, 5, 3500 }, 200, { 3, 1, 1, 1, false } };
    const alx_pass pass = ALX_PASS_GRAD_WEIGHT;
    alx_device *dev = test_device();
    const conv_data d = conv_data_make(&c);

    (void)state;
    test_assert_rel_max(c.what, conv_run(dev, ALX_CONV_TILE_WINOGRAD, pass, &c, &d, false),
                        conv_run(dev, ALX_CONV_IM2COL, pass, &c, &d, false),
                        conv_result_count(pass, &c, &d), alx_ref_pass_limit(pass));
}

/* At batch 256 the sums of all 64 parts would be 3.3 GB; there are five, of 4 images each time. */
static void scratch_does_not_grow_with_the_batch(void **state)
{
    static const alx_conv2d_params p = { 3, 1, 1, 1, false };
    static const alx_conv_choice choice = { .algo = ALX_CONV_TILE_WINOGRAD };

    (void)state;
    for (int images = 128; images <= 1024; images *= 2) {
        const alx_shape shape = { images, 28, 28, 512 };

        assert_int_equal(
            alx_op_conv2d_scratch(NULL, &choice, ALX_PASS_GRAD_WEIGHT, shape, shape, &p),
            5 * 49 * 512 * 512 + 2 * (5 * 4 * 36) * 49 * 512);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(layers_match_direct),
        test_on_device(odd_shapes_match_twin),
        test_on_device(tiles_are_used_where_they_pay),
        test_on_device(memory_changes_no_bit),
        test_on_device(many_weights_have_fewer_sums_than_parts),
        cmocka_unit_test(scratch_does_not_grow_with_the_batch),
    };

    return cmocka_run_group_tests_name("conv2d_tile_winograd", tests, NULL, test_device_close);
}
