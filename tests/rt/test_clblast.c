/* test_clblast.c - matrix products against three loops in double. */
#include "support/device.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rt/device.h"

/* A, B and C lie in vectors of this many elements, offsets and paddings included. */
enum { ROOM = 4096 };

static const struct {
    const char *why;
    alx_gemm gemm;
} cases[] = {
    { "plain, odd sizes", { .m = 7, .n = 5, .k = 3, .alpha = 1, .lda = 3, .ldb = 5, .ldc = 5 } },
    { "a row times a column",
      { .m = 1, .n = 1, .k = 17, .alpha = 1, .lda = 17, .ldb = 1, .ldc = 1 } },
    { "A transposed",
      { .transpose_a = true, .m = 9, .n = 4, .k = 6, .alpha = 1, .lda = 9, .ldb = 4, .ldc = 4 } },
    { "B transposed, adds to C",
      { .transpose_b = true,
        .m = 3,
        .n = 11,
        .k = 8,
        .alpha = 2,
        .beta = 0.5f,
        .lda = 8,
        .ldb = 8,
        .ldc = 11 } },
    { "both transposed, padded rows, offsets",
      { .transpose_a = true,
        .transpose_b = true,
        .m = 5,
        .n = 6,
        .k = 7,
        .alpha = -1,
        .beta = 1,
        .lda = 8,
        .ldb = 10,
        .ldc = 9,
        .a_offset = 13,
        .b_offset = 3,
        .c_offset = 21 } },
    { "three with strides",
      { .m = 4,
        .n = 3,
        .k = 5,
        .alpha = 1,
        .lda = 5,
        .ldb = 3,
        .ldc = 3,
        .batch = 3,
        .a_stride = 40,
        .b_stride = 20,
        .c_stride = 15 } },
    { "two that share B, offsets, transposed A",
      { .transpose_a = true,
        .m = 6,
        .n = 8,
        .k = 9,
        .alpha = 0.5f,
        .beta = -1,
        .lda = 12,
        .ldb = 16,
        .ldc = 16,
        .batch = 2,
        .a_offset = 1,
        .c_offset = 2,
        .a_stride = 6,
        .c_stride = 8 } },
};

static void gemm_reference(float *c, const float *a, const float *b, const alx_gemm *g)
{
    const int batch = g->batch > 1 ? g->batch : 1;

    for (int z = 0; z < batch; ++z)
        for (int i = 0; i < g->m; ++i)
            for (int j = 0; j < g->n; ++j) {
                const size_t at = g->c_offset + (size_t)z * g->c_stride + (size_t)(i * g->ldc + j);
                double sum = 0.0;

                for (int k = 0; k < g->k; ++k) {
                    const int pa = g->transpose_a ? k * g->lda + i : i * g->lda + k;
                    const int pb = g->transpose_b ? j * g->ldb + k : k * g->ldb + j;

                    sum += (double)a[g->a_offset + (size_t)z * g->a_stride + (size_t)pa] *
                           (double)b[g->b_offset + (size_t)z * g->b_stride + (size_t)pb];
                }
                c[at] = (float)((double)g->alpha * sum + (double)g->beta * (double)c[at]);
            }
}

static void products_match_three_loops(void **state)
{
    alx_device *dev = test_device();

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        float *a = test_host_random(ROOM, 1, -1, 1), *b = test_host_random(ROOM, 2, -1, 1);
        float *want = test_host_random(ROOM, 3, -1, 1);
        alx_tensor *da = test_vector_of(dev, ROOM, a), *db = test_vector_of(dev, ROOM, b);
        alx_tensor *dc = test_vector_of(dev, ROOM, want);

        gemm_reference(want, a, b, &cases[i].gemm);
        assert_ok(alx_clblast_sgemm(dev, dc, da, db, &cases[i].gemm));
        /* all of C: what lies between its rows stays; sums of at most 17 terms below 1 */
        test_assert_close(cases[i].why, test_download(dc), want, ROOM, 1e-6, 4e-6);
        test_assert_canary(cases[i].why, dc);
        test_teardown(state);
    }
}

static void products_are_right_with_other_parameters(void **state)
{
    static char sets[ALX_MAX_SETS][ALX_CLBLAST_SET_BYTES];
    alx_device *dev = test_device();
    const size_t count = alx_clblast_sets(sets, alx_device_get_info(dev), "Xgemm");

    assert_true(count >= 2);
    assert_string_equal(sets[0], ALX_CLBLAST_PACKAGED);
    assert_ok(alx_clblast_override(dev, "Xgemm", sets[count - 1]));
    assert_ok(alx_clblast_override(dev, "GemmRoutine", "XGEMM_MIN_INDIRECT_SIZE=1"));
    products_match_three_loops(state);
}

static void wrong_parameters_are_refused(void **state)
{
    alx_device *dev = test_device();

    (void)state;
    assert_int_equal(alx_clblast_override(dev, "Xgemm", "MWG=64"), ALX_E_DEVICE);
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "Xgemm"));
    assert_int_equal(alx_clblast_override(dev, "Xgemm", "MWG"), ALX_E_USAGE);
    assert_int_equal(alx_clblast_override(dev, "Xgemm", "MWG=64 fast"), ALX_E_USAGE);
}

static void beta_zero_ignores_nan_in_c(void **state)
{
    alx_device *dev = test_device();
    const alx_gemm gemm = { .m = 2, .n = 2, .k = 1, .alpha = 1, .lda = 1, .ldb = 2, .ldc = 2 };
    alx_tensor *a = test_vector_of(dev, 2, (float[]){ 1, 2 });
    alx_tensor *b = test_vector_of(dev, 2, (float[]){ 3, 4 });
    alx_tensor *c = test_tensor(dev, (alx_shape){ 1, 1, 2, 2 });

    (void)state;
    assert_ok(alx_clblast_sgemm(dev, c, a, b, &gemm));
    test_assert_close("C of NaN", test_download(c), (float[]){ 3, 4, 6, 8 }, 4, 0, 1e-9);
}

static void nothing_runs_while_collecting(void **state)
{
    alx_device *dev = test_device();
    const alx_gemm gemm = { .m = 1, .n = 1, .k = 1, .alpha = 1, .lda = 1, .ldb = 1, .ldc = 1 };
    alx_tensor *one = test_vector_of(dev, 1, (float[]){ 1 });
    alx_tensor *c = test_tensor(dev, (alx_shape){ 1, 1, 1, 1 });

    (void)state;
    alx_device_collect(dev, true);
    assert_ok(alx_clblast_sgemm(dev, c, one, one, &gemm));
    alx_device_collect(dev, false);
    assert_true(isnan(test_download(c)[0]));
}

static void refusals_name_call_size_and_code(void **state)
{
    alx_device *dev = test_device();
    alx_gemm gemm = { .m = 4, .n = 6, .k = 5, .alpha = 1, .lda = 4, .ldb = 6, .ldc = 6 };
    alx_tensor *x = test_tensor(dev, (alx_shape){ 1, 1, 1, 64 });

    (void)state;
    alx_device_set_label(dev, "fc6 forward");
    assert_int_equal(alx_clblast_sgemm(dev, x, x, x, &gemm), ALX_E_DEVICE); /* lda < k */
    const char *text = alx_status_text(ALX_E_DEVICE);

    assert_non_null(strstr(text, "CLBlastSgemm"));
    assert_non_null(strstr(text, "4x6x5"));
    assert_non_null(strstr(text, "fc6 forward"));
    assert_non_null(strstr(text, "CLBlastInvalidLeadDim"));
    gemm.lda = 5;
    gemm.batch = 2;
    gemm.c_stride = 100000;
    assert_int_equal(alx_clblast_sgemm(dev, x, x, x, &gemm), ALX_E_DEVICE);
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "CLBlastInsufficientMemory"));
    alx_device_set_label(dev, NULL);
}

static void version_is_said(void **state)
{
    int major = 0, minor = 0;

    (void)state;
    assert_int_equal(sscanf(alx_rt_libraries(), "CLBlast %d.%d", &major, &minor), 2);
    assert_true(major >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(products_match_three_loops),
        test_on_device(beta_zero_ignores_nan_in_c),
        test_on_device(nothing_runs_while_collecting),
        test_on_device(refusals_name_call_size_and_code),
        test_on_device(wrong_parameters_are_refused),
        test_on_device(products_are_right_with_other_parameters),
        cmocka_unit_test(version_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
