/* test_check.c - `alexnet check` on the default device, and with a kernel that is a little
 * wrong: who checks must notice. Golden folders: tests/golden/test_golden.c. */
#include "support/kernels.h"
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "alexnet/dev/rt.h"

static void skip_without_device(void)
{
    alx_device_info *list = NULL;
    size_t count = 0;

    if (alx_devices_list(&list, &count) != 0) {
        print_message("%s\n", alx_status_text(ALX_E_DEVICE));
        skip();
    }
    free(list);
}

static void every_kernel_passes(void **state)
{
    int passed = 0;

    (void)state;
    skip_without_device();
    test_run run = TEST_PROGRAM_RUN("check", "--json");

    test_assert_run(&run, 0, "checks passed");
    cJSON *rows = cJSON_Parse(run.out);
    const cJSON *row = NULL;

    cJSON_ArrayForEach(row, rows)
    {
        assert_true(cJSON_IsTrue(cJSON_GetObjectItem(row, "pass")));
        assert_true(cJSON_GetObjectItem(row, "comparisons")->valuedouble >= 1.0);
        ++passed;
    }
    assert_true(passed > 20);
    cJSON_Delete(rows);
    test_run_free(&run);
}

static bool rows_have(const cJSON *rows, const char *check)
{
    const cJSON *row = NULL;

    cJSON_ArrayForEach(row, rows) if (strcmp(cJSON_GetObjectItem(row, "check")->valuestring,
                                             check) == 0) return true;
    return false;
}

/* Fewer shapes, but no kernel of this kind of device is left out unsaid. */
static void quick_check_passes_and_says_what_it_leaves_out(void **state)
{
    static const char *const always[] = {
        "grad-bias",          "relu",          "tanh",         "sigmoid",
        "leaky relu",         "lrn",           "spatial norm", "max pool",
        "max pool, all ties", "adaptive pool", "dropout",      "scale",
        "softmax loss",       "towers",        "preprocess",   "sgd",
        "sgd, torch's form",  "clip",
    };
    static const char *const ways[] = {
        "conv2d vec",    "conv2d winograd", "conv2d tile", "conv2d tile-winograd",
        "conv2d im2col", "fc vec",          "fc tile",     "fc clblast",
    };

    (void)state;
    skip_without_device();
    test_run run = TEST_PROGRAM_RUN("check", "--quick", "--json", "--progress", "plain");

    test_assert_run(&run, 0, "left out by --quick: 5 of 6 convolutions");
    assert_non_null(strstr(run.err, "building kernels"));
    const char *left_out = strstr(run.err, "left out by");
    cJSON *rows = cJSON_Parse(run.out);

    for (size_t i = 0; i < ALX_COUNT(always); ++i)
        assert_true(rows_have(rows, always[i]));
    for (size_t i = 0; i < ALX_COUNT(ways); ++i)
        assert_true(rows_have(rows, ways[i]) != (strstr(left_out, ways[i]) != NULL));
    cJSON_Delete(rows);
    test_run_free(&run);
    run = TEST_PROGRAM_RUN("check", "--quick", "--only", "fc clblast");
    test_assert_run(&run, 0, "1 of 1 checks passed");
    test_run_free(&run);
    run = TEST_PROGRAM_RUN("check", "--quick", "--golden", "nowhere");
    test_assert_run(&run, 2, "--quick and --golden exclude each other");
    test_run_free(&run);
}

/* Kernels are built anew; PoCL's compiler warns of vectors wider than the registers. */
static void compilers_are_not_heard(void **state)
{
    const char *before = getenv("POCL_CACHE_DIR"), *cache = getenv("ALEXNET_CACHE_DIR");
    char *kept = before != NULL ? strdup(before) : NULL;
    char *kept_cache = cache != NULL ? strdup(cache) : NULL;
    test_folder folder = test_folder_create();

    (void)state;
    skip_without_device();
    setenv("POCL_CACHE_DIR", folder.path, 1);
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    test_run run = TEST_PROGRAM_RUN("check", "--only", "lrn", "-q");
    test_run clblast = TEST_PROGRAM_RUN("check", "--only", "fc clblast", "-q");

    if (kept != NULL)
        setenv("POCL_CACHE_DIR", kept, 1);
    else
        unsetenv("POCL_CACHE_DIR");
    if (kept_cache != NULL)
        setenv("ALEXNET_CACHE_DIR", kept_cache, 1);
    else
        unsetenv("ALEXNET_CACHE_DIR");
    free(kept);
    free(kept_cache);
    assert_string_equal(run.err, "");
    test_assert_run(&run, 0, "");
    assert_string_equal(clblast.err, "");
    test_assert_run(&clblast, 0, "");
    test_run_free(&run);
    test_run_free(&clblast);
    test_folder_remove(&folder);
}

static void wrong_kernel_is_noticed(void **state)
{
    test_folder folder = test_kernels_create("activation.cl", "TANH_VALUE(x) tanh(x)",
                                             "TANH_VALUE(x) (0.99999f * tanh(x))");

    (void)state;
    skip_without_device();
    setenv("ALEXNET_CL_DIR", folder.path, 1);
    test_run run = TEST_PROGRAM_RUN("check");
    unsetenv("ALEXNET_CL_DIR");
    test_assert_run(&run, 6, "1 of ");
    assert_non_null(strstr(run.out, "FAIL  tanh "));
    assert_non_null(strstr(run.out, "PASS  relu "));
    test_run_free(&run);
    test_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_passes),
        cmocka_unit_test(quick_check_passes_and_says_what_it_leaves_out),
        cmocka_unit_test(compilers_are_not_heard),
        cmocka_unit_test(wrong_kernel_is_noticed),
    };

    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
