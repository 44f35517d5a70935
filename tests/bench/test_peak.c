/* test_peak.c - the device's own speed: the kernel does what is counted, the rates are possible. */
#include "support/device.h"

#include "alexnet/dev/bench.h"

/* Either layout of the runs of items goes over every element once. */
static void memory_kernel_touches_every_element(void **state)
{
    static const struct {
        const char *options;
        size_t items, group;
    } cases[] = {
        { "-DWG=1 -DWIDTH=16 -DRUN=3 -DSTRIDE=0", 5, 1 },
        { "-DWG=4 -DWIDTH=4 -DRUN=3 -DSTRIDE=20", 20, 4 },
    };
    enum { COUNT = 240 };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        alx_device *dev = test_device();
        const float *x = test_host_random(COUNT, 1, -1.0f, 1.0f);
        const float *y = test_host_random(COUNT, 2, -1.0f, 1.0f);
        alx_tensor *tx = test_vector_of(dev, COUNT, x), *ty = test_vector_of(dev, COUNT, y);
        const alx_arg args[] = { ALX_BUF(ty), ALX_BUF(tx), ALX_FLOAT(0.5f) };
        const alx_grid grid = { .global = { cases[i].items, 1, 1 },
                                .local = { cases[i].group, 1, 1 } };
        float *want = test_host(COUNT);

        for (size_t e = 0; e < COUNT; ++e)
            want[e] = y[e] + 0.5f * x[e];
        assert_ok(alx_launch(dev, "peak_memory", "peak_memory", cases[i].options, args,
                             ALX_COUNT(args), &grid));
        test_assert_close(cases[i].options, test_download(ty), want, COUNT, 1e-6, 1e-7);
        test_assert_canary(cases[i].options, ty);
    }
}

static void rates_are_possible(void **state)
{
    double fma = 0.0, memory = 0.0, local = 0.0;

    (void)state;
    assert_ok(alx_bench_fma_peak(&fma, test_device()));
    assert_ok(alx_bench_memory_peak(&memory, test_device()));
    assert_ok(alx_bench_local_peak(&local, test_device()));
    print_message("%.0f GFLOP/s, memory %.1f GB/s, local memory %.0f GB/s\n", fma, memory, local);
    assert_true(fma > 0.1 && fma < 1e6);
    assert_true(memory > 0.1 && memory < 1e5);
    assert_true(local > 0.1 && local < 1e6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(memory_kernel_touches_every_element),
        test_on_device(rates_are_possible),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
