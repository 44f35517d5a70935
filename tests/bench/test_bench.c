/* test_bench.c - the clock around work, that a timed pass computes what the operation does, and how
 * much of a step waits for images. */
#include "support/device.h"
#include "support/folder.h"
#include "support/images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alexnet/dev/bench.h"
#include "alexnet/dev/ref.h"
#include "bench/run.h"
#include "support/weights.h"

static void summary_is_that_of_the_numbers(void **state)
{
    double odd[] = { 5, 1, 4 }, even[] = { 7, 1, 2, 4 };
    const alx_bench_times a = alx_bench_summary(odd, 3), b = alx_bench_summary(even, 4);

    (void)state;
    assert_true(a.median_ms == 4 && a.min_ms == 1 && a.max_ms == 5 && a.count == 3);
    assert_true(b.median_ms == 3 && b.min_ms == 1 && b.max_ms == 7 && b.count == 4);
}

/* Work of a known length; counts its calls. */
static int sleep_once(void *user)
{
    const struct timespec pause = { .tv_nsec = 6000000 };

    ++*(int *)user;
    return nanosleep(&pause, NULL);
}

static int refuse(void *user)
{
    (void)user;
    return alx_fail(ALX_E_NUMERIC, "no");
}

static void clock_measures_one_run(void **state)
{
    alx_bench_times times;
    int calls = 0;

    (void)state;
    assert_ok(alx_bench_time(&times, test_device(), sleep_once, &calls, 3));
    assert_int_equal(times.count, 3);
    assert_int_equal(calls, 2 + 3); /* builds, warms up */
    assert_true(times.min_ms >= 6.0);
    assert_int_equal(alx_bench_time(&times, test_device(), refuse, NULL, 3), ALX_E_NUMERIC);
}

static const alx_pass_info conv = {
    .label = "conv",
    .work = ALX_WORK_CONV,
    .in = { 2, 9, 9, 6 },
    .out = { 2, 9, 9, 10 },
    .conv = { 3, 1, 1, 2, false },
};
static const alx_pass_info fc = {
    .label = "fc",
    .work = ALX_WORK_FC,
    .in = { 3, 2, 2, 5 },
    .out = { 3, 1, 1, 7 },
};

/* The pass by its twin, from the inputs of the case, into `want`. */
static void by_twin(float *want, const alx_bench_case *c)
{
    const alx_pass_info *i = &c->info;
    const alx_op_work work = { .kind = i->work == ALX_WORK_CONV ? ALX_NODE_CONV : ALX_NODE_FC,
                               .in = i->in,
                               .out = i->out,
                               .conv = i->conv };
    const float *x = test_download(&c->x), *w = test_download(&c->w), *b = test_download(&c->b);
    const float *y = test_download(&c->y);
    const alx_ref_operands operands = { .x = x, .w = w, .b = b, .grad_y = y };

    assert_ok(alx_ref_pass(want, &work, i->pass, &operands));
}

static void passes_compute(void **state)
{
    const alx_pass_info *const infos[] = { &conv, &fc };
    alx_device *dev = test_device();
    const alx_chooser by[] = {
        alx_chooser_of(dev, NULL, (alx_algorithms){ 0 }),
        alx_chooser_of(dev, NULL, (alx_algorithms){ ALX_CONV_IM2COL, ALX_GEMM_CLBLAST, false })
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(infos) * ALX_COUNT(by) * 3; ++i) {
        alx_pass_info info = *infos[i % 2];
        alx_bench_case c;

        info.pass = (alx_pass)(i / 2 % 3);
        assert_ok(alx_bench_case_create(&c, &info, &by[i / 6]));
        const alx_tensor *out = alx_bench_case_output(&c);
        float *want = test_host(alx_shape_count(out->shape));

        by_twin(want, &c);
        assert_ok(alx_bench_case_run(&c));
        test_assert_rel_max(info.label, test_download(out), want, alx_shape_count(out->shape),
                            alx_ref_pass_limit(info.pass));
        alx_bench_case_free(&c);
    }
}

static void a_pass_is_timed(void **state)
{
    alx_pass_info other = { .label = "relu1 forward", .work = ALX_WORK_OTHER };
    alx_device *dev = test_device();
    const alx_chooser by = alx_chooser_of(dev, NULL, (alx_algorithms){ 0 });
    alx_bench_times times;

    (void)state;
    assert_ok(alx_bench_pass(&times, &conv, &by, 2));
    assert_int_equal(times.count, 2);
    assert_true(times.min_ms > 0.0 && times.min_ms <= times.median_ms);
    assert_true(times.median_ms <= times.max_ms);
    assert_int_equal(alx_bench_pass(&times, &other, &by, 2), ALX_E_USAGE);
}

/* Images of many pixels for a network of few: one thread decodes them for most of the time. */
static void waiting_for_the_loader_is_a_share_of_the_steps(void **state)
{
    enum { IMAGES = 8, SIDE = 1200 };
    const test_folder data = test_folder_create();
    const test_file image = test_png_plain(SIDE, SIDE, 200, 100, 50);
    const char *const batch_size = "train.batch-size=4";
    alx_device *const dev = test_device();
    alx_config config;
    const alx_bench_setup setup = { .config = &config,
                                    .devs = &dev,
                                    .dev_count = 1,
                                    .iterations = 3,
                                    .data_path = data.path,
                                    .workers = 1 };
    alx_bench_steps_result result;

    (void)state;
    for (int i = 0; i < IMAGES; ++i) {
        char name[32];

        snprintf(name, sizeof name, "class%d/%d.png", i % 2, i);
        test_folder_write_bytes(&data, name, image.bytes, image.count);
    }
    assert_ok(alx_config_read(&config, "tiny", &batch_size, 1));
    assert_ok(alx_bench_steps(&result, &setup, true));
    assert_int_equal(result.times.count, setup.iterations);
    assert_true(result.wait_share > 0.3);
    assert_true(result.wait_share <= 1.0);
    free(image.bytes);
    test_folder_remove(&data);
}

static const char small_net[] = "[net]\ninput = 4x4x3\nclasses = 3\n"
                                "[conv1]\nfilters = 4\nkernel = 3\npad = 1\npool = max 2/2\n"
                                "[conv2]\nfilters = 2\nkernel = 3\npad = 1\ngroups = 2\n"
                                "[fc3]\nunits = 5\n[fc4]\nunits = 3\n[train]\nbatch-size = 2\n";

/* The numbers are those that PyTorch printed of the file: tests/data/weights/state.pth.txt. */
static void steps_begin_with_the_weights_of_a_file(void **state)
{
    static const float bias[] = { -0.0106039243f, 0.0288954284f, -0.0788141415f, 0.11419557f };
    alx_device *const dev = test_device();
    alx_config config;
    alx_bench_setup setup = { .config = &config,
                              .devs = &dev,
                              .dev_count = 1,
                              .iterations = 1,
                              .weights = test_weights_path("state.pth") };
    bench_run run;
    float got[ALX_COUNT(bias)];

    (void)state;
    assert_ok(alx_config_parse(&config, small_net, "small", NULL, 0));
    assert_ok(bench_run_open(&run, &setup, false));
    assert_ok(alx_net_get_param(run.net, 1, ALX_PARAM_VALUE, got));
    assert_memory_equal(got, bias, sizeof bias);
    bench_run_close(&run);

    setup.weights = test_weights_path("new.caffemodel");
    assert_int_equal(bench_run_open(&run, &setup, false), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), setup.weights));
    bench_run_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summary_is_that_of_the_numbers),
        test_on_device(clock_measures_one_run),
        test_on_device(passes_compute),
        test_on_device(a_pass_is_timed),
        test_on_device(steps_begin_with_the_weights_of_a_file),
        test_on_device(waiting_for_the_loader_is_a_share_of_the_steps),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
