/* test_profile.c - time of commands by label and kernel. */
#include "rt/device.h"
#include "support/device.h"

#include <stdlib.h>
#include <string.h>

static void words(alx_device *dev, const alx_tensor *out, const char *label)
{
    const uint32_t count = (uint32_t)alx_shape_count(out->shape) / 4;
    const alx_arg args[] = { ALX_BUF(out), ALX_UINT(count), ALX_UINT(1), ALX_UINT(2),
                             ALX_UINT(0),  ALX_UINT(0),     ALX_UINT(0), ALX_UINT(0) };
    const alx_grid grid = { { alx_round_up(count, 64), 1, 1 }, { 64, 1, 1 } };

    alx_device_set_label(dev, label);
    assert_ok(alx_launch(dev, "rng", "rng_words", "", args, ALX_COUNT(args), &grid));
}

static const alx_profile_row *row_find(const alx_profile_row *rows, size_t count, const char *label,
                                       const char *kernel)
{
    for (size_t i = 0; i < count; ++i)
        if (strcmp(rows[i].label, label) == 0 && strcmp(rows[i].kernel, kernel) == 0)
            return &rows[i];
    fail_msg("no row for %s, %s", label, kernel);
    return NULL;
}

/* Profiling stays on once started, so each test has a device of its own. */
static alx_device *profiled_device(void)
{
    alx_device *dev = NULL;

    test_device();
    assert_ok(alx_device_open(&dev, NULL, NULL));
    assert_ok(alx_profile_start(dev));
    return dev;
}

static void off_until_started(void **state)
{
    alx_device *dev = test_device();
    alx_tensor *out = test_tensor(dev, (alx_shape){ 1, 1, 1, 4 });
    alx_profile_row *rows = (alx_profile_row *)(void *)&rows;
    size_t count = 7;

    (void)state;
    words(dev, out, "conv1");
    assert_ok(alx_profile_take(dev, &rows, &count));
    assert_null(rows);
    assert_int_equal(count, 0);
}

static void commands_are_summed_by_label_and_kernel(void **state)
{
    alx_device *dev = profiled_device();
    alx_tensor large, small;
    alx_profile_row *rows = NULL;
    size_t count = 0;
    float values[4];

    (void)state;
    assert_ok(alx_tensor_create(&large, dev, (alx_shape){ 1, 1, 4096, 64 }));
    assert_ok(alx_tensor_create(&small, dev, (alx_shape){ 1, 1, 1, 4 }));
    assert_ok(alx_profile_start(dev)); /* started twice is started */
    for (int i = 0; i < 3; ++i)
        words(dev, &large, "conv1 forward");
    words(dev, &small, "conv2 forward");
    assert_ok(alx_tensor_fill(&small, 1.0f));
    assert_ok(alx_tensor_read(values, &small));
    assert_true(values[3] == 1.0f);
    assert_ok(alx_profile_take(dev, &rows, &count));
    assert_int_equal(count, 4);
    assert_int_equal(row_find(rows, count, "conv1 forward", "rng_words")->count, 3);
    assert_int_equal(row_find(rows, count, "conv2 forward", "rng_words")->count, 1);
    assert_int_equal(row_find(rows, count, "conv2 forward", "fill")->count, 1);
    assert_int_equal(row_find(rows, count, "conv2 forward", "read")->count, 1);
    assert_true(row_find(rows, count, "conv1 forward", "rng_words")->total_ms > 0.0);
    for (size_t i = 1; i < count; ++i)
        assert_true(rows[i - 1].total_ms >= rows[i].total_ms);
    free(rows);
    assert_ok(alx_profile_take(dev, &rows, &count)); /* taken is gone */
    assert_int_equal(count, 0);
    assert_null(rows);
    alx_tensor_free(&large);
    alx_tensor_free(&small);
    alx_device_close(dev);
}

static void products_are_one_row(void **state)
{
    enum { N = 128 };
    const alx_gemm gemm = { .transpose_a = true,
                            .m = N,
                            .n = N,
                            .k = N,
                            .alpha = 1,
                            .lda = N,
                            .ldb = N,
                            .ldc = N,
                            .c_offset = (size_t)N * N };
    alx_device *dev = profiled_device();
    alx_tensor a;
    alx_profile_row *rows = NULL;
    size_t count = 0;

    (void)state;
    assert_ok(alx_tensor_create(&a, dev, (alx_shape){ 2, 1, N, N }));
    assert_ok(alx_tensor_fill(&a, 1.0f));
    assert_ok(alx_clblast_sgemm(dev, &a, &a, &a, &gemm));
    assert_ok(alx_profile_take(dev, &rows, &count));
    assert_int_equal(row_find(rows, count, "", "CLBlastSgemm")->count, 1);
    assert_true(row_find(rows, count, "", "CLBlastSgemm")->total_ms > 0.0);
    free(rows);
    alx_tensor_free(&a);
    alx_device_close(dev);
}

/* A kernel's event, given out as a transfer's as well: all of that transfer's time is computed. */
static void hidden_time_is_the_sum_of_all_transfers(void **state)
{
    alx_device *dev = profiled_device();
    alx_tensor out;
    alx_profile_row *rows = NULL;
    size_t count = 0;

    (void)state;
    assert_ok(alx_tensor_create(&out, dev, (alx_shape){ 1, 1, 4096, 64 }));
    for (int i = 0; i < 2; ++i) {
        cl_event *event = rt_profile_slot(dev, "zeros");
        const cl_uchar zero = 0;

        assert_int_equal(clEnqueueFillBuffer(dev->queue, out.mem, &zero, sizeof zero, 0,
                                             4096 * 64 * sizeof(float), 0, NULL, event),
                         CL_SUCCESS);
        rt_profile_transfer(dev, dev, "test 0>1", "write", 7, *event);
    }
    assert_ok(alx_profile_take(dev, &rows, &count));
    const alx_profile_row *kernels = row_find(rows, count, "", "zeros");
    const alx_profile_row *transfers = row_find(rows, count, "test 0>1", "write");

    assert_false(kernels->transfer);
    assert_true(kernels->hidden_ms == 0.0);
    assert_true(transfers->transfer);
    assert_int_equal(transfers->count, 2);
    assert_int_equal(transfers->bytes, 14);
    assert_true(transfers->total_ms == kernels->total_ms);
    assert_true(transfers->hidden_ms == transfers->total_ms);
    free(rows);
    alx_tensor_free(&out);
    alx_device_close(dev);
}

static void more_commands_than_are_held_at_once(void **state)
{
    enum { COMMANDS = 5000 };
    alx_device *dev = profiled_device();
    alx_tensor out;
    alx_profile_row *rows = NULL;
    size_t count = 0;

    (void)state;
    assert_ok(alx_tensor_create(&out, dev, (alx_shape){ 1, 1, 1, 4 }));
    for (int i = 0; i < COMMANDS; ++i)
        assert_ok(alx_tensor_fill(&out, (float)i));
    assert_ok(alx_profile_take(dev, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].count, COMMANDS);
    free(rows);
    for (int i = 0; i < 10; ++i)
        assert_ok(alx_tensor_fill(&out, 0.0f)); /* closed while events are held */
    alx_tensor_free(&out);
    alx_device_close(dev);
}

/* Two rows of each transfer are one, in the order in which they came; kernels are none. */
static void a_transfer_is_one_row(void **state)
{
    alx_profile_row rows[] = {
        { .label = "conv1 forward", .kernel = "vec", .count = 1, .total_ms = 9 },
        { .label = "fc6", .transfer = true, .total_ms = 4, .bytes = 100, .hidden_ms = 1 },
        { .label = "images", .transfer = true, .total_ms = 3, .bytes = 30, .hidden_ms = 3 },
        { .label = "fc6", .transfer = true, .total_ms = 2, .bytes = 0, .hidden_ms = 0.5 },
        { .label = "loss", .kernel = "sum", .count = 2, .total_ms = 1 },
    };

    (void)state;
    assert_int_equal(alx_profile_transfers(rows, ALX_COUNT(rows)), 2);
    assert_string_equal(rows[0].label, "fc6");
    assert_true(rows[0].total_ms == 6 && rows[0].hidden_ms == 1.5 && rows[0].bytes == 100);
    assert_string_equal(rows[1].label, "images");
    assert_true(rows[1].total_ms == 3 && rows[1].hidden_ms == 3 && rows[1].bytes == 30);
    assert_int_equal(alx_profile_transfers(rows, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(off_until_started),
        test_on_device(commands_are_summed_by_label_and_kernel),
        test_on_device(products_are_one_row),
        test_on_device(hidden_time_is_the_sum_of_all_transfers),
        test_on_device(more_commands_than_are_held_at_once),
        cmocka_unit_test(a_transfer_is_one_row),
    };
    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
