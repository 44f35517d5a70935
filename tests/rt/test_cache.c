/* test_cache.c - built programs on disk: kept, found again, and ignored when they are damaged. */
#include "base/file.h"
#include "base/file_writer.h"
#include "support/device.h"
#include "support/folder.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rt/device.h"
#include "rt/program/program.h"

static const char source[] = "__kernel void k(__global float *x) { x[0] = 42.0f; }\n";

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

static bool driver_has_its_own(const alx_device *dev)
{
    return strstr(dev->info.platform, "NVIDIA") != NULL;
}

static cl_program program_from_source(alx_device *dev, const char *text, const char *options)
{
    cl_int code = CL_SUCCESS;
    cl_program program = clCreateProgramWithSource(dev->context->cl, 1, &text, NULL, &code);

    assert_int_equal(code, CL_SUCCESS);
    assert_int_equal(clBuildProgram(program, 1, &dev->id, options, NULL, NULL), CL_SUCCESS);
    return program;
}

/* Result of the kernel `k`, which shows that the program is whole. */
static float program_run(alx_device *dev, cl_program program)
{
    alx_tensor *out = test_tensor(dev, (alx_shape){ 1, 1, 1, 1 });
    cl_int code = CL_SUCCESS;
    cl_kernel kernel = clCreateKernel(program, "k", &code);
    cl_mem mem = out->mem;

    assert_int_equal(code, CL_SUCCESS);
    assert_int_equal(clSetKernelArg(kernel, 0, sizeof mem, &mem), CL_SUCCESS);
    assert_int_equal(
        clEnqueueNDRangeKernel(dev->queue, kernel, 1, NULL, (size_t[]){ 1 }, NULL, 0, NULL, NULL),
        CL_SUCCESS);
    clReleaseKernel(kernel);
    return test_download(out)[0];
}

static void kept_programs_are_found_by_source_and_options(void **state)
{
    alx_device *dev = test_device();
    cl_program built = program_from_source(dev, source, "-cl-std=CL1.2"), found;
    char path[1][512];

    (void)state;
    assert_null(rt_cache_load(dev, source, "-cl-std=CL1.2"));
    rt_cache_store(dev, source, "-cl-std=CL1.2", built);
    clReleaseProgram(built);
    if (driver_has_its_own(dev)) {
        assert_int_equal(test_folder_list(&folder, path, 1), 0);
        return;
    }
    assert_int_equal(test_folder_list(&folder, path, 1), 1);
    assert_null(rt_cache_load(dev, source, "-cl-std=CL1.2 -DX"));
    assert_null(rt_cache_load(dev, source + 1, "-cl-std=CL1.2"));
    found = rt_cache_load(dev, source, "-cl-std=CL1.2");
    assert_non_null(found);
    assert_true(program_run(dev, found) == 42.0f);
    clReleaseProgram(found);
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    assert_null(rt_cache_load(dev, source, "-cl-std=CL1.2"));
    setenv("ALEXNET_CACHE_DIR", folder.path, 1);
}

/* Whether the program is found while `text`, of the device's description, is another. */
static bool found_with_other(alx_device *dev, char *text)
{
    const char first = text[0];

    text[0] = first == 'x' ? 'y' : 'x';
    cl_program found = rt_cache_load(dev, source, "-cl-std=CL1.2");

    text[0] = first;
    if (found != NULL)
        clReleaseProgram(found);
    return found != NULL;
}

/* A new driver compiles anew, whatever lies in the folder. */
static void programs_of_other_drivers_do_not_count(void **state)
{
    alx_device *dev = test_device();

    (void)state;
    assert_false(found_with_other(dev, dev->info.driver));
    assert_false(found_with_other(dev, dev->info.platform));
    assert_false(found_with_other(dev, dev->info.platform_version));
}

static void damaged_files_are_not_used(void **state)
{
    alx_device *dev = test_device();
    char path[1][512], *data = NULL;
    size_t bytes = 0;

    (void)state;
    if (test_folder_list(&folder, path, 1) == 0)
        return; /* the driver has a cache of its own */
    assert_ok(base_file_read(&data, &bytes, path[0]));
    for (int damage = 0; damage < 4; ++damage) {
        const size_t kept[] = { bytes, bytes - 1, 32, 0 };

        data[bytes / 2] ^= (char)(damage == 0);
        assert_ok(base_file_write(path[0], data, kept[damage]));
        assert_null(rt_cache_load(dev, source, "-cl-std=CL1.2"));
        data[bytes / 2] ^= (char)(damage == 0);
    }
    assert_ok(base_file_write(path[0], data, bytes));
    cl_program found = rt_cache_load(dev, source, "-cl-std=CL1.2");

    assert_non_null(found);
    clReleaseProgram(found);
    free(data);
}

/* A binary is run: in a folder that is shared, anybody could change it. */
static void files_that_others_may_write_are_not_used(void **state)
{
    alx_device *dev = test_device();
    char path[1][512];

    (void)state;
    if (test_folder_list(&folder, path, 1) == 0)
        return; /* the driver has a cache of its own */
    assert_true(rt_cache_has(dev, source, "-cl-std=CL1.2"));
    assert_int_equal(chmod(path[0], 0606), 0);
    assert_false(rt_cache_has(dev, source, "-cl-std=CL1.2"));
    assert_null(rt_cache_load(dev, source, "-cl-std=CL1.2"));
    assert_int_equal(chmod(path[0], 0600), 0);
    assert_true(rt_cache_has(dev, source, "-cl-std=CL1.2"));
}

static void a_folder_that_cannot_be_written_is_only_slower(void **state)
{
    alx_device *dev = test_device();
    cl_program built = program_from_source(dev, source, "");

    (void)state;
    setenv("ALEXNET_CACHE_DIR", "/proc/nowhere", 1);
    rt_cache_store(dev, source, "", built);
    assert_null(rt_cache_load(dev, source, ""));
    setenv("ALEXNET_CACHE_DIR", folder.path, 1);
    assert_true(program_run(dev, built) == 42.0f);
    clReleaseProgram(built);
}

static void launches_fill_the_cache_and_live_from_it(void **state)
{
    const alx_grid grid = { { 64, 1, 1 }, { 64, 1, 1 } };
    char path[4][512];
    size_t before;
    uint32_t words[2][4];

    (void)state;
    test_device();
    before = test_folder_list(&folder, path, ALX_COUNT(path));
    for (int run = 0; run < 2; ++run) {
        alx_device *dev = NULL;
        alx_tensor out;

        assert_ok(alx_device_open(&dev, NULL, NULL));
        assert_ok(alx_tensor_create(&out, dev, (alx_shape){ 1, 1, 1, 4 }));
        const alx_arg args[] = { ALX_BUF(&out), ALX_UINT(1), ALX_UINT(1), ALX_UINT(2),
                                 ALX_UINT(3),   ALX_UINT(4), ALX_UINT(5), ALX_UINT(6) };

        assert_ok(alx_launch(dev, "rng", "rng_words", "", args, ALX_COUNT(args), &grid));
        assert_ok(alx_tensor_read(words[run], &out));
        alx_tensor_free(&out);
        alx_device_close(dev);
    }
    assert_memory_equal(words[0], words[1], sizeof words[0]);
    assert_int_equal(test_folder_list(&folder, path, ALX_COUNT(path)),
                     before + (driver_has_its_own(test_device()) ? 0 : 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(kept_programs_are_found_by_source_and_options),
        test_on_device(programs_of_other_drivers_do_not_count),
        test_on_device(damaged_files_are_not_used),
        test_on_device(files_that_others_may_write_are_not_used),
        test_on_device(a_folder_that_cannot_be_written_is_only_slower),
        test_on_device(launches_fill_the_cache_and_live_from_it),
    };
    return cmocka_run_group_tests(tests, cache_folder_make, cache_folder_remove);
}
