/* test_drivers.c - what drivers find in the environment; without any OpenCL call. */
#define _GNU_SOURCE /* sched_setaffinity */
#include "base/cpus.h"
#include "support/device.h"
#include "support/folder.h"
#include "support/test.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rt/device.h"

static char nowhere[300]; /* a folder that nobody can make, root included */

static const char *const variables[] = {
    "POCL_CACHE_DIR",    "POCL_MAX_PTHREAD_COUNT",        "POCL_CPU_MAX_CU_COUNT",
    "XDG_CACHE_HOME",    "CL_CONFIG_CPU_TBB_NUM_WORKERS", "CLBLAST_BUILD_OPTIONS",
    "ALEXNET_CACHE_DIR",
};

static int make_folder(void **state)
{
    test_own_folder_make(state);
    test_folder_write(&test_own_folder, "file", "");
    snprintf(nowhere, sizeof nowhere, "%s/file/x", test_own_folder.path);
    return 0;
}

static int forget_variables(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(variables); ++i)
        unsetenv(variables[i]);
    setenv("TMPDIR", test_own_folder.path, 1);
    return 0;
}

static void assert_pocl_folder(const char *home, const char *cache, const char *want)
{
    forget_variables(NULL);
    setenv("HOME", home, 1);
    if (cache != NULL)
        setenv("ALEXNET_CACHE_DIR", cache, 1);
    test_set_environment();
    const char *got = getenv("POCL_CACHE_DIR");

    assert_string_equal(got != NULL ? got : "its own", want);
}

static void pocl_gets_a_folder_that_it_can_write_to(void **state)
{
    const char *cache = test_folder_path(&test_own_folder, "cache");
    char private_folder[PATH_MAX], in_cache[PATH_MAX];

    (void)state;
    snprintf(private_folder, sizeof private_folder, "%s/alexnet-%ld/pocl", test_own_folder.path,
             (long)geteuid());
    snprintf(in_cache, sizeof in_cache, "%s/pocl", cache);
    assert_pocl_folder(test_own_folder.path, NULL, "its own");
    assert_pocl_folder(nowhere, NULL, private_folder);
    assert_pocl_folder(nowhere, cache, in_cache);
    assert_pocl_folder(nowhere, "off", private_folder);
    assert_pocl_folder(nowhere, nowhere, private_folder);
    forget_variables(NULL);
    setenv("POCL_CACHE_DIR", nowhere, 1); /* the user's */
    test_set_environment();
    assert_string_equal(getenv("POCL_CACHE_DIR"), nowhere);
}

static void folder_that_ends_the_process_is_refused(void **state)
{
    alx_device_info pocl = { .platform = RT_POCL_PLATFORM };
    const alx_device_info other = { .platform = "NVIDIA CUDA" };
    char why[512];

    (void)state;
    pocl.quirks = rt_quirks_find(&pocl);
    setenv("POCL_CACHE_DIR", nowhere, 1);
    assert_int_equal(rt_drivers_check(&pocl), ALX_E_DEVICE);
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), nowhere));
    assert_ok(rt_drivers_check(&other));
    rt_drivers_excuse(why, sizeof why, pocl.platform);
    assert_non_null(strstr(why, "POCL_CACHE_DIR"));
    setenv("POCL_CACHE_DIR", test_own_folder.path, 1);
    assert_ok(rt_drivers_check(&pocl));
    rt_drivers_excuse(why, sizeof why, pocl.platform);
    assert_string_equal(why, "");
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL ? value : "unset";
}

/* What Intel's runtime is told of --threads. */
static const char *threads_of_intel(int threads)
{
    static alx_driver_setting settings[ALX_MOST_SETTINGS];
    const size_t count = alx_driver_settings(settings, threads);

    for (size_t i = 0; i < count; ++i)
        if (strcmp(settings[i].name, "CL_CONFIG_CPU_TBB_NUM_WORKERS") == 0)
            return settings[i].value;
    return "unset";
}

static void drivers_take_the_cores_that_are_allowed(void **state)
{
    cpu_set_t all, one;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    if (base_cpu_total() == 1)
        skip();
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    test_set_environment();
    assert_string_equal(variable("POCL_MAX_PTHREAD_COUNT"), "1");
    assert_string_equal(variable("POCL_CPU_MAX_CU_COUNT"), "1");
    assert_string_equal(variable("CL_CONFIG_CPU_TBB_NUM_WORKERS"), "1");
    setenv("POCL_MAX_PTHREAD_COUNT", "7", 1);
    test_set_environment();
    assert_string_equal(variable("POCL_MAX_PTHREAD_COUNT"), "7");
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
    forget_variables(NULL);
    assert_string_equal(threads_of_intel(1), "1");
    assert_string_equal(threads_of_intel(0), "unset");
}

static void quirks_are_those_of_the_driver(void **state)
{
    static const struct {
        alx_device_info info;
        unsigned quirks;
    } cases[] = {
        { { .name = "llvmpipe (LLVM 15.0.6, 256 bits)", .platform = "rusticl" },
          ALX_QUIRK_CUTS_LOOPS },
        { { .name = "pthread-AMD EPYC",
            .platform = "Portable Computing Language",
            .platform_version = "OpenCL 3.0 PoCL 3.1+debian" },
          ALX_QUIRK_ONE_BUILD | ALX_QUIRK_KERNEL_FOLDER | ALX_QUIRK_LARGE_HEADER },
        { { .name = "Oclgrind Simulator", .platform = "Oclgrind" }, ALX_QUIRK_FRAGILE_BUILDS },
        { { .name = "NVIDIA H200", .platform = "NVIDIA CUDA" }, ALX_QUIRK_OWN_CACHE },
        { { .name = "AMD EPYC", .platform = "Intel(R) OpenCL" }, ALX_QUIRK_COUNTS_ALL_CORES },
        { { .name = "a llvmpipe", .platform = "Intel(R) OpenCL Graphics" }, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        assert_int_equal(rt_quirks_find(&cases[i].info), cases[i].quirks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(pocl_gets_a_folder_that_it_can_write_to, forget_variables),
        cmocka_unit_test_setup(folder_that_ends_the_process_is_refused, forget_variables),
        cmocka_unit_test_setup(drivers_take_the_cores_that_are_allowed, forget_variables),
        cmocka_unit_test(quirks_are_those_of_the_driver),
    };

    return cmocka_run_group_tests(tests, make_folder, test_own_folder_remove);
}
