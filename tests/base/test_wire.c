/* test_wire.c - fields of protobuf messages, with the bytes of the encoding's documentation. */
#include "base/wire.h"

#include "support/test.h"

static base_wire message(const char *bytes, size_t count)
{
    return (base_wire){ (const uint8_t *)bytes, (const uint8_t *)bytes + count };
}

/* Test1 { a: 150 }, Test2 { b: "testing" }, a fixed32 in field 5, a fixed64 in field 1. */
static void fields_come_one_after_the_other(void **state)
{
    base_wire in = message("\x08\x96\x01\x12\x07testing\x2d\1\2\3\4\x09\1\2\3\4\5\6\7\x8",
                           3 + 9 + 5 + 9);
    base_wire_field field;

    (void)state;
    assert_int_equal(base_wire_next(&in, &field), 1);
    assert_int_equal(field.field, 1);
    assert_int_equal(field.type, BASE_WIRE_VARINT);
    assert_int_equal(field.number, 150);
    assert_null(base_wire_inside(&field).next);
    assert_int_equal(base_wire_next(&in, &field), 1);
    assert_int_equal(field.field, 2);
    assert_int_equal(field.count, 7);
    assert_memory_equal(field.bytes, "testing", 7);
    assert_int_equal(base_wire_next(&in, &field), 1);
    assert_int_equal(field.type, BASE_WIRE_32);
    assert_memory_equal(field.bytes, "\1\2\3\4", 4);
    assert_int_equal(base_wire_next(&in, &field), 1);
    assert_int_equal(field.type, BASE_WIRE_64);
    assert_int_equal(field.count, 8);
    assert_int_equal(base_wire_next(&in, &field), 0);
    assert_int_equal(base_wire_next(&(base_wire){ 0 }, &field), 0);
}

static void what_is_no_whole_field_is_told(void **state)
{
    static const struct {
        const char *bytes;
        size_t count;
    } cases[] = {
        { "\x08", 1 },                                            /* no number */
        { "\x08\x96", 2 },                                        /* half a number */
        { "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 12 }, /* more than 64 bits */
        { "\x12\x02x", 3 },                                       /* a byte too few */
        { "\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7fx", 11 },      /* 2^63 too few */
        { "\x2d\1\2\3", 4 },
        { "\x09\1\2\3\4\5\6\7", 8 },
        { "\x0b", 1 }, /* a group, which is not read */
        { "\x0e", 1 }, /* a type that there is not */
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        base_wire in = message(cases[i].bytes, cases[i].count);
        base_wire_field field;

        if (base_wire_next(&in, &field) != -1)
            fail_msg("case %zu is a field", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_one_after_the_other),
        cmocka_unit_test(what_is_no_whole_field_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
