/* test_datum.c - pixels that a Datum holds as floats. */
#include "data/source/datum.h"
#include "support/test.h"

#include <string.h>

/* channels 3, height 1, width 1, label 0, three float_data: blue, green, red. */
static void floats_are_rounded(void **state)
{
    const float values[] = { 12.4f, 12.6f, 254.7f };
    uint8_t record[64] = { 0x08, 3, 0x10, 1, 0x18, 1, 0x28, 0 }, rgb[3];
    size_t bytes = 8;
    data_datum datum;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(values); ++i) {
        record[bytes] = 0x35; /* field 6, four bytes */
        memcpy(record + bytes + 1, &values[i], 4);
        bytes += 5;
    }
    assert_true(data_datum_parse(&datum, record, bytes));
    assert_ok(data_datum_load(rgb, &datum, 1, false, "record"));
    assert_int_equal(rgb[0], 255);
    assert_int_equal(rgb[1], 13);
    assert_int_equal(rgb[2], 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(floats_are_rounded) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
