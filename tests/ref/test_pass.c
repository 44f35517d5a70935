/* test_pass.c - the twin of a pass: an operation that has none is refused, never taken for another;
 * parts of a pass, the terms of its sums, what they may be off. */
#include "support/test.h"

#include <math.h>
#include <string.h>

#include "alexnet/dev/ref.h"

#define UNTOUCHED 77.0f

/* A layer that nobody has written a twin for. */
static void an_unknown_operation_is_refused(void **state)
{
    const float x[4] = { 1, 2, 3, 4 };
    const alx_ref_operands operands = { .x = x, .grad_y = x };
    const alx_node_kind unknown[] = { ALX_NODE_GATHER, ALX_NODE_SUM, ALX_NODE_LOSS,
                                      (alx_node_kind)(ALX_NODE_LOSS + 1) };
    alx_op_work work = { .in = { 1, 1, 1, 4 },
                         .out = { 1, 1, 1, 4 },
                         .dropout = { .scale = 1.0f, .units = 4 } };
    float out[4] = { UNTOUCHED, UNTOUCHED, UNTOUCHED, UNTOUCHED };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(unknown) * 3; ++i) {
        work.kind = unknown[i / 3];
        assert_int_equal(alx_ref_pass(out, &work, (alx_pass)(i % 3), &operands), ALX_E_USAGE);
        assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "no twin of nodes of kind"));
        for (int j = 0; j < 4; ++j)
            assert_true(out[j] == UNTOUCHED);
    }
}

static void a_pass_that_a_layer_lacks_is_refused(void **state)
{
    static const struct {
        alx_node_kind kind;
        const char *name;
    } without_weights[] = {
        { ALX_NODE_ACTIVATION, "activation" },       { ALX_NODE_LRN, "lrn" },
        { ALX_NODE_SPATIAL_NORM, "spatial norm" },   { ALX_NODE_POOL, "max pool" },
        { ALX_NODE_ADAPTIVE_POOL, "adaptive pool" }, { ALX_NODE_DROPOUT, "dropout" },
    };
    float out = UNTOUCHED;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(without_weights); ++i) {
        const alx_op_work work = { .kind = without_weights[i].kind };

        assert_int_equal(
            alx_ref_pass(&out, &work, ALX_PASS_GRAD_WEIGHT, &(alx_ref_operands){ .x = NULL }),
            ALX_E_USAGE);
        assert_non_null(strstr(alx_status_text(ALX_E_USAGE), without_weights[i].name));
        assert_true(out == UNTOUCHED);
    }
}

/* 2 x 3 to 2: by hand. */
static void a_pass_is_that_of_its_layer(void **state)
{
    const float x[6] = { 1, 2, 3, 4, 5, 6 }, w[6] = { 1, 0, 2, 0, 1, 1 }, b[2] = { 10, 20 };
    const float grad_y[4] = { 1, 2, 3, 4 };
    const float want_y[4] = { 17, 25, 26, 31 };
    const float want_x[6] = { 1, 2, 4, 3, 4, 10 }, want_w[6] = { 13, 17, 21, 18, 24, 30 };
    const alx_op_work work = { .kind = ALX_NODE_FC, .in = { 2, 1, 1, 3 }, .out = { 2, 1, 1, 2 } };
    const alx_op_work halves = { .kind = ALX_NODE_ACTIVATION,
                                 .in = { 1, 1, 1, 2 },
                                 .out = { 1, 1, 1, 2 },
                                 .activation = ALX_ACT_LEAKY,
                                 .slope = 0.5f };
    const alx_ref_operands o = { .x = x, .w = w, .b = b, .grad_y = grad_y };
    const float signs[2] = { -4, 4 };
    float got[6];

    (void)state;
    assert_ok(alx_ref_pass(got, &work, ALX_PASS_FORWARD, &o));
    assert_memory_equal(got, want_y, sizeof want_y);
    assert_ok(alx_ref_pass(got, &work, ALX_PASS_GRAD_INPUT, &o));
    assert_memory_equal(got, want_x, sizeof want_x);
    assert_ok(alx_ref_pass(got, &work, ALX_PASS_GRAD_WEIGHT, &o));
    assert_memory_equal(got, want_w, sizeof want_w);
    assert_ok(alx_ref_pass(got, &halves, ALX_PASS_FORWARD, &(alx_ref_operands){ .x = signs }));
    assert_true(got[0] == -2.0f && got[1] == 4.0f);
    assert_ok(alx_ref_pass(got, &halves, ALX_PASS_GRAD_INPUT,
                           &(alx_ref_operands){ .y = signs, .grad_y = signs }));
    assert_true(got[0] == -2.0f && got[1] == 4.0f);
}

/* ---- parts of a pass ------------------------------------------------------------------------- */

static void ends_are_first_middle_last(void **state)
{
    static const struct {
        int count, picks[3], pick_count;
    } cases[] = {
        { 1, { 0 }, 1 },
        { 2, { 0, 1 }, 2 },
        { 3, { 0, 1, 2 }, 3 },
        { 128, { 0, 64, 127 }, 3 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const alx_ref_slice slice = alx_ref_slice_ends(cases[i].count);

        assert_int_equal(slice.count, cases[i].pick_count);
        assert_memory_equal(slice.picks, cases[i].picks, (size_t)slice.count * sizeof(int));
    }
}

static void rows_and_columns_are_taken(void **state)
{
    const float data[12] = { 0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23 };
    const float rows[8] = { 0, 1, 2, 3, 20, 21, 22, 23 }, columns[6] = { 0, 2, 10, 12, 20, 22 };
    const alx_ref_slice slice = { { 0, 2 }, 2 };
    float got[8];

    (void)state;
    alx_ref_take_rows(got, data, &slice, 4);
    assert_memory_equal(got, rows, sizeof rows);
    alx_ref_take_columns(got, data, &slice, 3, 4);
    assert_memory_equal(got, columns, sizeof columns);
}

/* ---- cases and limits ------------------------------------------------------------------------ */

/* 5x5 of 4 channels of a group each, 6 filters of it; 9 x 7 outputs of 2 images. */
static void terms_of_a_sum_are_counted(void **state)
{
    const alx_ref_case conv = { "conv", { 2, 9, 7, 8 }, 12, { 5, 1, 2, 2, false } };
    const alx_ref_case fc = { "fc", { 3, 2, 2, 5 }, 7, { 0 } };
    alx_op_work work;

    (void)state;
    assert_ok(alx_ref_case_work(&work, &conv));
    assert_int_equal(alx_ref_sum_terms(&work, ALX_PASS_FORWARD), 5 * 5 * 4);
    assert_int_equal(alx_ref_sum_terms(&work, ALX_PASS_GRAD_INPUT), 5 * 5 * 6);
    assert_int_equal(alx_ref_sum_terms(&work, ALX_PASS_GRAD_WEIGHT), 2 * 9 * 7);
    assert_ok(alx_ref_case_work(&work, &fc));
    assert_int_equal(alx_ref_sum_terms(&work, ALX_PASS_FORWARD), 20);
    assert_int_equal(alx_ref_sum_terms(&work, ALX_PASS_GRAD_INPUT), 7);
    assert_int_equal(alx_ref_sum_terms(&work, ALX_PASS_GRAD_WEIGHT), 3);
}

static void limits_are_those_that_are_documented(void **state)
{
    (void)state;
    assert_float_equal(alx_ref_sum_limit(100), 2.4e-6, 1e-12);
    assert_float_equal(alx_ref_pass_limit(ALX_PASS_FORWARD), 3e-5, 1e-12);
    assert_float_equal(alx_ref_pass_limit(ALX_PASS_GRAD_INPUT), 5e-5, 1e-12);
    assert_float_equal(alx_ref_pass_limit(ALX_PASS_GRAD_WEIGHT), 1e-4, 1e-12);
    for (alx_conv_algo algo = ALX_CONV_IM2COL; algo <= ALX_CONV_TILE_WINOGRAD; ++algo)
        assert_float_equal(alx_ref_conv_limit(algo, ALX_PASS_FORWARD, 100),
                           alx_conv_algo_is_exact(algo) ? 2.4e-6f : 3e-5f, 1e-12);
}

static void an_overflow_is_a_difference(void **state)
{
    const float finite[] = { 1.0f, 2.0f }, infinite[] = { 1.0f, INFINITY }, none[] = { 1.0f, NAN };

    (void)state;
    assert_true(alx_ref_difference(finite, infinite, 2, 0.0) == INFINITY);
    assert_true(alx_ref_difference(infinite, infinite, 2, 0.0) == INFINITY);
    assert_true(alx_ref_difference(none, finite, 2, 0.0) == INFINITY);
    assert_true(alx_ref_difference(finite, finite, 2, 0.0) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_operation_is_refused),
        cmocka_unit_test(a_pass_that_a_layer_lacks_is_refused),
        cmocka_unit_test(a_pass_is_that_of_its_layer),
        cmocka_unit_test(ends_are_first_middle_last),
        cmocka_unit_test(rows_and_columns_are_taken),
        cmocka_unit_test(terms_of_a_sum_are_counted),
        cmocka_unit_test(limits_are_those_that_are_documented),
        cmocka_unit_test(an_overflow_is_a_difference),
    };

    return cmocka_run_group_tests_name("pass", tests, NULL, NULL);
}
