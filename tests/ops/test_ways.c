/* test_ways.c - every way that tuning may choose gives the same numbers, up to rounding. */
#include "support/device.h"

#include <math.h>
#include <stdio.h>

#include "alexnet/dev/bench.h"

static const alx_pass_info infos[] = {
    { .label = "conv in Winograd's tiles",
      .work = ALX_WORK_CONV,
      .in = { 29, 5, 5, 64 },
      .out = { 29, 5, 5, 96 },
      .conv = { 3, 1, 1, 1, false } },
    { .label = "conv",
      .work = ALX_WORK_CONV,
      .in = { 3, 11, 9, 6 },
      .out = { 3, 6, 5, 50 },
      .conv = { 3, 2, 1, 2, false } },
    { .label = "fc", .work = ALX_WORK_FC, .in = { 37, 1, 1, 530 }, .out = { 37, 1, 1, 301 } },
};

static size_t list_ways(char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES], const alx_device *dev,
                        const alx_pass_info *info)
{
    return info->work == ALX_WORK_CONV
               ? alx_op_conv2d_ways(ways, dev, info->pass, info->in, info->out, &info->conv)
               : alx_op_fc_ways(ways, dev, info->pass);
}

/* The output of one way, with just the scratch that it asks for. */
static const float *run(alx_bench_case *c, const char *choice)
{
    assert_ok(alx_bench_case_choose(c, choice));
    assert_ok(alx_tensor_fill(alx_bench_case_output(c), NAN));
    assert_ok(alx_bench_case_run(c));
    return test_download(alx_bench_case_output(c));
}

static void compare_ways(const alx_pass_info *info)
{
    static char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES];
    alx_device *dev = test_device();
    const size_t count = list_ways(ways, dev, info);
    const alx_chooser usual = alx_chooser_of(dev, NULL, (alx_algorithms){ 0 });
    alx_bench_case c = { 0 };

    assert_true(count >= 2);
    assert_ok(alx_bench_case_create(&c, info, &usual));
    assert_int_equal(alx_bench_case_choose(&c, "fft"), ALX_E_USAGE);
    const float *first = run(&c, ways[0]);

    for (size_t i = 1; i < count; ++i) {
        char what[ALX_CHOICE_BYTES + 64];

        snprintf(what, sizeof what, "%s, pass %d: %s", info->label, (int)info->pass, ways[i]);
        test_assert_rel_max(what, run(&c, ways[i]), first,
                            alx_shape_count(alx_bench_case_output(&c)->shape), 1e-4);
    }
    alx_device_set_label(dev, NULL);
    alx_bench_case_free(&c);
}

static void all_ways_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(infos); ++i)
        for (alx_pass pass = ALX_PASS_FORWARD; pass <= ALX_PASS_GRAD_WEIGHT; ++pass) {
            alx_pass_info info = infos[i];

            info.pass = pass;
            compare_ways(&info);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = { test_on_device(all_ways_agree) };

    return cmocka_run_group_tests_name("ways", tests, NULL, test_device_close);
}
