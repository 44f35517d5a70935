/* test_conv2d_winograd.c - the Winograd convolution against the twin: errors on the layers of
 * paper.ini, shapes that divide nothing, the direct algorithm where tiles do not apply. */
#include "support/conv.h"

#include <string.h>

/* One tower's, as in paper.ini. */
static const alx_ref_case layers[] = {
    { "conv2", { 2, 27, 27, 48 }, 128, { 5, 1, 2, 1, false } },
    { "conv3", { 3, 13, 13, 256 }, 192, { 3, 1, 1, 1, false } },
    { "conv4", { 2, 13, 13, 192 }, 192, { 3, 1, 1, 1, false } },
    { "conv5", { 3, 13, 13, 192 }, 128, { 3, 1, 1, 1, false } },
    { "conv1", { 2, 227, 227, 3 }, 48, { 11, 4, 0, 1, false } },
    { "conv1 of owt.ini", { 2, 224, 224, 3 }, 64, { 11, 4, 2, 1, false } },
    { "conv1, 224-ceil", { 2, 224, 224, 3 }, 48, { 11, 4, 0, 1, true } },
};

static const alx_ref_case odd_cases[] = {
    { "odd planes, channels, filters; chunks", { 27, 9, 14, 61 }, 77, { 3, 1, 1, 1, false } },
    { "5x5, no padding", { 11, 15, 15, 61 }, 47, { 5, 1, 0, 1, false } },
    { "5x5, more padding than same", { 13, 8, 9, 40 }, 47, { 5, 1, 4, 1, false } },
    { "4x4", { 17, 15, 11, 45 }, 46, { 4, 1, 1, 1, false } },
    { "two groups", { 9, 15, 14, 90 }, 94, { 3, 1, 2, 2, false } },
    { "maps of a tile", { 97, 4, 4, 61 }, 50, { 3, 1, 1, 1, false } },
    { "maps of two by two tiles", { 19, 7, 8, 45 }, 77, { 3, 1, 1, 1, false } },
    { "wide row", { 2, 5, 211, 32 }, 49, { 3, 1, 1, 1, false } },
};

/* Strides above 1: forward and gradient of the weights over folded images. */
static const alx_ref_case folded_cases[] = {
    { "conv1, small, 5 channels", { 7, 66, 59, 5 }, 77, { 11, 4, 0, 1, false } },
    { "padding on all sides, ceil", { 5, 56, 71, 3 }, 64, { 11, 4, 5, 1, true } },
    { "7x7 by 2: 4x4", { 13, 31, 40, 16 }, 61, { 7, 2, 3, 1, false } },
    { "9x9 by 2: 5x5", { 9, 37, 38, 13 }, 46, { 9, 2, 1, 1, false } },
    { "9x9 by 3: every tap", { 7, 50, 37, 7 }, 46, { 9, 3, 1, 1, false } },
};

static const alx_ref_case direct_cases[] = {
    { "stride 2, 2x2 taps when folded", { 4, 13, 13, 64 }, 64, { 3, 2, 1, 1, false } },
    { "stride 2, groups", { 4, 33, 33, 24 }, 64, { 5, 2, 1, 2, false } },
    { "few channels", { 4, 27, 27, 3 }, 64, { 3, 1, 1, 1, false } },
    { "one pixel", { 4, 1, 1, 64 }, 64, { 3, 1, 1, 1, false } },
    { "one small image: the filters' transform costs more",
      { 1, 5, 5, 64 },
      64,
      { 3, 1, 1, 1, false } },
    { "no tiles for 1x1", { 4, 13, 13, 64 }, 64, { 1, 1, 0, 1, false } },
    { "padding that crops grad-input", { 4, 13, 13, 64 }, 64, { 3, 1, 3, 1, false } },
};

/* The direct algorithm, which test_conv2d.c compares with the twin, is the faster oracle. */
static void layers_match_direct(void **state)
{
    alx_device *dev = test_device();

    for (size_t i = 0; i < ALX_COUNT(layers); ++i) {
        const alx_ref_case *c = &layers[i];
        const conv_data d = conv_data_make(c);

        for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass)
            test_assert_rel_max(c->what, conv_run(dev, ALX_CONV_WINOGRAD, pass, c, &d, false),
                                conv_run(dev, ALX_CONV_VEC, pass, c, &d, false),
                                conv_result_count(pass, c, &d), alx_ref_pass_limit(pass));
        test_teardown(state);
    }
}

/* What the device says of its registers while `dev` runs the kernels. */
static unsigned set_vector_floats(alx_device *dev, unsigned floats)
{
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);
    const unsigned before = info->vector_floats;

    info->vector_floats = floats;
    return before;
}

/* As many cores as it says it has. */
static unsigned set_cores(alx_device *dev, unsigned cores)
{
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);
    const unsigned before = info->compute_units;

    info->compute_units = cores;
    return before;
}

static void weights_accumulate(alx_device *dev, const alx_ref_case *c, const conv_data *d,
                               const float *grad_w)
{
    const size_t count = alx_shape_count(d->weight);
    float *want = test_host(count);

    for (size_t i = 0; i < count; ++i)
        want[i] = grad_w[i] + d->w[i];
    test_assert_rel_max(c->what, conv_run(dev, ALX_CONV_WINOGRAD, ALX_PASS_GRAD_WEIGHT, c, d, true),
                        want, count, alx_ref_pass_limit(ALX_PASS_GRAD_WEIGHT));
}

static void case_matches_twin(alx_device *dev, const alx_ref_case *c)
{
    const conv_data d = conv_data_make(c);
    const float *want = NULL;

    for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
        want = conv_twin(pass, c, &d);
        test_assert_rel_max(c->what, conv_run(dev, ALX_CONV_WINOGRAD, pass, c, &d, false), want,
                            conv_result_count(pass, c, &d), alx_ref_pass_limit(pass));
    }
    weights_accumulate(dev, c, &d, want);
}

static void odd_shapes_match_twin(void **state)
{
    alx_device *dev = test_device();
    const unsigned real = set_vector_floats(dev, 16);

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(odd_cases); ++i)
        case_matches_twin(dev, &odd_cases[i]);
    for (size_t i = 0; i < ALX_COUNT(folded_cases); ++i)
        case_matches_twin(dev, &folded_cases[i]);
    set_vector_floats(dev, real);
}

static void prepared_matches_twin(alx_device *dev, alx_conv_algo algo, const alx_ref_case *cases,
                                  size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const conv_data d = conv_data_make(&cases[i]);

        const size_t floats = conv_result_count(ALX_PASS_FORWARD, &cases[i], &d);
        const float *got = conv_run_prepared(dev, algo, &cases[i], &d, false);
        float *positive = test_host(floats);

        test_assert_rel_max(cases[i].what, got, conv_twin(ALX_PASS_FORWARD, &cases[i], &d), floats,
                            alx_ref_pass_limit(ALX_PASS_FORWARD));
        for (size_t j = 0; j < floats; ++j)
            positive[j] = got[j] < 0.0f ? 0.0f : got[j];
        assert_memory_equal(conv_run_prepared(dev, algo, &cases[i], &d, true), positive,
                            floats * sizeof(float));
    }
}

/* Also where images are so few that only filters made before pay, and where tiles never do. */
static void filters_made_before_match_twin(void **state)
{
    static const alx_ref_case one_image[] = {
        { "an image in one block", { 1, 13, 13, 64 }, 77, { 3, 1, 1, 1, false } },
        { "two groups in one block", { 1, 13, 13, 96 }, 96, { 3, 1, 1, 2, false } },
    };
    alx_device *dev = test_device();

    for (unsigned floats = 8; floats <= 16; floats += 8) {
        const unsigned real = set_vector_floats(dev, floats);

        prepared_matches_twin(dev, ALX_CONV_WINOGRAD, odd_cases, ALX_COUNT(odd_cases));
        prepared_matches_twin(dev, ALX_CONV_WINOGRAD, folded_cases, ALX_COUNT(folded_cases));
        prepared_matches_twin(dev, ALX_CONV_WINOGRAD, direct_cases, ALX_COUNT(direct_cases));
        prepared_matches_twin(dev, ALX_CONV_WINOGRAD, one_image, ALX_COUNT(one_image));
        prepared_matches_twin(dev, ALX_CONV_VEC, odd_cases, ALX_COUNT(odd_cases));
        set_vector_floats(dev, real);
        test_teardown(state);
    }
}

static void others_read_weights_as_they_are(void **state)
{
    static const alx_conv_algo others[] = { ALX_CONV_IM2COL, ALX_CONV_TILE,
                                            ALX_CONV_TILE_WINOGRAD };
    alx_device *dev = test_device();
    const conv_data d = conv_data_make(&odd_cases[0]);
    const alx_tensor *w = test_tensor_of(dev, d.weight, d.w);

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(others); ++i) {
        const alx_conv_choice choice = { .algo = others[i] };

        assert_null(conv_run_prepared(dev, others[i], &odd_cases[0], &d, false));
        assert_int_equal(
            alx_op_conv2d_prepare(&choice, w, w, odd_cases[0].in, d.out, &odd_cases[0].conv),
            ALX_E_USAGE);
    }
}

/* A part of the batch must not be computed in other tiles than all of it: from 8 images to 2 the
 * direct sums of conv3 become cheaper. */
static void parts_of_a_batch_are_computed_alike(void **state)
{
    static const alx_conv_choice winograd = { .algo = ALX_CONV_WINOGRAD };
    static const alx_conv2d_params p = { 3, 1, 1, 1, false };
    const alx_shape in = { 8, 13, 13, 256 }, out = { 8, 13, 13, 384 };
    alx_shape many_in = in, many_out = out;

    (void)state;
    many_in.n = many_out.n = 128;
    assert_false(alx_op_conv2d_cuts(&winograd, in, out, &p, 4));
    assert_true(alx_op_conv2d_cuts(&winograd, many_in, many_out, &p, 4));
}

/* Neither a second run, nor the register tile, nor the number of cores changes an order of sums. */
static void bits_are_the_same_everywhere(void **state)
{
    alx_device *dev = test_device(), *one_core = NULL;
    const unsigned real = set_vector_floats(dev, 16);

    (void)state;
    assert_ok(alx_device_open(&one_core, NULL, &(alx_device_options){ .threads = 1 }));
    for (size_t i = 0; i < ALX_COUNT(odd_cases); i += 2)
        for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
            set_vector_floats(one_core, 8);
            assert_true(conv_same_bits(dev, ALX_CONV_WINOGRAD, dev, ALX_CONV_WINOGRAD, pass,
                                       &odd_cases[i]));
            assert_true(conv_same_bits(dev, ALX_CONV_WINOGRAD, one_core, ALX_CONV_WINOGRAD, pass,
                                       &odd_cases[i]));
            assert_true(conv_same_bits(dev, ALX_CONV_WINOGRAD, one_core, ALX_CONV_WINOGRAD, pass,
                                       &folded_cases[i / 2]));
        }
    set_vector_floats(dev, real);
    test_teardown(NULL);
    alx_device_close(one_core);
}

/* As many items as cores compute, from the first to beyond those of small machines. */
static void many_cores_have_scratch_each(void **state)
{
    const alx_conv_choice winograd = { .algo = ALX_CONV_WINOGRAD };
    alx_device *dev = test_device();
    const unsigned real = set_cores(dev, 2);

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(odd_cases); i += 2)
        for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
            const alx_ref_case *c = &odd_cases[i];
            const conv_data d = conv_data_make(c);
            const size_t bytes = conv_result_count(pass, c, &d) * sizeof(float);
            const float *few, *many;
            size_t few_floats;

            set_cores(dev, 2);
            few_floats = alx_op_conv2d_scratch(dev, &winograd, pass, c->in, d.out, &c->conv);
            few = conv_run(dev, ALX_CONV_WINOGRAD, pass, c, &d, false);
            set_cores(dev, 48);
            assert_true(alx_op_conv2d_scratch(dev, &winograd, pass, c->in, d.out, &c->conv) >
                        few_floats);
            many = conv_run(dev, ALX_CONV_WINOGRAD, pass, c, &d, false);
            assert_memory_equal(few, many, bytes);
        }
    set_cores(dev, real);
}

static void tiles_are_used_where_they_pay(void **state)
{
    alx_device *dev = test_device();

    (void)state;
    for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
        for (size_t i = 0; i < ALX_COUNT(direct_cases); ++i)
            assert_true(
                conv_same_bits(dev, ALX_CONV_WINOGRAD, dev, ALX_CONV_VEC, pass, &direct_cases[i]));
        for (size_t i = 0; i < ALX_COUNT(odd_cases); ++i)
            assert_false(
                conv_same_bits(dev, ALX_CONV_WINOGRAD, dev, ALX_CONV_VEC, pass, &odd_cases[i]));
        for (size_t i = 0; i < ALX_COUNT(folded_cases); ++i)
            assert_true(conv_same_bits(dev, ALX_CONV_WINOGRAD, dev, ALX_CONV_VEC, pass,
                                       &folded_cases[i]) == (pass == ALX_PASS_GRAD_INPUT));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(layers_match_direct),
        test_on_device(odd_shapes_match_twin),
        test_on_device(bits_are_the_same_everywhere),
        test_on_device(many_cores_have_scratch_each),
        test_on_device(tiles_are_used_where_they_pay),
        test_on_device(filters_made_before_match_twin),
        test_on_device(others_read_weights_as_they_are),
        test_on_device(parts_of_a_batch_are_computed_alike),
    };

    return cmocka_run_group_tests_name("conv2d_winograd", tests, NULL, test_device_close);
}
