/* test_format.c - numbers as people read them: rounding, and the borders of units. */
#include "support/test.h"

#include "base/format.h"

static void bytes_have_binary_units(void **state)
{
    (void)state;
    assert_string_equal(base_format_bytes(31).text, "31 B");
    assert_string_equal(base_format_bytes(1023).text, "1023 B");
    assert_string_equal(base_format_bytes(1024).text, "1 KiB");
    assert_string_equal(base_format_bytes(3 << 19).text, "1.5 MiB");
    assert_string_equal(base_format_bytes((size_t)1023 * 1024 + 511).text, "1023 KiB");
    assert_string_equal(base_format_bytes((size_t)1023 * 1024 + 512).text, "1.0 MiB");
    assert_string_equal(base_format_bytes((size_t)(99.9 * 0x1p20)).text, "99.9 MiB");
    assert_string_equal(base_format_bytes((size_t)(99.96 * 0x1p20)).text, "100 MiB");
    assert_string_equal(base_format_bytes((size_t)78 << 30).text, "78.0 GiB");
    assert_string_equal(base_format_bytes((size_t)5000 << 40).text, "5000 TiB");
}

static void times_are_rounded(void **state)
{
    (void)state;
    assert_string_equal(base_format_clock(0.4).text, "0:00");
    assert_string_equal(base_format_clock(6.5).text, "0:07");
    assert_string_equal(base_format_clock(59.4).text, "0:59");
    assert_string_equal(base_format_clock(59.6).text, "1:00");
    assert_string_equal(base_format_clock(3599.6).text, "1:00:00");
    assert_string_equal(base_format_clock(4805.0).text, "1:20:05");
    assert_string_equal(base_format_clock(86399.7).text, "1 d 0:00:00");
    assert_string_equal(base_format_clock(183845.0).text, "2 d 3:04:05");
}

static void dimensions_as_far_as_there_is_room(void **state)
{
    static const int dims[] = { 96, 55, 1, 2000000000, 2000000001, 2000000002, 2000000003, 7 };

    (void)state;
    assert_string_equal(base_format_dims(dims, 0).text, "");
    assert_string_equal(base_format_dims(dims, 1).text, "96");
    assert_string_equal(base_format_dims(dims, 3).text, "96x55x1");
    assert_string_equal(base_format_dims(dims, 8).text,
                        "96x55x1x2000000000x2000000001x2000000002x2000000003");
}

static void counts_and_rates(void **state)
{
    (void)state;
    assert_string_equal(base_format_count(999).text, "999");
    assert_string_equal(base_format_count(60965224).text, "60,965,224");
    assert_string_equal(base_format_rate(0.846).text, "0.85");
    assert_string_equal(base_format_rate(0.996).text, "1.0");
    assert_string_equal(base_format_rate(99.96).text, "100");
    assert_string_equal(base_format_number(12.34, 1).text, "12.3");
    assert_string_equal(base_format_number(0.4, 0).text, "0");
    assert_string_equal(base_format_number(0.0, 3).text, "-");
    assert_string_equal(base_format_percent(1, 3).text, "33.33");
    assert_string_equal(base_format_percent(7, 7).text, "100.00");
    assert_string_equal(base_format_percent(0, 7).text, "0.00");
    assert_string_equal(base_format_percent(0, 0).text, "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_have_binary_units),
        cmocka_unit_test(times_are_rounded),
        cmocka_unit_test(dimensions_as_far_as_there_is_room),
        cmocka_unit_test(counts_and_rates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
