/* test_algorithms.c - names of the algorithms; what AUTO stands for. */
#include "support/device.h"

#include <string.h>

#include "ops/shared.h"

static void names_are_parsed_back(void **state)
{
    alx_conv_algo conv;
    alx_gemm_algo gemm;

    (void)state;
    for (alx_conv_algo i = ALX_CONV_AUTO; i <= ALX_CONV_TUNED; ++i) {
        assert_ok(alx_conv_algo_parse(&conv, alx_conv_algo_name(i)));
        assert_int_equal(conv, i);
    }
    for (alx_gemm_algo i = ALX_GEMM_AUTO; i <= ALX_GEMM_TUNED; ++i) {
        assert_ok(alx_gemm_algo_parse(&gemm, alx_gemm_algo_name(i)));
        assert_int_equal(gemm, i);
    }
    assert_string_equal(alx_conv_algo_name(ALX_CONV_IM2COL), "im2col");
    assert_string_equal(alx_gemm_algo_name(ALX_GEMM_CLBLAST), "clblast");
}

static void unknown_name_lists_what_exists(void **state)
{
    alx_conv_algo conv;
    alx_gemm_algo gemm;

    (void)state;
    assert_int_equal(alx_conv_algo_parse(&conv, "fast"), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE),
                           "auto, im2col, vec, winograd, tile, tile-winograd, tuned"));
    assert_int_equal(alx_gemm_algo_parse(&gemm, ""), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "auto, clblast, vec, tile, tuned"));
}

static void auto_follows_the_device(void **state)
{
    const alx_device *dev = test_device();
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);
    const alx_device_type real = info->type;
    const size_t real_group = info->max_group;
    const alx_algorithms open = { .exact = false };
    const alx_algorithms exact = { .exact = true };
    const alx_algorithms forced = { ALX_CONV_IM2COL, ALX_GEMM_VEC, false };
    const bool vec = !test_cuts_loops(dev);

    (void)state;
    info->type = ALX_DEVICE_CPU;
    assert_int_equal(alx_algorithms_resolve(open, dev, NULL).conv,
                     vec ? ALX_CONV_WINOGRAD : ALX_CONV_IM2COL);
    assert_int_equal(alx_algorithms_resolve(exact, dev, NULL).conv,
                     vec ? ALX_CONV_VEC : ALX_CONV_IM2COL);
    assert_int_equal(alx_algorithms_resolve(open, dev, NULL).gemm,
                     vec ? ALX_GEMM_VEC : ALX_GEMM_CLBLAST);
    assert_int_equal(alx_algorithms_resolve(forced, dev, NULL).conv, ALX_CONV_IM2COL);
    info->type = ALX_DEVICE_GPU;
    assert_int_equal(alx_algorithms_resolve(open, dev, NULL).conv, ALX_CONV_TILE_WINOGRAD);
    assert_int_equal(alx_algorithms_resolve(exact, dev, NULL).conv, ALX_CONV_TILE);
    assert_int_equal(alx_algorithms_resolve(open, dev, NULL).gemm, ALX_GEMM_TILE);
    assert_int_equal(alx_algorithms_resolve(forced, dev, NULL).gemm, ALX_GEMM_VEC);
    info->max_group = 64;
    assert_int_equal(alx_algorithms_resolve(open, dev, NULL).conv, ALX_CONV_IM2COL);
    assert_int_equal(alx_algorithms_resolve(open, dev, NULL).gemm, ALX_GEMM_CLBLAST);
    info->max_group = real_group;
    info->type = ALX_DEVICE_OTHER;
    assert_int_equal(alx_algorithms_resolve(open, dev, NULL).conv, ALX_CONV_IM2COL);
    info->type = real;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_parsed_back),
        cmocka_unit_test(unknown_name_lists_what_exists),
        test_on_device(auto_follows_the_device),
    };

    return cmocka_run_group_tests_name("algorithms", tests, NULL, test_device_close);
}
