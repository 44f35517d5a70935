/* test_tuned.c - passes are computed as their tuning row says, whatever it says. */
#include "support/device.h"
#include "support/folder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ops/choose/choose.h"

static const alx_shape in = { 2, 9, 9, 8 }, weights = { 3, 3, 8, 12 };
static const alx_conv2d_params params = { 3, 1, 1, 1, false };

static void parameters_are_found_and_bounded(void **state)
{
    const alx_way_params p = ops_params_parse(" tiles=36 vectors=3 rows=x block=-1 tiles=24");

    (void)state;
    assert_int_equal(p.tiles, 36);
    assert_int_equal(p.vectors, 3);
    assert_int_equal(p.rows, 0);
    assert_int_equal(p.block, 0);
    assert_int_equal(p.panels, 0);
    assert_int_equal(ops_params_parse(" tile=3 xtiles=4").tiles, 0);
    assert_int_equal(ops_params_parse(" tiles=99999999999").tiles, 0);
    assert_int_equal(ops_params_parse("").tiles, 0);
    assert_int_equal(ops_param(36, 24, 1, 100), 36);
    assert_int_equal(ops_param(36, 24, 1, 30), 24);
    assert_int_equal(ops_param(0, 24, 1, 30), 24);
}

static alx_row forward_row(const char *choice)
{
    alx_row row = { .batch = 1, .ms = 1e-9 };
    alx_shape out;

    assert_ok(alx_conv2d_output(&out, in, weights.c, &params));
    alx_op_conv2d_problem(row.problem, ALX_PASS_FORWARD, in, out, &params);
    snprintf(row.choice, sizeof row.choice, "%s", choice);
    return row;
}

/* A file's only row. It is added, not read: of what no search writes, nothing is read. */
static alx_rows *rows_of(const test_folder *folder, const alx_row *row)
{
    const alx_device_info *info = alx_device_get_info(test_device());
    alx_rows *rows = NULL;

    unlink(test_folder_path(folder, "rows"));
    assert_ok(alx_rows_of_device(&rows, info, test_folder_path(folder, "rows")));
    if (row != NULL)
        assert_ok(alx_rows_add(rows, row));
    return rows;
}

static alx_conv_choice choose(alx_device *dev, const alx_rows *rows, alx_conv_algo algo)
{
    const alx_chooser by = alx_chooser_of(dev, rows, (alx_algorithms){ .conv = algo });
    alx_shape out;

    assert_ok(alx_conv2d_output(&out, in, weights.c, &params));
    return alx_conv_choose(&by, ALX_PASS_FORWARD, in, out, &params);
}

static void row_chooses_the_algorithm(void **state)
{
    test_folder folder = test_folder_create();
    alx_device *dev = test_device();

    (void)state;
    for (alx_conv_algo algo = ALX_CONV_IM2COL; algo < ALX_CONV_TUNED; ++algo) {
        const alx_row row = forward_row(alx_conv_algo_name(algo));
        alx_rows *rows = rows_of(&folder, &row);

        assert_int_equal(choose(dev, rows, ALX_CONV_TUNED).algo, algo);
        assert_int_equal(choose(dev, rows, ALX_CONV_AUTO).algo, algo);
        assert_int_equal(choose(dev, rows, ALX_CONV_VEC).algo, ALX_CONV_VEC);
        alx_rows_close(rows);
    }
    assert_int_equal(choose(dev, NULL, ALX_CONV_TUNED).algo,
                     ops_default_algorithms(dev, false).conv);
    test_folder_remove(&folder);
}

static void row_that_makes_no_sense_is_passed_over(void **state)
{
    static const char *const choices[] = { "", "auto", "tuned", "fft", "vecs", "vec=1" };
    test_folder folder = test_folder_create();
    alx_device *dev = test_device();

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(choices); ++i) {
        const alx_row row = forward_row(choices[i]);
        alx_rows *rows = rows_of(&folder, &row);
        const alx_conv_choice found = choose(dev, rows, ALX_CONV_TUNED);

        assert_int_equal(found.algo, ops_default_algorithms(dev, false).conv);
        assert_int_equal(found.params.tiles, 0);
        alx_rows_close(rows);
    }
    test_folder_remove(&folder);
}

/* A choice as a row has it, from what was read of it. */
static void choice_write(char *text, size_t bytes, const char *algo, const alx_way_params *p)
{
    const struct {
        const char *name;
        int value;
    } values[] = {
        { "tiles", p->tiles },     { "vectors", p->vectors }, { "rows", p->rows },
        { "columns", p->columns }, { "block", p->block },     { "panels", p->panels },
    };
    size_t used = (size_t)snprintf(text, bytes, "%s", algo);

    for (size_t i = 0; i < ALX_COUNT(values); ++i)
        if (values[i].value != 0)
            used += (size_t)snprintf(text + used, bytes - used, " %s=%d", values[i].name,
                                     values[i].value);
}

static void every_way_is_read_whole(void **state)
{
    static char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES];
    alx_device *dev = test_device();
    alx_shape out;
    char text[ALX_CHOICE_BYTES];

    (void)state;
    assert_ok(alx_conv2d_output(&out, in, weights.c, &params));
    for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
        size_t count = alx_op_fc_ways(ways, dev, pass);

        assert_true(count > 0 && count <= ALX_MAX_WAYS);
        for (size_t i = 0; i < count; ++i) {
            alx_gemm_choice choice;

            assert_true(alx_gemm_choice_parse(&choice, ways[i]));
            choice_write(text, sizeof text, alx_gemm_algo_name(choice.algo), &choice.params);
            assert_string_equal(text, ways[i]);
        }
        count = alx_op_conv2d_ways(ways, dev, pass, in, out, &params);
        assert_true(count > 0 && count <= ALX_MAX_WAYS);
        for (size_t i = 0; i < count; ++i) {
            alx_conv_choice choice;

            assert_true(alx_conv_choice_parse(&choice, ways[i]));
            choice_write(text, sizeof text, alx_conv_algo_name(choice.algo), &choice.params);
            assert_string_equal(text, ways[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_found_and_bounded),
        test_on_device(row_chooses_the_algorithm),
        test_on_device(row_that_makes_no_sense_is_passed_over),
        test_on_device(every_way_is_read_whole),
    };

    return cmocka_run_group_tests_name("tuned", tests, NULL, test_device_close);
}
