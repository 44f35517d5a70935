/* test_run.c - a suite of the smallest network: that its numbers belong together, and that what is
 * left out is named. */
#include "support/device.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alexnet/config.h"
#include "alexnet/dev/suite.h"

static alx_config tiny;

static int read_config(void **state)
{
    (void)state;
    return alx_config_read(&tiny, "tiny", NULL, 0);
}

static alx_suite_setup setup_of(double seconds)
{
    return (alx_suite_setup){
        .dev = test_device(), .configs = &tiny, .config_count = 1, .seconds = seconds
    };
}

static void assert_is_rate(const alx_result_rate *rate, double batch, bool training)
{
    alx_config config = tiny;
    double flops;

    config.train.batch_size = (int)batch;
    assert_ok(alx_bench_flops(&flops, &config, training));
    assert_true(rate->min_ms > 0.0 && rate->min_ms <= rate->median_ms);
    assert_true(rate->median_ms <= rate->max_ms);
    assert_true(fabs(rate->images_per_s * rate->median_ms / (1e3 * batch) - 1.0) < 1e-9);
    assert_true(fabs(1e6 * rate->gflops * rate->median_ms / flops - 1.0) < 1e-9);
    assert_true(rate->steps == 20 && rate->device_bytes > 0.0);
}

static void assert_are_passes(const alx_result *r)
{
    alx_config config = tiny;
    double flops = 0.0, counted;

    config.train.batch_size = ALX_SUITE_BATCH;
    for (size_t i = 0; i < r->row_count; ++i)
        flops += 1e6 * r->rows[i].gflops * r->rows[i].median_ms;
    assert_ok(alx_bench_flops(&counted, &config, true));
    assert_true(fabs(flops / counted - 1.0) < 1e-6);
}

static void count_tasks(const char *task, size_t done, size_t total, double eta_seconds, void *user)
{
    size_t *most = user;

    assert_true(task[0] != '\0' && done < total && total == 11 && eta_seconds >= 0.0);
    assert_true(done >= *most); /* it only goes on */
    *most = done;
}

static void its_numbers_belong_together(void **state)
{
    static const double batches[] = { 1, 32, 128, 512 };
    alx_suite_setup setup = setup_of(1e6);
    alx_results results;
    size_t most = 0;

    (void)state;
    setup.on_task = count_tasks;
    setup.user = &most;
    assert_ok(alx_suite_run(&results, &setup));
    const alx_suite *suite = &results.suites[0];

    assert_int_equal(results.suite_count, 1);
    assert_int_equal(most, 10); /* check, peaks, 4 x 2 steps, passes */
    assert_int_equal(results.count, 5);
    for (int i = 0; i < 4; ++i) {
        assert_string_equal(results.list[i].kind, "step");
        assert_true(results.list[i].batch_size == batches[i]);
        assert_true(results.list[i].fma_gflops == suite->fma_gflops);
        assert_is_rate(&results.list[i].train, batches[i], true);
        assert_is_rate(&results.list[i].infer, batches[i], false);
    }
    assert_string_equal(results.list[4].kind, "ops");
    assert_are_passes(&results.list[4]);
    assert_int_equal(suite->gap_count, 0);
    assert_true(suite->check_count > 15);
    assert_int_equal(alx_suite_failures(suite), 0);
    assert_true(suite->way_count > 5 && suite->fma_gflops > 0.0 && suite->seconds > 0.0);
    assert_string_equal(suite->device.name, alx_device_get_info(test_device())->name);
    alx_results_free(&results);
}

static void what_takes_too_long_is_named(void **state)
{
    const alx_suite_setup setup = setup_of(1e-9);
    alx_results results;

    (void)state;
    assert_ok(alx_suite_run(&results, &setup));
    assert_int_equal(results.count, 0);
    assert_int_equal(results.suites[0].gap_count, 9);
    assert_string_equal(results.suites[0].gaps[3].what, "tiny, batch 32, training");
    assert_non_null(strstr(results.suites[0].gaps[3].why, "time: a step would take about"));
    assert_string_equal(results.suites[0].gaps[8].what, "tiny, batch 128, passes");
    alx_results_free(&results);
}

/* Groups of no items: as a device that is lost once the peaks are measured. */
static void lose_device(const char *task, size_t done, size_t total, double eta_seconds, void *user)
{
    alx_device_info *info = user;

    (void)task;
    (void)total;
    (void)eta_seconds;
    if (done == 2)
        info->max_group = 0;
}

static void a_device_that_fails_is_the_last_gap(void **state)
{
    alx_device_info *info = (alx_device_info *)alx_device_get_info(test_device());
    const size_t real = info->max_group;
    alx_suite_setup setup = setup_of(1e6);
    alx_results results;

    (void)state;
    setup.on_task = lose_device;
    setup.user = info;
    assert_int_equal(alx_suite_run(&results, &setup), ALX_E_DEVICE);
    info->max_group = real;
    const alx_suite *suite = &results.suites[0];

    assert_int_equal(suite->gap_count, 1);
    assert_string_equal(suite->gaps[0].what, "tiny, batch 1, inference");
    assert_non_null(strstr(suite->gaps[0].why, "device: "));
    assert_non_null(strstr(suite->gaps[0].why, alx_status_text(ALX_E_DEVICE)));
    assert_true(suite->check_count > 15 && suite->fma_gflops > 0.0 && suite->seconds > 0.0);
    alx_results_free(&results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(its_numbers_belong_together),
        test_on_device(what_takes_too_long_is_named),
        test_on_device(a_device_that_fails_is_the_last_gap),
    };

    return cmocka_run_group_tests(tests, read_config, test_device_close);
}
