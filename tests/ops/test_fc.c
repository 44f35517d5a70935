/* test_fc.c - fully connected layers: every algorithm against the twin on odd sizes, both on the
 * paper's layers, the twin against finite differences. */
#include "support/family.h"
#include "support/gradient.h"

#include <math.h>

#include "alexnet/dev/ref.h"
#include "ops/gemm/block.h"

static int case_inputs(const alx_ref_case *c)
{
    return c->in.h * c->in.w * c->in.c;
}

typedef struct fc_data {
    int batch, in, out;
    size_t w_count, y_count, x_count;
    const float *x, *w, *b, *grad_y;
} fc_data;

static fc_data data_make(const alx_ref_case *c)
{
    fc_data d = { .batch = c->in.n, .in = case_inputs(c), .out = c->outputs };

    d.x_count = alx_shape_count(c->in);
    d.w_count = (size_t)d.in * (size_t)d.out;
    d.y_count = (size_t)d.batch * (size_t)d.out;
    d.x = test_host_random(d.x_count, 1, -1.0f, 1.0f);
    d.w = test_host_random(d.w_count, 2, -1.0f, 1.0f);
    d.b = test_host_random((size_t)d.out, 3, -1.0f, 1.0f);
    d.grad_y = test_host_random(d.y_count, 4, -1.0f, 1.0f);
    return d;
}

static const alx_gemm_choice by_vec = { .algo = ALX_GEMM_VEC },
                             by_clblast = { .algo = ALX_GEMM_CLBLAST };

/* One pass with exactly the scratch it asks for. With accumulate, grad_w starts as w. */
static const float *pass_run(alx_device *dev, alx_gemm_algo algo, alx_pass pass,
                             const alx_ref_case *c, const fc_data *d, bool accumulate)
{
    const alx_gemm_choice choice = { .algo = algo };
    const size_t floats = alx_op_fc_scratch(&choice, pass, d->batch, d->in, d->out);
    const alx_shape w_shape = { d->out, 1, 1, d->in }, y_shape = { d->batch, 1, 1, d->out };
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)floats });
    const alx_tensor *x = test_tensor_of(dev, c->in, d->x);
    const alx_tensor *w = test_tensor_of(dev, w_shape, d->w);
    const alx_tensor *grad_y = test_tensor_of(dev, y_shape, d->grad_y), *result;

    if (pass == ALX_PASS_FORWARD) {
        const alx_tensor *b = test_vector_of(dev, (size_t)d->out, d->b);

        result = test_tensor(dev, y_shape);
        assert_ok(alx_op_fc_forward(&choice, result, x, w, b, scratch));
    } else if (pass == ALX_PASS_GRAD_INPUT) {
        result = test_tensor(dev, c->in);
        assert_ok(alx_op_fc_grad_input(&choice, result, grad_y, w, scratch));
    } else {
        result = accumulate ? w : test_tensor(dev, w_shape);
        assert_ok(alx_op_fc_grad_weight(&choice, result, x, grad_y, accumulate, scratch));
    }
    test_assert_canary(c->what, result);
    test_assert_canary(c->what, scratch);
    return test_download(result);
}

static void algorithm_matches_twin(alx_device *dev, alx_gemm_algo algo, const alx_ref_case *c)
{
    const fc_data d = data_make(c);
    float *y = test_host(d.y_count), *grad_x = test_host(d.x_count);
    float *grad_w = test_host(d.w_count);

    alx_ref_fc_forward(y, d.x, d.w, d.b, d.batch, d.in, d.out);
    test_assert_rel_max(c->what, pass_run(dev, algo, ALX_PASS_FORWARD, c, &d, false), y, d.y_count,
                        alx_ref_sum_limit((size_t)d.in));
    alx_ref_fc_grad_input(grad_x, d.grad_y, d.w, d.batch, d.in, d.out);
    test_assert_rel_max(c->what, pass_run(dev, algo, ALX_PASS_GRAD_INPUT, c, &d, false), grad_x,
                        d.x_count, alx_ref_sum_limit((size_t)d.out));
    alx_ref_fc_grad_weight(grad_w, d.x, d.grad_y, d.batch, d.in, d.out);
    test_assert_rel_max(c->what, pass_run(dev, algo, ALX_PASS_GRAD_WEIGHT, c, &d, false), grad_w,
                        d.w_count, alx_ref_sum_limit((size_t)d.batch));
    for (size_t i = 0; i < d.w_count; ++i)
        grad_w[i] += d.w[i];
    test_assert_rel_max(c->what, pass_run(dev, algo, ALX_PASS_GRAD_WEIGHT, c, &d, true), grad_w,
                        d.w_count, alx_ref_sum_limit((size_t)d.batch));
}

static void odd_shapes_match_twin(alx_device *dev, alx_gemm_algo algo)
{
    size_t count = 0;
    const alx_ref_case *cases = alx_ref_cases(&count, ALX_NODE_FC, ALX_REF_ODD);

    for (size_t i = 0; i < count; ++i)
        algorithm_matches_twin(dev, algo, &cases[i]);
}

static void clblast_matches_twin(alx_device *dev)
{
    odd_shapes_match_twin(dev, ALX_GEMM_CLBLAST);
}

/* The device, if the vec kernels run there. */
static alx_device *vec_device(void)
{
    alx_device *dev = test_device();

    if (test_cuts_loops(dev))
        skip();
    return dev;
}

static void vec_matches_twin(void **state)
{
    alx_device *dev = vec_device();

    (void)state;
    odd_shapes_match_twin(dev, ALX_GEMM_VEC);
}

static void tile_matches_twin(alx_device *dev)
{
    odd_shapes_match_twin(dev, ALX_GEMM_TILE);
}

/* The rows of a smaller batch are the first of a larger one's. */
static void assert_same_rows(alx_device *dev, alx_pass pass, int batch, int smaller)
{
    const alx_ref_case many = { "many", { batch, 1, 1, 300 }, 50, { 0 } },
                       few = { "few", { smaller, 1, 1, 300 }, 50, { 0 } };
    const fc_data d = data_make(&many), d_few = data_make(&few);
    const size_t count = pass == ALX_PASS_FORWARD ? d_few.y_count : d_few.x_count;
    const float *rows = pass_run(dev, ALX_GEMM_VEC, pass, &many, &d, false);

    assert_memory_equal(pass_run(dev, ALX_GEMM_VEC, pass, &few, &d_few, false), rows,
                        count * sizeof(float));
}

/* Neither the register tile nor the number of cores changes a sum; nor does the rest of the batch,
 * but for passes forward of less than 12 rows, which add in another order than those of more. */
static void vec_has_the_same_bits_everywhere(void **state)
{
    alx_device *dev = vec_device(), *one_core = NULL;
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);
    const unsigned real = info->vector_floats;
    static const int batches[] = { 13, 5 };

    (void)state;
    assert_ok(alx_device_open(&one_core, NULL, &(alx_device_options){ .threads = 1 }));
    for (int i = 0; i < 2 * ALX_PASS_COUNT; ++i) {
        const alx_pass pass = (alx_pass)(i / 2);
        const alx_ref_case c = { "many", { batches[i % 2], 1, 1, 300 }, 50, { 0 } };
        const fc_data d = data_make(&c);
        const size_t count = pass == ALX_PASS_FORWARD      ? d.y_count
                             : pass == ALX_PASS_GRAD_INPUT ? d.x_count
                                                           : d.w_count;
        const float *wide, *narrow, *alone;

        info->vector_floats = 16;
        wide = pass_run(dev, ALX_GEMM_VEC, pass, &c, &d, false);
        info->vector_floats = 8;
        narrow = pass_run(dev, ALX_GEMM_VEC, pass, &c, &d, false);
        alone = pass_run(one_core, ALX_GEMM_VEC, pass, &c, &d, false);
        assert_memory_equal(narrow, wide, count * sizeof(float));
        assert_memory_equal(alone, wide, count * sizeof(float));
    }
    for (info->vector_floats = 8; info->vector_floats <= 16; info->vector_floats += 8) {
        assert_same_rows(dev, ALX_PASS_FORWARD, 13, 12);
        assert_same_rows(dev, ALX_PASS_FORWARD, 11, 1);
        assert_same_rows(dev, ALX_PASS_FORWARD, 7, 2);
        assert_same_rows(dev, ALX_PASS_GRAD_INPUT, 13, 1);
    }
    info->vector_floats = real;
    test_teardown(NULL);
    alx_device_close(one_core);
}

/* Gradient, norm and SGD one after the other, and in one. */
static void update_in_one_equals_three(const alx_gemm_choice *choice, const alx_ref_case *c,
                                       const alx_sgd_params *p)
{
    alx_device *dev = test_device();
    const fc_data d = data_make(c);
    const size_t floats = alx_op_fc_scratch(choice, ALX_PASS_GRAD_WEIGHT, d.batch, d.in, d.out);
    const alx_shape w_shape = { d.out, 1, 1, d.in };
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)floats });
    const alx_tensor *x = test_tensor_of(dev, c->in, d.x), *grad_w = test_tensor(dev, w_shape);
    const alx_tensor *grad_y = test_tensor_of(dev, (alx_shape){ d.batch, 1, 1, d.out }, d.grad_y);
    const alx_tensor *w[2], *v[2], *sums[2];

    for (int one = 0; one < 2; ++one) {
        w[one] = test_tensor_of(dev, w_shape, d.w);
        v[one] = test_tensor_random(dev, w_shape, 5, -1.0f, 1.0f);
        sums[one] = test_tensor(dev, (alx_shape){ 1, 1, 1, 2 });
    }
    for (int step = 0; step < 2; ++step) {
        assert_ok(alx_op_fc_grad_weight(choice, grad_w, x, grad_y, false, scratch));
        assert_ok(alx_op_sgd(w[0], v[0], grad_w, NULL, p));
        assert_ok(alx_op_fc_update(choice, w[1], v[1], x, grad_y, p, sums[1], 1, scratch));
    }
    const size_t partials = alx_op_sum_squares_scratch(w_shape);

    assert_ok(alx_op_sum_squares(sums[0], 1, grad_w,
                                 test_tensor(dev, (alx_shape){ 1, 1, 1, (int)partials })));
    if (choice->algo == ALX_GEMM_TILE)
        test_assert_close("squares", test_download(sums[1]) + 1, test_download(sums[0]) + 1, 1,
                          1e-6, 0.0);
    else
        assert_memory_equal(test_download(sums[1]) + 1, test_download(sums[0]) + 1, sizeof(float));
    assert_memory_equal(test_download(w[1]), test_download(w[0]), d.w_count * sizeof(float));
    assert_memory_equal(test_download(v[1]), test_download(v[0]), d.w_count * sizeof(float));
    assert_true(isnan(test_download(sums[1])[0]));
    test_assert_canary(c->what, w[1]);
    test_assert_canary(c->what, v[1]);
    test_assert_canary(c->what, sums[1]);
    test_assert_canary(c->what, scratch);
}

static void update_keeps_the_bits(void **state)
{
    static const alx_ref_case cases[] = {
        { "one of all", { 1, 1, 1, 1 }, 1, { 0 } },
        { "primes", { 5, 1, 1, 257 }, 101, { 0 } },
        { "more images than a block of rows", { 300, 1, 1, 67 }, 33, { 0 } },
    };
    alx_device *dev = vec_device();
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);
    const unsigned real = info->vector_floats;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const alx_sgd_params p = { 0.1f, 0.9f, 5e-3f, i % 2 == 1 };

        info->vector_floats = i % 2 == 1 ? 8 : 16;
        update_in_one_equals_three(&by_vec, &cases[i], &p);
    }
    info->vector_floats = real;
    assert_true(alx_op_fc_updates(&by_vec, 300, 67, 33));
    assert_false(alx_op_fc_updates(&by_clblast, 5, 257, 101));
    assert_false(alx_op_fc_updates(&(alx_gemm_choice){ .algo = ALX_GEMM_AUTO }, 5, 257, 101));
}

/* Every size of a block; rows and columns that do not fill it, and do not lie at vectors. */
static void tile_update_keeps_the_bits(void **state)
{
    static const alx_ref_case cases[] = {
        { "one of all", { 1, 1, 1, 1 }, 1, { 0 } },
        { "primes", { 5, 1, 1, 257 }, 101, { 0 } },
        { "whole vectors", { 128, 1, 1, 260 }, 132, { 0 } },
    };

    (void)state;
    for (const ops_block *block = ops_blocks(); block->m > 0; ++block)
        for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
            const alx_gemm_choice choice = { .algo = ALX_GEMM_TILE,
                                             .params = { .rows = block->m, .columns = block->n } };

            update_in_one_equals_three(&choice, &cases[i],
                                       &(alx_sgd_params){ 0.1f, 0.9f, 5e-3f, i % 2 == 1 });
        }
    const alx_gemm_choice tile = { .algo = ALX_GEMM_TILE };

    assert_true(alx_op_fc_updates(&tile, 128, 9216, 2048));
    assert_false(alx_op_fc_updates(&tile, 4096, 64, 10)); /* a long sum of few products */
}

static void algorithms_agree_on_layers(void **state)
{
    alx_device *dev = vec_device();
    size_t count = 0;
    const alx_ref_case *layers = alx_ref_cases(&count, ALX_NODE_FC, ALX_REF_LAYERS);

    for (size_t i = 0; i < count; ++i) {
        const alx_ref_case *c = &layers[i];
        const fc_data d = data_make(c);
        const struct {
            alx_pass pass;
            size_t count;
            int terms;
        } passes[] = {
            { ALX_PASS_FORWARD, d.y_count, d.in },
            { ALX_PASS_GRAD_INPUT, d.x_count, d.out },
            { ALX_PASS_GRAD_WEIGHT, d.w_count, d.batch },
        };

        for (size_t k = 0; k < ALX_COUNT(passes); ++k) {
            const float *clblast = pass_run(dev, ALX_GEMM_CLBLAST, passes[k].pass, c, &d, false);

            for (alx_gemm_algo algo = ALX_GEMM_VEC; algo <= ALX_GEMM_TILE; ++algo)
                test_assert_rel_max(c->what, pass_run(dev, algo, passes[k].pass, c, &d, false),
                                    clblast, passes[k].count,
                                    2.0 * alx_ref_sum_limit((size_t)passes[k].terms));
        }
        test_teardown(state);
    }
}

/* In the same kernel or after it; tile adds up parts of the second case's sums. */
static void relu_follows(void **state)
{
    static const alx_ref_case cases[] = {
        { "relu", { 5, 1, 1, 257 }, 101, { 0 } },
        { "relu of parts", { 3, 1, 1, 1030 }, 48, { 0 } },
    };
    alx_device *dev = test_device();

    (void)state;
    for (alx_gemm_algo algo = ALX_GEMM_CLBLAST; algo <= ALX_GEMM_TILE; ++algo)
        for (size_t i = 0; i < ALX_COUNT(cases) && !(algo == ALX_GEMM_VEC && test_cuts_loops(dev));
             ++i) {
            const alx_ref_case *c = &cases[i];
            const alx_gemm_choice choice = { .algo = algo };
            const fc_data d = data_make(c);
            const size_t floats = alx_op_fc_scratch(&choice, ALX_PASS_FORWARD, d.batch, d.in,
                                                    d.out);
            const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)floats });
            const alx_tensor *y = test_tensor(dev, (alx_shape){ d.batch, 1, 1, d.out });
            const alx_tensor *want = test_tensor(dev, y->shape),
                             *x = test_tensor_of(dev, c->in, d.x);
            const alx_tensor *w = test_tensor_of(dev, (alx_shape){ d.out, 1, 1, d.in }, d.w);
            const alx_tensor *b = test_vector_of(dev, (size_t)d.out, d.b);

            assert_ok(alx_op_fc_forward(&choice, want, x, w, b, scratch));
            assert_ok(alx_op_activation_forward(want, want, ALX_ACT_RELU, 0.0f));
            assert_ok(alx_op_fc_forward_relu(&choice, y, x, w, b, scratch));
            test_assert_canary(c->what, y);
            assert_memory_equal(test_download(y), test_download(want), d.y_count * sizeof(float));
        }
}

typedef struct twin_context {
    fc_data d;
    const float *other; /* the operand that does not move */
} twin_context;

static void forward_of_x(float *y, const float *x, const void *context)
{
    const twin_context *c = context;

    alx_ref_fc_forward(y, x, c->other, c->d.b, c->d.batch, c->d.in, c->d.out);
}

static void forward_of_w(float *y, const float *w, const void *context)
{
    const twin_context *c = context;

    alx_ref_fc_forward(y, c->other, w, c->d.b, c->d.batch, c->d.in, c->d.out);
}

static void twin_is_the_gradient(void **state)
{
    const alx_ref_case c = { "twin", { 3, 1, 1, 11 }, 7, { 0 } };
    const fc_data d = data_make(&c);
    twin_context context = { d, d.w };
    float *grad_x = test_host(d.x_count), *grad_w = test_host(d.w_count);

    (void)state;
    alx_ref_fc_grad_input(grad_x, d.grad_y, d.w, d.batch, d.in, d.out);
    test_assert_gradient("fc, x", grad_x, forward_of_x, &context, d.x, d.x_count, d.grad_y,
                         d.y_count, 0.125f, 1e-5);
    context.other = d.x;
    alx_ref_fc_grad_weight(grad_w, d.x, d.grad_y, d.batch, d.in, d.out);
    test_assert_gradient("fc, w", grad_w, forward_of_w, &context, d.w, d.w_count, d.grad_y,
                         d.y_count, 0.125f, 1e-5);
}

static void what_does_not_fit_is_refused(void **state)
{
    static const alx_gemm_algo none[] = { ALX_GEMM_AUTO, ALX_GEMM_TUNED, (alx_gemm_algo)9 };
    alx_device *dev = test_device();
    const alx_tensor *x = test_tensor(dev, (alx_shape){ 2, 3, 3, 4 });
    const alx_tensor *y = test_tensor(dev, (alx_shape){ 2, 1, 1, 5 });
    const alx_tensor *y_other = test_tensor(dev, (alx_shape){ 3, 1, 1, 5 });
    const alx_tensor *w = test_tensor(dev, (alx_shape){ 5, 1, 1, 36 });
    const alx_tensor *turned = test_tensor(dev, (alx_shape){ 36, 1, 1, 5 });
    const alx_tensor *b = test_tensor(dev, (alx_shape){ 1, 1, 1, 5 });
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, 4096 });

    (void)state;
    const alx_chooser by = alx_chooser_of(dev, NULL, (alx_algorithms){ 0 });
    const alx_gemm_choice usual = alx_gemm_choose(&by, ALX_PASS_FORWARD, 2, 36, 5);

    assert_ok(alx_op_fc_forward(&usual, y, x, w, b, scratch));
    for (alx_gemm_algo algo = ALX_GEMM_AUTO; algo <= ALX_GEMM_TILE; ++algo) {
        const alx_gemm_choice choice = { .algo = algo };

        assert_int_equal(alx_op_fc_forward(&choice, y_other, x, w, b, scratch), ALX_E_USAGE);
        assert_int_equal(alx_op_fc_forward(&choice, y, x, turned, b, scratch), ALX_E_USAGE);
        assert_int_equal(alx_op_fc_forward(&choice, y, x, w, x, scratch), ALX_E_USAGE);
        assert_int_equal(alx_op_fc_grad_input(&choice, x, y, turned, scratch), ALX_E_USAGE);
        assert_int_equal(alx_op_fc_grad_weight(&choice, turned, x, y, false, scratch), ALX_E_USAGE);
    }
    assert_int_equal(alx_op_fc_forward(&by_vec, y, x, w, b, b), ALX_E_USAGE);
    const alx_sgd_params p = { 0.1f, 0.9f, 0.0f, false };

    assert_int_equal(alx_op_fc_update(&by_vec, w, turned, x, y, &p, b, 0, scratch), ALX_E_USAGE);
    assert_int_equal(alx_op_fc_update(&by_vec, w, w, x, y, &p, b, 5, scratch), ALX_E_USAGE);
    assert_int_equal(alx_op_fc_update(&by_clblast, w, w, x, y, &p, b, 0, scratch), ALX_E_USAGE);
    for (size_t i = 0; i < ALX_COUNT(none); ++i) {
        const alx_gemm_choice choice = { .algo = none[i] };

        assert_int_equal(alx_op_fc_forward(&choice, y, x, w, b, scratch), ALX_E_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(vec_matches_twin),       test_on_device(vec_has_the_same_bits_everywhere),
        test_on_families(clblast_matches_twin), test_on_families(tile_matches_twin),
        test_on_device(update_keeps_the_bits),  test_on_device(tile_update_keeps_the_bits),
        test_on_device(relu_follows),           test_on_device(algorithms_agree_on_layers),
        test_on_device(twin_is_the_gradient),   test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests_name("fc", tests, NULL, test_device_close);
}
