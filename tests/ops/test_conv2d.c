/* test_conv2d.c - convolution: output sizes, every algorithm against the twin on odd shapes, the
 * algorithms against each other on the paper's layers, the twin against finite differences. */
#include "support/family.h"
#include "support/gradient.h"

#include <math.h>
#include <string.h>

#include "alexnet/dev/ref.h"
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

typedef struct conv_case {
    const char *why;
    alx_shape in;
    int outputs;
    alx_conv2d_params p; /* kernel, stride, pad, groups, ceil */
} conv_case;

static const conv_case odd_cases[] = {
    { "conv1, small", { 2, 31, 27, 3 }, 33, { 11, 4, 0, 1, false } },
    { "conv1, ceil", { 1, 28, 30, 3 }, 10, { 11, 4, 0, 1, true } },
    { "conv1, pad 2", { 2, 26, 25, 3 }, 16, { 11, 4, 2, 1, false } },
    { "conv2, small", { 3, 9, 7, 12 }, 20, { 5, 1, 2, 2, false } },
    { "conv3, small", { 2, 13, 13, 17 }, 48, { 3, 1, 1, 1, false } },
    { "three groups", { 2, 7, 8, 9 }, 99, { 3, 1, 1, 3, false } },
    { "one pixel", { 5, 1, 1, 17 }, 12, { 1, 1, 0, 1, false } },
    { "one pixel under a padded window", { 2, 1, 1, 5 }, 1, { 3, 2, 1, 1, false } },
    { "one channel, one filter", { 1, 6, 5, 1 }, 1, { 2, 1, 0, 1, false } },
    { "rows that no window reaches", { 2, 12, 11, 4 }, 33, { 3, 4, 0, 1, false } },
    { "gaps between windows", { 2, 11, 13, 5 }, 10, { 2, 3, 0, 1, false } },
    { "gaps, ceil: a window without a pixel", { 1, 5, 6, 3 }, 12, { 1, 3, 0, 1, true } },
    { "more padding than kernel", { 1, 4, 3, 2 }, 5, { 2, 1, 3, 1, false } },
    { "pad 3, stride 2, groups", { 2, 10, 9, 6 }, 34, { 7, 2, 3, 2, true } },
    { "wide rows", { 1, 4, 211, 3 }, 17, { 3, 1, 1, 1, false } },
    { "many images", { 37, 3, 4, 5 }, 7, { 3, 1, 1, 1, false } },
};

/* Bound of a sum of `count` products in float, relative to the largest result. */
static double sum_limit(double count)
{
    return 4.0 * sqrt(count) * 6e-8;
}

typedef struct conv_data {
    alx_shape out, weight;
    const float *x, *w, *b, *grad_y;
} conv_data;

static conv_data data_make(const conv_case *c)
{
    conv_data d = { .weight = { c->p.kernel, c->p.kernel, c->in.c / c->p.groups, c->outputs } };

    assert_ok(alx_conv2d_output(&d.out, c->in, c->outputs, &c->p));
    d.x = test_host_random(alx_shape_count(c->in), 1, -1.0f, 1.0f);
    d.w = test_host_random(alx_shape_count(d.weight), 2, -1.0f, 1.0f);
    d.b = test_host_random((size_t)c->outputs, 3, -1.0f, 1.0f);
    d.grad_y = test_host_random(alx_shape_count(d.out), 4, -1.0f, 1.0f);
    return d;
}

/* One pass with exactly the scratch it asks for; returns the result. With accumulate, grad_w starts
 * as w. */
static const float *pass_run(alx_device *dev, alx_conv_algo algo, alx_pass pass, const conv_case *c,
                             const conv_data *d, bool accumulate)
{
    const alx_conv_choice choice = { .algo = algo };
    const size_t floats = alx_op_conv2d_scratch(dev, &choice, pass, c->in, d->out, &c->p);
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)floats });
    const alx_tensor *x = test_tensor_of(dev, c->in, d->x);
    const alx_tensor *w = test_tensor_of(dev, d->weight, d->w);
    const alx_tensor *b = test_vector_of(dev, (size_t)c->outputs, d->b);
    const alx_tensor *grad_y = test_tensor_of(dev, d->out, d->grad_y), *result;

    if (pass == ALX_PASS_FORWARD) {
        result = test_tensor(dev, d->out);
        assert_ok(alx_op_conv2d_forward(&choice, result, x, w, b, &c->p, scratch));
    } else if (pass == ALX_PASS_GRAD_INPUT) {
        result = test_tensor(dev, c->in);
        assert_ok(alx_op_conv2d_grad_input(&choice, result, grad_y, w, &c->p, scratch));
    } else {
        result = accumulate ? w : test_tensor(dev, d->weight);
        assert_ok(
            alx_op_conv2d_grad_weight(&choice, result, x, grad_y, &c->p, accumulate, scratch));
    }
    test_assert_canary(c->why, result);
    test_assert_canary(c->why, scratch);
    return test_download(result);
}

static void algorithm_matches_twin(alx_device *dev, alx_conv_algo algo, const conv_case *c)
{
    const conv_data d = data_make(c);
    const size_t x_count = alx_shape_count(c->in), w_count = alx_shape_count(d.weight);
    const size_t y_count = alx_shape_count(d.out), taps = w_count / (size_t)c->outputs;
    const double forward_limit = sum_limit((double)taps);
    const double input_limit = sum_limit((double)(w_count / (size_t)c->in.c));
    const double weight_limit = sum_limit((double)(y_count / (size_t)c->outputs));
    float *y = test_host(y_count), *grad_x = test_host(x_count), *grad_w = test_host(w_count);

    alx_ref_conv2d_forward(y, d.x, d.w, d.b, d.out, c->in, &c->p);
    test_assert_rel_max(c->why, pass_run(dev, algo, ALX_PASS_FORWARD, c, &d, false), y, y_count,
                        forward_limit);
    alx_ref_conv2d_grad_input(grad_x, d.grad_y, d.w, d.out, c->in, &c->p);
    test_assert_rel_max(c->why, pass_run(dev, algo, ALX_PASS_GRAD_INPUT, c, &d, false), grad_x,
                        x_count, input_limit);
    alx_ref_conv2d_grad_weight(grad_w, d.x, d.grad_y, d.out, c->in, &c->p);
    test_assert_rel_max(c->why, pass_run(dev, algo, ALX_PASS_GRAD_WEIGHT, c, &d, false), grad_w,
                        w_count, weight_limit);
    for (size_t i = 0; i < w_count; ++i)
        grad_w[i] += d.w[i];
    test_assert_rel_max(c->why, pass_run(dev, algo, ALX_PASS_GRAD_WEIGHT, c, &d, true), grad_w,
                        w_count, weight_limit);
}

/* The matrix of windows is made 64 MiB at a time: of 15 images here, of less than one in the last
 * case. */
static const conv_case chunked_cases[] = {
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
    for (size_t i = 0; i < ALX_COUNT(odd_cases); ++i)
        algorithm_matches_twin(dev, ALX_CONV_IM2COL, &odd_cases[i]);
}

static void tile_matches_twin(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(odd_cases); ++i)
        algorithm_matches_twin(test_device(), ALX_CONV_TILE, &odd_cases[i]);
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
    for (size_t i = 0; i < ALX_COUNT(odd_cases); ++i)
        algorithm_matches_twin(dev, ALX_CONV_VEC, &odd_cases[i]);
    set_vector_floats(dev, real);
}

/* Neither the tile nor the number of cores changes an order of sums. */
static void vec_has_the_same_bits_everywhere(void **state)
{
    alx_device *dev = vec_device(), *one_core = NULL;
    const unsigned real = set_vector_floats(dev, 16);

    (void)state;
    assert_ok(alx_device_open(&one_core, NULL, 1));
    for (size_t i = 0; i < ALX_COUNT(odd_cases); i += 2)
        for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
            const conv_case *c = &odd_cases[i];
            const conv_data d = data_make(c);
            const size_t count = alx_shape_count(pass == ALX_PASS_FORWARD      ? d.out
                                                 : pass == ALX_PASS_GRAD_INPUT ? c->in
                                                                               : d.weight);
            const float *wide, *narrow, *alone;

            set_vector_floats(dev, 16);
            wide = pass_run(dev, ALX_CONV_VEC, pass, c, &d, false);
            set_vector_floats(dev, 8);
            narrow = pass_run(dev, ALX_CONV_VEC, pass, c, &d, false);
            alone = pass_run(one_core, ALX_CONV_VEC, pass, c, &d, false);
            assert_memory_equal(narrow, wide, count * sizeof(float));
            assert_memory_equal(alone, wide, count * sizeof(float));
        }
    set_vector_floats(dev, real);
    test_teardown(NULL);
    alx_device_close(one_core);
}

static void assert_relu_follows(alx_device *dev, alx_conv_algo algo, const conv_case *c)
{
    const conv_data d = data_make(c);
    const alx_conv_choice choice = { .algo = algo };
    const size_t floats = alx_op_conv2d_scratch(dev, &choice, ALX_PASS_FORWARD, c->in, d.out,
                                                &c->p);
    const alx_tensor *x = test_tensor_of(dev, c->in, d.x), *w = test_tensor_of(dev, d.weight, d.w);
    const alx_tensor *b = test_vector_of(dev, (size_t)c->outputs, d.b);
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)floats });
    const alx_tensor *y = test_tensor(dev, d.out), *want = test_tensor(dev, d.out);

    assert_ok(alx_op_conv2d_forward(&choice, want, x, w, b, &c->p, scratch));
    assert_ok(alx_op_activation_forward(want, want, ALX_ACT_RELU, 0.0f));
    assert_ok(alx_op_conv2d_forward_relu(&choice, y, x, w, b, &c->p, scratch));
    test_assert_canary("relu", y);
    assert_memory_equal(test_download(y), test_download(want),
                        alx_shape_count(d.out) * sizeof(float));
}

/* In the same kernel or after it; tile-winograd has tiles for the second shape. */
static void relu_follows(void **state)
{
    static const conv_case cases[] = {
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

/* The paper's layers whole, then one tower's. */
static const conv_case layers[] = {
    { "conv1", { 2, 227, 227, 3 }, 96, { 11, 4, 0, 1, false } },
    { "conv2", { 2, 27, 27, 96 }, 256, { 5, 1, 2, 2, false } },
    { "conv3", { 2, 13, 13, 256 }, 384, { 3, 1, 1, 1, false } },
    { "conv4", { 2, 13, 13, 384 }, 384, { 3, 1, 1, 2, false } },
    { "conv5", { 2, 13, 13, 384 }, 256, { 3, 1, 1, 2, false } },
    { "conv1, 224-ceil", { 2, 224, 224, 3 }, 48, { 11, 4, 0, 1, true } },
    { "conv2 of a tower", { 2, 27, 27, 48 }, 128, { 5, 1, 2, 1, false } },
    { "conv3 of a tower", { 2, 13, 13, 256 }, 192, { 3, 1, 1, 1, false } },
    { "conv4 of a tower", { 2, 13, 13, 192 }, 192, { 3, 1, 1, 1, false } },
    { "conv5 of a tower", { 2, 13, 13, 192 }, 128, { 3, 1, 1, 1, false } },
};

static void algorithms_agree_on_layers(void **state)
{
    alx_device *dev = vec_device();

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(layers); ++i) {
        const conv_case *c = &layers[i];
        const conv_data d = data_make(c);
        const size_t x_count = alx_shape_count(c->in), w_count = alx_shape_count(d.weight);
        const size_t y_count = alx_shape_count(d.out);
        const struct {
            alx_pass pass;
            size_t count, terms; /* of the result, of each of its sums */
        } passes[] = {
            { ALX_PASS_FORWARD, y_count, w_count / (size_t)c->outputs },
            { ALX_PASS_GRAD_INPUT, x_count, w_count / (size_t)c->in.c },
            { ALX_PASS_GRAD_WEIGHT, w_count, y_count / (size_t)c->outputs },
        };

        for (size_t k = 0; k < ALX_COUNT(passes); ++k) {
            const alx_pass pass = passes[k].pass;
            const float *im2col = pass_run(dev, ALX_CONV_IM2COL, pass, c, &d, false);
            const double limit = 2.0 * sum_limit((double)passes[k].terms);

            test_assert_rel_max(c->why, pass_run(dev, ALX_CONV_VEC, pass, c, &d, false), im2col,
                                passes[k].count, limit);
            test_assert_rel_max(c->why, pass_run(dev, ALX_CONV_TILE, pass, c, &d, false), im2col,
                                passes[k].count, limit);
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
    const conv_case c = { "twin", { 2, 6, 5, 4 }, 6, { 3, 2, 1, 2, true } };
    const conv_data d = data_make(&c);
    const size_t x_count = alx_shape_count(c.in), w_count = alx_shape_count(d.weight);
    const size_t y_count = alx_shape_count(d.out);
    twin_context context = { d.out, c.in, c.p, d.w, d.b };
    float *grad_x = test_host(x_count), *grad_w = test_host(w_count);

    (void)state;
    alx_ref_conv2d_grad_input(grad_x, d.grad_y, d.w, d.out, c.in, &c.p);
    test_assert_gradient("conv2d, x", grad_x, forward_of_x, &context, d.x, x_count, d.grad_y,
                         y_count, 0.125f, 1e-5);
    context.other = d.x;
    alx_ref_conv2d_grad_weight(grad_w, d.x, d.grad_y, d.out, c.in, &c.p);
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
