/* test_devices.c - the device list, as text and as JSON, and what an empty one says. */
#define _GNU_SOURCE /* sched_setaffinity */
#include "base/cpus.h"
#include "support/folder.h"
#include "support/program.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "alexnet/dev/rt.h"

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
        assert_true(cJSON_GetObjectItem(device, "global_bytes")->valuedouble ==
                    (double)list[i].global_bytes);
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

/* `alexnet devices` with an environment variable set to `value`. */
static test_run run_with(const char *variable, const char *value)
{
    const char *before = getenv(variable);
    char *kept = before != NULL ? strdup(before) : NULL;

    setenv(variable, value, 1);
    const test_run run = TEST_PROGRAM_RUN("devices");

    if (kept != NULL)
        setenv(variable, kept, 1);
    else
        unsetenv(variable);
    free(kept);
    return run;
}

static void no_platform_is_a_device_error(void **state)
{
    test_run run = run_with("OCL_ICD_VENDORS", "/nonexistent");

    (void)state;
    test_assert_run(&run, 3, "alexnet: no OpenCL device");
    assert_non_null(strstr(run.err, "loader /"));
    assert_non_null(strstr(run.err, "/nonexistent: cannot open shared object file"));
    assert_string_equal(run.out, "");
    test_run_free(&run);
}

static void the_variable_that_misleads_is_named(void **state)
{
    (void)state;
    if (getenv("OCL_ICD_VENDORS") != NULL) /* comes first */
        skip();
    test_run run = run_with("OPENCL_VENDOR_PATH", "/nonexistent");

    test_assert_run(&run, 3, "  OPENCL_VENDOR_PATH: /nonexistent: ");
    test_run_free(&run);
}

/* Each .icd with what the system's loader says of it. */
static void drivers_that_do_not_load_are_explained(void **state)
{
    test_folder folder = test_folder_create();

    (void)state;
    test_folder_write(&folder, "gone.icd", "libno-such-driver.so.1\r\n");
    test_folder_write(&folder, "empty.icd", "");
    test_folder_write(&folder, "text.icd", test_folder_path(&folder, "unused.conf"));
    test_folder_write(&folder, "unused.conf", "libunused.so");
    test_run run = run_with("OCL_ICD_VENDORS", folder.path);

    test_assert_run(&run, 3, "gone.icd: libno-such-driver.so.1: ");
    assert_non_null(strstr(run.err, "cannot open shared object file"));
    assert_non_null(strstr(run.err, "empty.icd: names no library"));
    assert_non_null(strstr(run.err, "unused.conf: file too short")); /* to be a library */
    assert_non_null(strstr(run.err, "drivers of"));
    assert_non_null(strstr(run.err, ": 3\n"));
    assert_non_null(strstr(run.err, "platforms: 0"));
    test_run_free(&run);
    test_folder_remove(&folder);
}

static size_t device_count(void)
{
    alx_device_info *list = NULL;
    size_t count = 0;

    if (alx_devices_list(&list, &count) != 0)
        count = 0;
    free(list);
    return count;
}

static void driver_that_is_not_used_is_warned_of(void **state)
{
    const char *library = "libc.so.6"; /* a library that is no driver */

    (void)state;
    if (device_count() == 0)
        skip();
    test_run run = run_with("OCL_ICD_FILENAMES", "libno-such-driver.so.1");

    test_assert_run(&run, 0, "warning: OCL_ICD_FILENAMES: not used: libno-such-driver.so.1");
    test_run_free(&run);
    run = run_with("OCL_ICD_VENDORS", library);
    test_assert_run(&run, 3, "platforms: 0");
    test_run_free(&run);
}

/* PoCL lists no device where it cannot write; root too can make no folder in a file. */
static void devices_are_there_without_a_home(void **state)
{
    test_folder folder = test_folder_create();
    const char *cache = getenv("ALEXNET_CACHE_DIR"), *temporary = getenv("TMPDIR");
    char *kept_cache = strdup(cache != NULL ? cache : "");
    char *kept_temporary = strdup(temporary != NULL ? temporary : "/tmp");
    char line[64];

    (void)state;
    snprintf(line, sizeof line, "%zu", device_count());
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    setenv("TMPDIR", folder.path, 1);
    unsetenv("XDG_CACHE_HOME");
    test_folder_write(&folder, "file", "");
    test_run run = run_with("HOME", test_folder_path(&folder, "file/home"));

    setenv("ALEXNET_CACHE_DIR", kept_cache, 1);
    setenv("TMPDIR", kept_temporary, 1);
    if (strcmp(line, "0") != 0)
        test_assert_run(&run, 0, "");
    free(kept_cache);
    free(kept_temporary);
    test_run_free(&run);
    test_folder_remove(&folder);
}

/* Compute units of the first CPU, 0 = there is none. */
static int cpu_units(void)
{
    test_run run = TEST_PROGRAM_RUN("devices", "--json");
    cJSON *tree = cJSON_Parse(run.out);
    const cJSON *device = NULL;
    int units = 0;

    cJSON_ArrayForEach(
        device, tree) if (units == 0 &&
                          strcmp(cJSON_GetObjectItem(device, "type")->valuestring, "cpu") == 0)
        units = cJSON_GetObjectItem(device, "compute_units")->valueint;
    cJSON_Delete(tree);
    test_run_free(&run);
    return units;
}

static void cores_that_are_not_allowed_do_not_count(void **state)
{
    cpu_set_t all, one;

    (void)state;
    if (base_cpu_total() == 1 || cpu_units() == 0 || getenv("POCL_MAX_PTHREAD_COUNT") != NULL)
        skip();
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0); /* the program's too */
    assert_int_equal(cpu_units(), 1);
    test_run run = TEST_PROGRAM_RUN("devices");

    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
    test_assert_run(&run, 0, "cores       1 of the machine's ");
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cores_that_are_not_allowed_do_not_count),
        cmocka_unit_test(json_holds_every_device),
        cmocka_unit_test(text_names_every_device),
        cmocka_unit_test(no_platform_is_a_device_error),
        cmocka_unit_test(the_variable_that_misleads_is_named),
        cmocka_unit_test(drivers_that_do_not_load_are_explained),
        cmocka_unit_test(driver_that_is_not_used_is_warned_of),
        cmocka_unit_test(devices_are_there_without_a_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
