/* test_tuned.c - operations compute as their tuning row says, whatever it says. */
#include "support/device.h"

#include <stdio.h>
#include <string.h>

#include "ops/choose/choose.h"

static const alx_shape in = { 2, 9, 9, 8 }, weights = { 3, 3, 8, 12 };
static const alx_conv2d_params params = { 3, 1, 1, 1, false };

static void parameters_are_found_and_bounded(void **state)
{
    static const char text[] = " tiles=36 vectors=3 rows=x";

    (void)state;
    assert_int_equal(ops_param(text, "tiles", 24, 1, 100), 36);
    assert_int_equal(ops_param(text, "vectors", 2, 1, 4), 3);
    assert_int_equal(ops_param(text, "tiles", 24, 1, 30), 24);
    assert_int_equal(ops_param(text, "tile", 24, 1, 100), 24);
    assert_int_equal(ops_param(text, "rows", 7, 1, 100), 7);
    assert_int_equal(ops_param("", "tiles", 24, 1, 100), 24);
}

static alx_tuning_row forward_row(const char *choice)
{
    alx_tuning_row row = { .batch = 1 };
    alx_shape out;

    assert_ok(alx_conv2d_output(&out, in, weights.c, &params));
    alx_op_conv2d_problem(row.problem, ALX_PASS_FORWARD, in, out, &params);
    snprintf(row.choice, sizeof row.choice, "%s", choice);
    return row;
}

/* y of a forward pass with just the scratch that is asked for. */
static const float *forward(alx_device *dev, alx_conv_algo algo)
{
    alx_shape out;

    assert_ok(alx_conv2d_output(&out, in, weights.c, &params));
    const size_t floats = alx_op_conv2d_scratch(dev, algo, ALX_PASS_FORWARD, in, out, &params);
    const alx_tensor *x = test_tensor_random(dev, in, 1, -1, 1), *y = test_tensor(dev, out);
    const alx_tensor *w = test_tensor_random(dev, weights, 2, -1, 1);
    const alx_tensor *b = test_tensor_random(dev, (alx_shape){ 1, 1, 1, 12 }, 3, -1, 1);
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)floats });

    assert_ok(alx_op_conv2d_forward(algo, y, x, w, b, &params, scratch));
    return test_download(y);
}

static void row_chooses_the_algorithm(void **state)
{
    alx_device *dev = test_device();
    alx_tuning *tuning = alx_device_tuning(dev);
    const alx_conv_algo otherwise = ops_default_algorithms(dev, false).conv;
    const size_t bytes = 2 * 9 * 9 * 12 * sizeof(float);

    (void)state;
    for (alx_conv_algo algo = ALX_CONV_IM2COL; algo <= ALX_CONV_VEC; ++algo) {
        const alx_tuning_row row = forward_row(alx_conv_algo_name(algo));

        if (algo == ALX_CONV_VEC && ops_cuts_loops(dev))
            continue;
        alx_tuning_try(tuning, &row);
        assert_memory_equal(forward(dev, ALX_CONV_TUNED), forward(dev, algo), bytes);
        assert_memory_equal(forward(dev, ALX_CONV_AUTO), forward(dev, algo), bytes);
        alx_tuning_try(tuning, NULL);
    }
    assert_memory_equal(forward(dev, ALX_CONV_TUNED), forward(dev, otherwise), bytes);
}

static void row_that_makes_no_sense_is_passed_over(void **state)
{
    static const char *const choices[] = { "", "auto", "tuned", "fft", "vecs", "vec=1" };
    alx_device *dev = test_device();
    alx_tuning *tuning = alx_device_tuning(dev);
    const char *found = NULL;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(choices); ++i) {
        const alx_tuning_row row = forward_row(choices[i]);

        alx_tuning_try(tuning, &row);
        assert_int_equal(ops_tuned_conv(&found, dev, row.problem, 1),
                         ops_default_algorithms(dev, false).conv);
        assert_string_equal(found, "");
        alx_tuning_try(tuning, NULL);
    }
}

static void every_way_is_one_that_rows_may_name(void **state)
{
    static char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES];
    alx_device *dev = test_device();
    const char *found = NULL;

    (void)state;
    for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
        const size_t count = alx_op_fc_ways(ways, dev, pass);

        assert_true(count > 0 && count <= ALX_MAX_WAYS);
        for (size_t i = 0; i < count; ++i) {
            alx_tuning_row row = { .batch = 1 };

            alx_op_fc_problem(row.problem, pass, 10, 20);
            memcpy(row.choice, ways[i], sizeof row.choice);
            alx_tuning_try(alx_device_tuning(dev), &row);
            const alx_gemm_algo algo = ops_tuned_gemm(&found, dev, row.problem, 1);
            const char *name = alx_gemm_algo_name(algo);

            assert_memory_equal(ways[i], name, strlen(name));
            assert_string_equal(found, ways[i] + strlen(name));
            alx_tuning_try(alx_device_tuning(dev), NULL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_found_and_bounded),
        test_on_device(row_chooses_the_algorithm),
        test_on_device(row_that_makes_no_sense_is_passed_over),
        test_on_device(every_way_is_one_that_rows_may_name),
    };

    return cmocka_run_group_tests_name("tuned", tests, NULL, test_device_close);
}
