/* test_compiler.c - processes that build programs: they do the work, and where they cannot, the
 * programs are built all the same. */
#include "support/folder.h"
#include "support/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "rt/device.h"
#include "rt/program/program.h"

#define PROGRAMS 5

static test_folder folder;

static int cache_folder_make(void **state)
{
    (void)state;
    folder = test_folder_create();
    return setenv("ALEXNET_CACHE_DIR", folder.path, 1);
}

static int cache_folder_remove(void **state)
{
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    test_folder_remove(&folder);
    return test_device_close(state);
}

static double children_seconds(void)
{
    struct rusage used;

    assert_int_equal(getrusage(RUSAGE_CHILDREN, &used), 0);
    return (double)used.ru_utime.tv_sec + 1e-6 * (double)used.ru_utime.tv_usec;
}

/* Builds programs that are not in the cache yet; returns the time that processes took for it. */
static double build_programs(alx_device *dev, const char *compilers, int first)
{
    const double before = children_seconds();
    rt_program *program[PROGRAMS];
    rt_kernel *kernel = NULL;
    char options[64];

    dev->compiler = compilers;
    for (int i = 0; i < PROGRAMS; ++i) {
        snprintf(options, sizeof options, "-DVEC=4 -DWG=%d", first + i);
        assert_ok(rt_program_note(&program[i], dev, "scale", "scale", options));
        assert_false(rt_program_cached(dev, program[i]));
        program[i]->noted = true;
    }
    assert_ok(alx_device_build(dev, NULL, NULL));
    for (int i = 0; i < PROGRAMS; ++i) {
        assert_ok(rt_program_kernel(&kernel, dev, program[i]));
        assert_int_equal(kernel->required[0], first + i);
    }
    return children_seconds() - before;
}

static bool is_pocl(const alx_device *dev)
{
    return strstr(dev->info.platform_version, "PoCL") != NULL;
}

static void processes_build_for_pocl(void **state)
{
    alx_device *dev = test_device();
    char path[PROGRAMS][512];

    (void)state;
    assert_int_equal(build_programs(dev, TEST_PROGRAM, 1) > 0.0, is_pocl(dev));
    if (is_pocl(dev))
        assert_int_equal(test_folder_list(&folder, path, PROGRAMS), PROGRAMS);
}

/* What was built for one core is there for the other, and for the whole device. */
static void processes_build_for_cores(alx_device *cores[2])
{
    alx_device *const others[] = { cores[1], test_device() };

    assert_int_equal(build_programs(cores[0], TEST_PROGRAM, 128) > 0.0, is_pocl(cores[0]));
    for (int i = 0; i < (int)ALX_COUNT(others) * PROGRAMS && is_pocl(cores[0]); ++i) {
        alx_device *dev = others[i / PROGRAMS];
        rt_program *program;
        char options[64];

        snprintf(options, sizeof options, "-DVEC=4 -DWG=%d", 128 + i % PROGRAMS);
        assert_ok(rt_program_note(&program, dev, "scale", "scale", options));
        assert_true(rt_program_cached(dev, program));
        assert_ok(rt_program_build(dev, program));
    }
}

static void programs_are_built_without_them(void **state)
{
    static const char *const useless[] = {
        NULL, "/nowhere/alexnet", "/bin/false", "/bin/true", "/bin/cat",
    };
    alx_device *dev = test_device();

    (void)state;
    for (int i = 0; i < (int)ALX_COUNT(useless); ++i)
        build_programs(dev, useless[i], 8 * (i + 1));
}

static void no_process_without_a_cache(void **state)
{
    alx_device *dev = test_device();

    (void)state;
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    assert_true(build_programs(dev, TEST_PROGRAM, 64) <= 0.0);
    setenv("ALEXNET_CACHE_DIR", folder.path, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(processes_build_for_pocl),
        TEST_ON_PAIR(processes_build_for_cores, TEST_PAIR_CORES),
        test_on_device(programs_are_built_without_them),
        test_on_device(no_process_without_a_cache),
    };

    return cmocka_run_group_tests_name("compiler", tests, cache_folder_make, cache_folder_remove);
}
