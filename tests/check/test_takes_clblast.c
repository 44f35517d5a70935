/* test_takes_clblast.c - a quick check asks CLBlast's kernels, a minute to build, only where it is
 * the fastest way of some problem. */
#include "check/kernels/kernels.c" /* a check alone takes longer than a test may */

#include "support/folder.h"
#include "support/test.h"

static const alx_device_info machine = { .core = -1, .name = "a GPU", .driver = "1.2" };

static alx_rows *rows;

static void add(const char *problem, const char *choice, double ms)
{
    alx_row row = { .batch = 32, .ms = ms, .error = 1e-6 };

    snprintf(row.problem, sizeof row.problem, "%s", problem);
    snprintf(row.choice, sizeof row.choice, "%s", choice);
    assert_ok(alx_rows_add(rows, &row));
}

static void only_its_fastest_rows_count(void **state)
{
    static const char conv[] = "conv2d forward 4x4x8 to 4x4x16 3/1+1 g1",
                      fc[] = "fc forward 8 to 9";
    alx_check_options options = { .algorithms = { .conv = ALX_CONV_TUNED,
                                                  .gemm = ALX_GEMM_TUNED } };

    (void)state;
    assert_false(may_use_clblast(&options)); /* no rows at all */
    assert_ok(alx_rows_of_device(&rows, &machine, test_folder_path(&test_own_folder, "rows")));
    options.rows = &rows;
    assert_false(may_use_clblast(&options));
    add(conv, "winograd", 2.0);
    add(conv, "im2col", 3.0);
    add(fc, "vec", 2.0);
    add(fc, "clblast", 0.0); /* wrong numbers */
    assert_false(may_use_clblast(&options));
    add(fc, "clblast tuned", 1.5);
    assert_true(may_use_clblast(&options));
    options.algorithms = (alx_algorithms){ .conv = ALX_CONV_VEC, .gemm = ALX_GEMM_VEC };
    assert_false(may_use_clblast(&options));
    options.algorithms.conv = ALX_CONV_IM2COL;
    assert_true(may_use_clblast(&options));
    alx_rows_close(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_its_fastest_rows_count),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
