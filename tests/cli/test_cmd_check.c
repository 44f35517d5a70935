/* test_cmd_check.c - `alexnet check` on the default device, and with a kernel that is a little
 * wrong: who checks must notice. Golden folders: tests/golden/test_golden.c. */
#include "support/kernels.h"
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "alexnet/rt.h"

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

    cJSON_ArrayForEach(row, rows) {
        assert_true(cJSON_IsTrue(cJSON_GetObjectItem(row, "pass")));
        assert_true(cJSON_GetObjectItem(row, "comparisons")->valuedouble >= 1.0);
        ++passed;
    }
    assert_true(passed > 20);
    cJSON_Delete(rows);
    test_run_free(&run);
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
        cmocka_unit_test(wrong_kernel_is_noticed),
    };

    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
