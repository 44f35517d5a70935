/* test_cmd_devices.c - the device list, as text and as JSON. */
#include "support/program.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "alexnet/rt.h"

static void json_holds_every_device(void **state)
{
    test_run run = TEST_PROGRAM_RUN("devices", "--json");
    alx_device_info *list = NULL;
    size_t count = 0;

    (void)state;
    assert_ok(alx_devices_list(&list, &count));
    test_assert_run(&run, 0, "");
    cJSON *tree = cJSON_Parse(run.out);

    assert_true(cJSON_IsArray(tree));
    assert_int_equal(cJSON_GetArraySize(tree), count);
    for (int i = 0; i < (int)count; ++i) {
        const cJSON *device = cJSON_GetArrayItem(tree, i);

        assert_int_equal(cJSON_GetObjectItem(device, "index")->valueint, i);
        assert_string_equal(cJSON_GetObjectItem(device, "name")->valuestring, list[i].name);
        assert_true(cJSON_GetObjectItem(device, "global_bytes")->valuedouble
                    == (double)list[i].global_bytes);
    }
    cJSON_Delete(tree);
    free(list);
    test_run_free(&run);
}

static void text_names_every_device(void **state)
{
    test_run brief = TEST_PROGRAM_RUN("devices"), details = TEST_PROGRAM_RUN("devices", "-v");
    alx_device_info *list = NULL;
    size_t count = 0;

    (void)state;
    assert_ok(alx_devices_list(&list, &count));
    for (size_t i = 0; i < count; ++i) {
        assert_non_null(strstr(brief.out, list[i].name));
        assert_non_null(strstr(details.out, list[i].platform_version));
    }
    free(list);
    test_run_free(&brief);
    test_run_free(&details);
}

static void no_platform_is_a_device_error(void **state)
{
    const char *before = getenv("OCL_ICD_VENDORS");
    char *kept = before != NULL ? strdup(before) : NULL;

    (void)state;
    setenv("OCL_ICD_VENDORS", "/nonexistent", 1);
    test_run run = TEST_PROGRAM_RUN("devices");

    if (kept != NULL)
        setenv("OCL_ICD_VENDORS", kept, 1);
    else
        unsetenv("OCL_ICD_VENDORS");
    free(kept);
    test_assert_run(&run, 3, "alexnet: no OpenCL device");
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_holds_every_device),
        cmocka_unit_test(text_names_every_device),
        cmocka_unit_test(no_platform_is_a_device_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
