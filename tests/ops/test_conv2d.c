/* test_conv2d.c - convolution: output sizes, every algorithm against the twin on odd shapes, the
 * algorithms against each other on the paper's layers, the twin against finite differences. */
#include "support/conv.h"
#include "support/family.h"
#include "support/gradient.h"

#include <math.h>
#include <string.h>

#include "ops/shared.h"

static void output_sizes(void **state)
{
    static const struct {
        int in, kernel, stride, pad, floor, ceil; /* 0: does not fit */
    } sizes[] = {
        { 227, 11, 4, 0, 55, 55 }, { 224, 11, 4, 0, 54, 55 }, { 224, 11, 4, 2, 55, 56 },
        { 27, 5, 1, 2, 27, 27 },   { 13, 3, 1, 1, 13, 13 },   { 5, 1, 3, 0, 2, 3 },
        { 1, 3, 2, 1, 1, 1 },      { 2, 3, 1, 0, 0, 0 },      { 6, 6, 4, 0, 1, 1 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(sizes); ++i) {
        const alx_shape in = { 2, sizes[i].in, sizes[i].in, 4 };
        alx_conv2d_params p = { sizes[i].kernel, sizes[i].stride, sizes[i].pad, 2, false };
        alx_shape out;

        assert_int_equal(alx_conv2d_output(&out, in, 6, &p), sizes[i].floor ? 0 : ALX_E_USAGE);
        assert_int_equal(out.h, sizes[i].floor);
        p.ceil = true;
        assert_int_equal(alx_conv2d_output(&out, in, 6, &p), sizes[i].ceil ? 0 : ALX_E_USAGE);
        assert_int_equal(out.w, sizes[i].ceil);
        assert_true(out.n == (sizes[i].ceil ? 2 : 0) && out.c == (sizes[i].ceil ? 6 : 0));
    }
}

static void algorithm_matches_twin(alx_device *dev, alx_conv_algo algo, const alx_ref_case *c)
{
    const conv_data d = conv_data_make(c);
    const size_t w_count = alx_shape_count(d.weight);
    float *sum = test_host(w_count);

    for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass)
        test_assert_rel_max(c->what, conv_run(dev, algo, pass, c, &d, false),
                            conv_twin(pass, c, &d), conv_result_count(pass, c, &d),
                            conv_limit(pass, &d));
    memcpy(sum, conv_twin(ALX_PASS_GRAD_WEIGHT, c, &d), w_count * sizeof *sum);
    for (size_t i = 0; i < w_count; ++i)
        sum[i] += d.w[i];
    test_assert_rel_max(c->what, conv_run(dev, algo, ALX_PASS_GRAD_WEIGHT, c, &d, true), sum,
                        w_count, conv_limit(ALX_PASS_GRAD_WEIGHT, &d));
}

static void odd_shapes_match_twin(alx_device *dev, alx_conv_algo algo)
{
    size_t count = 0;
    const alx_ref_case *cases = alx_ref_cases(&count, ALX_NODE_CONV, ALX_REF_ODD);

    for (size_t i = 0; i < count; ++i)
        algorithm_matches_twin(dev, algo, &cases[i]);
}

/* The matrix of windows is made 64 MiB at a time: of 15 images here, of less than one in the last
 * case. */
static const alx_ref_case chunked_cases[] = {
    { "two chunks, the last of one image", { 16, 227, 227, 3 }, 4, { 11, 4, 0, 1, false } },
    { "three chunks, the last of two images", { 32, 227, 227, 3 }, 2, { 11, 4, 0, 1, false } },
    { "an image beyond a chunk", { 2, 227, 227, 3 }, 2, { 11, 1, 0, 1, false } },
};

static void im2col_adds_up_its_chunks(void **state)
{
    for (size_t i = 0; i < ALX_COUNT(chunked_cases); ++i) {
        algorithm_matches_twin(test_device(), ALX_CONV_IM2COL, &chunked_cases[i]);
        test_teardown(state);
    }
}

static void im2col_matches_twin(alx_device *dev)
{
    odd_shapes_match_twin(dev, ALX_CONV_IM2COL);
}

static void tile_matches_twin(void **state)
{
    (void)state;
    odd_shapes_match_twin(test_device(), ALX_CONV_TILE);
}

/* The device, if the vec kernels run there. */
static alx_device *vec_device(void)
{
    alx_device *dev = test_device();

    if (test_cuts_loops(dev))
        skip();
    return dev;
}

/* What the device says of its registers while `dev` runs the vec kernels. */
static unsigned set_vector_floats(alx_device *dev, unsigned floats)
{
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);
    const unsigned before = info->vector_floats;

    info->vector_floats = floats;
    return before;
}

static void vec_matches_twin(void **state)
{
    alx_device *dev = vec_device();
    const unsigned real = set_vector_floats(dev, 16);

    (void)state;
    odd_shapes_match_twin(dev, ALX_CONV_VEC);
    set_vector_floats(dev, real);
}

/* Neither the tile nor the number of cores changes an order of sums. */
static void vec_has_the_same_bits_everywhere(void **state)
{
    alx_device *dev = vec_device(), *one_core = NULL;
    const unsigned real = set_vector_floats(dev, 16);
    size_t count = 0;
    const alx_ref_case *cases = alx_ref_cases(&count, ALX_NODE_CONV, ALX_REF_ODD);

    (void)state;
    assert_ok(alx_device_open(&one_core, NULL, &(alx_device_options){ .threads = 1 }));
    for (size_t i = 0; i < count; i += 2)
        for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
            const alx_ref_case *c = &cases[i];
            const conv_data d = conv_data_make(c);
            const size_t bytes = conv_result_count(pass, c, &d) * sizeof(float);
            const float *wide, *narrow, *alone;

            set_vector_floats(dev, 16);
            wide = conv_run(dev, ALX_CONV_VEC, pass, c, &d, false);
            set_vector_floats(dev, 8);
            narrow = conv_run(dev, ALX_CONV_VEC, pass, c, &d, false);
            alone = conv_run(one_core, ALX_CONV_VEC, pass, c, &d, false);
            assert_memory_equal(narrow, wide, bytes);
            assert_memory_equal(alone, wide, bytes);
        }
    set_vector_floats(dev, real);
    test_teardown(NULL);
    alx_device_close(one_core);
}

static void assert_relu_follows(alx_device *dev, alx_conv_algo algo, const alx_ref_case *c)
{
    const conv_data d = conv_data_make(c);
    const alx_conv_choice choice = { .algo = algo };
    const size_t floats = alx_op_conv2d_scratch(dev, &choice, ALX_PASS_FORWARD, c->in, d.out,
                                                &c->conv);
    const alx_tensor *x = test_tensor_of(dev, c->in, d.x), *w = test_tensor_of(dev, d.weight, d.w);
    const alx_tensor *b = test_vector_of(dev, (size_t)c->outputs, d.b);
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)floats });
    const alx_tensor *y = test_tensor(dev, d.out), *want = test_tensor(dev, d.out);

    assert_ok(alx_op_conv2d_forward(&choice, want, x, w, b, &c->conv, scratch));
    assert_ok(alx_op_activation_forward(want, want, ALX_ACT_RELU, 0.0f));
    assert_ok(alx_op_conv2d_forward_relu(&choice, y, x, w, b, &c->conv, scratch));
    test_assert_canary("relu", y);
    assert_memory_equal(test_download(y), test_download(want),
                        alx_shape_count(d.out) * sizeof(float));
}

/* In the same kernel or after it; tile-winograd has tiles for the second shape. */
static void relu_follows(void **state)
{
    static const alx_ref_case cases[] = {
        { "relu", { 5, 13, 12, 37 }, 50, { 3, 1, 1, 1, false } },
        { "relu in tiles", { 6, 13, 13, 132 }, 130, { 3, 1, 1, 1, false } },
    };
    alx_device *dev = test_device();

    (void)state;
    for (alx_conv_algo algo = ALX_CONV_IM2COL; algo <= ALX_CONV_TILE_WINOGRAD; ++algo) {
        const bool vectors = algo == ALX_CONV_VEC || algo == ALX_CONV_WINOGRAD;

        if (vectors && test_cuts_loops(dev))
            continue;
        for (size_t i = 0; i < ALX_COUNT(cases); ++i)
            assert_relu_follows(dev, algo, &cases[i]);
    }
}

static void algorithms_agree_on_layers(void **state)
{
    alx_device *dev = vec_device();
    size_t count = 0;
    const alx_ref_case *cases = alx_ref_cases(&count, ALX_NODE_CONV, ALX_REF_LAYERS);

    for (size_t i = 0; i < count; ++i) {
        const alx_ref_case *c = &cases[i];
        const conv_data d = conv_data_make(c);

        for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
            const float *im2col = conv_run(dev, ALX_CONV_IM2COL, pass, c, &d, false);
            const size_t floats = conv_result_count(pass, c, &d);
            const double limit = 2.0 * conv_limit(pass, &d);

            test_assert_rel_max(c->what, conv_run(dev, ALX_CONV_VEC, pass, c, &d, false), im2col,
                                floats, limit);
            test_assert_rel_max(c->what, conv_run(dev, ALX_CONV_TILE, pass, c, &d, false), im2col,
                                floats, limit);
        }
        test_teardown(state);
    }
}

typedef struct twin_context {
    alx_shape out, in;
    alx_conv2d_params p;
    const float *other, *b; /* the operand that does not move */
} twin_context;

static void forward_of_x(float *y, const float *x, const void *context)
{
    const twin_context *c = context;

    alx_ref_conv2d_forward(y, x, c->other, c->b, c->out, c->in, &c->p);
}

static void forward_of_w(float *y, const float *w, const void *context)
{
    const twin_context *c = context;

    alx_ref_conv2d_forward(y, c->other, w, c->b, c->out, c->in, &c->p);
}

static void twin_is_the_gradient(void **state)
{
    const alx_ref_case c = { "twin", { 2, 6, 5, 4 }, 6, { 3, 2, 1, 2, true } };
    const conv_data d = conv_data_make(&c);
    const size_t x_count = alx_shape_count(c.in), w_count = alx_shape_count(d.weight);
    const size_t y_count = alx_shape_count(d.out);
    twin_context context = { d.out, c.in, c.conv, d.w, d.b };
    float *grad_x = test_host(x_count), *grad_w = test_host(w_count);

    (void)state;
    alx_ref_conv2d_grad_input(grad_x, d.grad_y, d.w, d.out, c.in, &c.conv);
    test_assert_gradient("conv2d, x", grad_x, forward_of_x, &context, d.x, x_count, d.grad_y,
                         y_count, 0.125f, 1e-5);
    context.other = d.x;
    alx_ref_conv2d_grad_weight(grad_w, d.x, d.grad_y, d.out, c.in, &c.conv);
    test_assert_gradient("conv2d, w", grad_w, forward_of_w, &context, d.w, w_count, d.grad_y,
                         y_count, 0.125f, 1e-5);
}

static void what_does_not_fit_is_refused(void **state)
{
    static const alx_conv_algo none[] = { ALX_CONV_AUTO, ALX_CONV_TUNED, (alx_conv_algo)9 };
    alx_device *dev = test_device();
    const alx_conv2d_params p = { 3, 1, 1, 2, false };
    const alx_shape in = { 1, 5, 5, 4 };
    const alx_tensor *x = test_tensor(dev, in), *y = test_tensor(dev, (alx_shape){ 1, 5, 5, 6 });
    const alx_tensor *w = test_tensor(dev, (alx_shape){ 3, 3, 2, 6 });
    const alx_tensor *b = test_tensor(dev, (alx_shape){ 1, 1, 1, 6 });
    const alx_tensor *wrong = test_tensor(dev, (alx_shape){ 3, 3, 4, 6 });
    const alx_tensor *small = test_tensor(dev, (alx_shape){ 1, 1, 1, 1 });
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, 1 << 16 });
    const alx_conv2d_params bad[] = {
        { 0, 1, 1, 1, false }, { 3, 0, 1, 1, false }, { 3, 1, -1, 1, false },
        { 3, 1, 1, 0, false }, { 3, 1, 1, 3, false }, { 9, 1, 1, 1, false },
    };
    alx_shape out;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(bad); ++i)
        assert_int_equal(alx_conv2d_output(&out, in, 6, &bad[i]), ALX_E_USAGE);
    assert_int_equal(alx_conv2d_output(&out, (alx_shape){ 0, 5, 5, 4 }, 6, &p), ALX_E_USAGE);
    assert_int_equal(alx_conv2d_output(&out, (alx_shape){ 1, 0, 5, 4 }, 6, &p), ALX_E_USAGE);
    const alx_chooser by = alx_chooser_of(dev, NULL, (alx_algorithms){ 0 });
    const alx_conv_choice usual = alx_conv_choose(&by, ALX_PASS_FORWARD, in, y->shape, &p);

    assert_ok(alx_op_conv2d_forward(&usual, y, x, w, b, &p, scratch));
    for (alx_conv_algo algo = ALX_CONV_AUTO; algo <= ALX_CONV_TILE_WINOGRAD; ++algo) {
        const alx_conv_choice choice = { .algo = algo };

        assert_int_equal(alx_op_conv2d_forward(&choice, x, x, w, b, &p, scratch), ALX_E_USAGE);
        assert_int_equal(alx_op_conv2d_forward(&choice, y, x, wrong, b, &p, scratch), ALX_E_USAGE);
        assert_int_equal(alx_op_conv2d_forward(&choice, y, x, w, x, &p, scratch), ALX_E_USAGE);
        if (alx_op_conv2d_scratch(dev, &choice, ALX_PASS_FORWARD, in, y->shape, &p) > 1)
            assert_int_equal(alx_op_conv2d_forward(&choice, y, x, w, b, &p, small), ALX_E_USAGE);
        assert_int_equal(alx_op_conv2d_grad_input(&choice, x, x, w, &p, scratch), ALX_E_USAGE);
        assert_int_equal(alx_op_conv2d_grad_weight(&choice, wrong, x, y, &p, false, scratch),
                         ALX_E_USAGE);
    }
    for (size_t i = 0; i < ALX_COUNT(none); ++i) {
        const alx_conv_choice choice = { .algo = none[i] };

        assert_int_equal(alx_op_conv2d_forward(&choice, y, x, w, b, &p, scratch), ALX_E_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_sizes),
        test_on_device(vec_matches_twin),
        test_on_device(vec_has_the_same_bits_everywhere),
        test_on_device(relu_follows),
        test_on_families(im2col_matches_twin),
        test_on_device(im2col_adds_up_its_chunks),
        test_on_device(tile_matches_twin),
        test_on_device(algorithms_agree_on_layers),
        test_on_device(twin_is_the_gradient),
        test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests_name("conv2d", tests, NULL, test_device_close);
}
