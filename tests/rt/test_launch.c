/* test_launch.c - kernels: arguments, checks, build errors, building ahead, broken queues. */
#include "base/file.h"
#include "support/device.h"
#include "support/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rt/device.h"
#include "rt/program/program.h"

static const char scale_cl[] =
    "#include \"scale.clh\"\n"
    "  #  include \"scale.clh\"\n"
    "#include \"twice.clh\"\n"
    "#ifndef ADD\n"
    "#define ADD 0\n"
    "#endif\n"
    "__kernel __attribute__((reqd_work_group_size(4, 1, 1)))\n"
    "void scale(__global float *out, __global const float *in, const float by, const int count,\n"
    "           const uint sign)\n"
    "{\n"
    "    const int i = get_global_id(0);\n"
    "    if (i < count)\n"
    "        out[i] = sign == 0x80000000u ? scaled(in == 0 ? 1.0f : in[i], by) + ADD : 0.0f;\n"
    "}\n";

/* Compiles only if it is expanded once: a second definition is an error. */
static const char scale_clh[] = "float scaled(float x, float by);\n"
                                "float scaled(float x, float by) { return x * by; }";

static test_folder folder;

static int kernels_write(void **state)
{
    (void)state;
    folder = test_folder_create();
    test_folder_write(&folder, "scale.cl", scale_cl);
    test_folder_write(&folder, "scale.clh", scale_clh);
    test_folder_write(&folder, "twice.clh", "#include \"scale.clh\"\n#include \"twice.clh\"\n");
    test_folder_write(&folder, "broken.cl", "__kernel void broken(__global float *x) { x = ; }\n");
    test_folder_write(&folder, "lost.cl", "#include \"nowhere.clh\"\n");
    return setenv("ALEXNET_CL_DIR", folder.path, 1);
}

static int kernels_remove(void **state)
{
    unsetenv("ALEXNET_CL_DIR");
    test_folder_remove(&folder);
    return test_device_close(state);
}

static int scale(alx_device *dev, const char *options, const alx_tensor *out, const alx_tensor *in,
                 size_t local)
{
    const alx_arg args[] = { ALX_BUF(out), ALX_BUF(in), ALX_FLOAT(-3.0f), ALX_INT(5),
                             ALX_UINT(0x80000000u) };
    const alx_grid grid = { { 8, 1, 1 }, { local, 1, 1 } };

    return alx_launch(dev, "scale", "scale", options, args, ALX_COUNT(args), &grid);
}

static void arguments_and_options_arrive(void **state)
{
    const float in[5] = { 1, 2, 3, 4, 5 };
    alx_device *dev = test_device();
    alx_tensor *x = test_vector_of(dev, 5, in), *y = test_tensor(dev, x->shape);

    (void)state;
    assert_ok(scale(dev, "", y, x, 4));
    test_assert_close("plain", test_download(y), (float[]){ -3, -6, -9, -12, -15 }, 5, 0, 1e-9);
    assert_ok(scale(dev, "-DADD=1", y, x, 4));
    test_assert_close("-DADD=1", test_download(y), (float[]){ -2, -5, -8, -11, -14 }, 5, 0, 1e-9);
    assert_ok(scale(dev, "-DADD=0", y, NULL, 4));
    test_assert_close("NULL", test_download(y), (float[]){ -3, -3, -3, -3, -3 }, 5, 0, 1e-9);
    test_assert_canary("scale", y);
}

static void programs_and_kernels_are_made_once(void **state)
{
    alx_device *dev = test_device();
    alx_tensor *y = test_tensor(dev, (alx_shape){ 1, 1, 1, 5 });
    rt_program *first = NULL, *again = NULL, *other = NULL;

    (void)state;
    assert_ok(scale(dev, "-DADD=2", y, NULL, 4));
    assert_ok(rt_program_note(&first, dev, "scale", "scale", "-DADD=2"));
    const cl_kernel kernel = first->kernel.cl;

    assert_ok(scale(dev, "-DADD=2", y, NULL, 4));
    assert_ok(rt_program_note(&again, dev, "scale", "scale", "-DADD=2"));
    assert_ptr_equal(first, again);
    assert_ptr_equal(first->kernel.cl, kernel);
    assert_ok(rt_program_note(&other, dev, "scale", "scale", "-DADD=3"));
    assert_ptr_not_equal(first, other);
}

static void wrong_launches_name_the_kernel(void **state)
{
    alx_device *dev = test_device();
    alx_tensor *y = test_tensor(dev, (alx_shape){ 1, 1, 1, 5 });
    const alx_arg args[] = { ALX_BUF(y) };
    const alx_grid grid = { { 8, 1, 1 }, { 4, 1, 1 } };

    (void)state;
    assert_int_equal(scale(dev, "", y, NULL, 8), ALX_E_DEVICE); /* not reqd_work_group_size */
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "scale"));
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "4x1x1"));
    assert_int_equal(alx_launch(dev, "scale", "scale", "", args, 1, &grid), ALX_E_DEVICE);
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "takes 5 arguments, 1 given"));
    alx_device_set_label(dev, "conv2 forward");
    assert_int_equal(alx_launch(dev, "scale", "nothing", "", args, 1, &grid), ALX_E_DEVICE);
    alx_device_set_label(dev, NULL);
    const char *text = alx_status_text(ALX_E_DEVICE);

    assert_non_null(strstr(text, "clCreateKernel"));
    assert_non_null(strstr(text, "nothing"));
    assert_non_null(strstr(text, "conv2 forward"));
    assert_non_null(strstr(text, "CL_INVALID_KERNEL_NAME"));
    assert_non_null(strstr(text, alx_device_get_info(dev)->name));
}

static void groups_that_the_device_does_not_allow(void **state)
{
    alx_device *dev = test_device();
    alx_tensor *y = test_tensor(dev, (alx_shape){ 1, 1, 1, 5 });
    const size_t local = 2 * alx_device_get_info(dev)->max_group;
    const alx_arg args[] = { ALX_BUF(y), ALX_BUF(NULL), ALX_FLOAT(0), ALX_INT(5), ALX_UINT(0) };
    const alx_grid grid = { { local, 1, 1 }, { local, 1, 1 } };

    (void)state;
    assert_int_equal(alx_launch(dev, "scale", "scale", "", args, ALX_COUNT(args), &grid),
                     ALX_E_DEVICE);
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "allows"));
}

static void build_error_says_where_the_source_is(void **state)
{
    alx_device *dev = test_device();
    const alx_grid grid = { { 1, 1, 1 }, { 1, 1, 1 } };
    char path[256] = "", *text = NULL;
    size_t bytes = 0;

    (void)state;
    assert_int_equal(alx_launch(dev, "broken", "broken", "-DX=7", NULL, 0, &grid), ALX_E_BUILD);
    const char *message = alx_status_text(ALX_E_BUILD), *at = strstr(message, "source in ");

    assert_non_null(strstr(message, "cl/broken.cl"));
    assert_non_null(strstr(message, "-DX=7"));
    assert_non_null(strstr(message, "CL_BUILD_PROGRAM_FAILURE"));
    assert_non_null(at);
    assert_int_equal(sscanf(at, "source in %255[^\n]", path), 1);
    assert_ok(base_file_read(&text, &bytes, path));
    assert_non_null(strstr(text, "x = ;"));
    free(text);
    unlink(path);
}

static void missing_sources_are_named(void **state)
{
    alx_device *dev = test_device();
    const alx_grid grid = { { 1, 1, 1 }, { 1, 1, 1 } };

    (void)state;
    assert_int_equal(alx_launch(dev, "lost", "lost", "", NULL, 0, &grid), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "nowhere.clh"));
    unsetenv("ALEXNET_CL_DIR");
    assert_int_equal(alx_launch(dev, "nosuchfile", "k", "", NULL, 0, &grid), ALX_E_BUILD);
    assert_non_null(strstr(alx_status_text(ALX_E_BUILD), "nosuchfile.cl"));
    setenv("ALEXNET_CL_DIR", folder.path, 1);
}

/* ---- build ahead --------------------------------------------------------------------------- */

static int progress_calls, progress_last, progress_total;

static void progress_record(int built, int total, void *user)
{
    assert_ptr_equal(user, &progress_total);
    assert_true(built > progress_last);
    ++progress_calls;
    progress_last = built;
    progress_total = total;
}

static void collected_launches_are_built_and_not_run(void **state)
{
    alx_device *dev = test_device();
    alx_tensor *y = test_tensor(dev, (alx_shape){ 1, 1, 1, 5 });
    const uint32_t *words;
    char options[5][16];

    (void)state;
    assert_false(alx_device_collecting(dev));
    alx_device_collect(dev, true);
    assert_true(alx_device_collecting(dev));
    for (int i = 0; i < 5; ++i) {
        snprintf(options[i], sizeof options[i], "-DADD=1%d", i);
        assert_ok(scale(dev, options[i], y, NULL, 4));
        assert_ok(scale(dev, options[i], y, NULL, 4));
    }
    assert_ok(alx_tensor_fill(y, 1.0f));
    words = (const uint32_t *)(void *)test_download(y);
    assert_int_equal(words[0], 0x7FC0DEAD);
    progress_calls = progress_last = 0;
    assert_ok(alx_device_build(dev, progress_record, &progress_total));
    assert_false(alx_device_collecting(dev));
    assert_true(progress_calls >= 1 && progress_calls <= 5);
    assert_int_equal(progress_last, 5);
    assert_int_equal(progress_total, 5);
    words = (const uint32_t *)(void *)test_download(y);
    assert_int_equal(words[0], 0x7FC0DEAD);
    for (int i = 0; i < 5; ++i) {
        rt_program *program = NULL;

        assert_ok(rt_program_note(&program, dev, "scale", "scale", options[i]));
        assert_non_null(program->cl);
    }
    progress_calls = 0;
    assert_ok(alx_device_build(dev, progress_record, &progress_total)); /* nothing left */
    assert_int_equal(progress_calls, 0);
    assert_ok(scale(dev, options[4], y, NULL, 4));
    assert_true(test_download(y)[0] == -3.0f + 14.0f);
}

static void a_build_that_fails_ahead_says_why(void **state)
{
    const alx_grid grid = { { 1, 1, 1 }, { 1, 1, 1 } };
    alx_device *dev = NULL;
    char path[256] = "";

    (void)state;
    test_device();
    assert_ok(alx_device_open(&dev, NULL, NULL));
    alx_device_collect(dev, true);
    assert_ok(alx_launch(dev, "broken", "broken", "", NULL, 0, &grid));
    assert_int_equal(alx_device_build(dev, NULL, NULL), ALX_E_BUILD);
    const char *at = strstr(alx_status_text(ALX_E_BUILD), "source in ");

    assert_non_null(at);
    assert_int_equal(sscanf(at, "source in %255[^\n]", path), 1);
    unlink(path);
    alx_device_close(dev);
}

/* ---- queues that break --------------------------------------------------------------------- */

static void command_that_ends_in_an_error_is_a_lost_device(void **state)
{
    alx_device *dev = test_device();
    cl_int code = CL_SUCCESS;

    (void)state;
    if (strstr(dev->info.platform_version, "PoCL 3.1") != NULL) {
        print_message("PoCL 3.1 aborts the process when an event fails\n");
        return;
    }
    cl_event lost = clCreateUserEvent(dev->context->cl, &code);

    assert_int_equal(code, CL_SUCCESS);
    assert_int_equal(clSetUserEventStatus(lost, CL_OUT_OF_RESOURCES), CL_SUCCESS);
    assert_int_equal(rt_cl_wait(dev, lost, "clFinish", "the queue"), ALX_E_DEVICE);
    assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "CL_OUT_OF_RESOURCES (-5)"));
    clReleaseEvent(lost);
}

static void sync_mode_runs_the_same(void **state)
{
    alx_device *dev = NULL;
    alx_tensor y;
    float out[5];

    (void)state;
    test_device();
    setenv("ALEXNET_SYNC", "1", 1);
    assert_ok(alx_device_open(&dev, NULL, NULL));
    unsetenv("ALEXNET_SYNC");
    assert_true(dev->sync);
    assert_ok(alx_tensor_create(&y, dev, (alx_shape){ 1, 1, 1, 5 }));
    assert_ok(scale(dev, "", &y, NULL, 4));
    assert_ok(alx_tensor_read(out, &y));
    assert_true(out[4] == -3.0f);
    alx_tensor_free(&y);
    alx_device_close(dev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(arguments_and_options_arrive),
        test_on_device(programs_and_kernels_are_made_once),
        test_on_device(wrong_launches_name_the_kernel),
        test_on_device(groups_that_the_device_does_not_allow),
        test_on_device(build_error_says_where_the_source_is),
        test_on_device(missing_sources_are_named),
        test_on_device(collected_launches_are_built_and_not_run),
        test_on_device(a_build_that_fails_ahead_says_why),
        test_on_device(command_that_ends_in_an_error_is_a_lost_device),
        test_on_device(sync_mode_runs_the_same),
    };
    return cmocka_run_group_tests(tests, kernels_write, kernels_remove);
}
