/* test_events.c - the frames of TensorBoard's records. */
#include "report/events/records.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

/* Of RFC 3720, B.4, and the check value of every list of CRCs. */
static void check_sums_are_castagnolis(void **state)
{
    uint8_t bytes[32];

    (void)state;
    assert_int_equal(report_crc32c("123456789", 9), 0xE3069283u);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(report_crc32c(bytes, sizeof bytes), 0x8A9136AAu);
    memset(bytes, 0xFF, sizeof bytes);
    assert_int_equal(report_crc32c(bytes, sizeof bytes), 0x62A8AB43u);
}

/* The bytes are those that RecordWriter of tensorboard 2.21 writes for that event. */
static void a_record_is_as_tensorboard_writes_it(void **state)
{
    static const uint8_t wanted[] = {
        0x0f, 0,   0,   0,   0,   0,   0,   0,   0x6d, 0x53, 0x2b, 0x09, 0x1a, 0x0d, 'b',  'r',
        'a',  'i', 'n', '.', 'E', 'v', 'e', 'n', 't',  ':',  '2',  0xfc, 0x98, 0x51, 0x29,
    };
    base_message m = { 0 };
    char *bytes = NULL;
    size_t count = 0;
    FILE *file = open_memstream(&bytes, &count);

    (void)state;
    base_put_text(&m, 3, "brain.Event:2");
    assert_ok(report_put_record(file, &m));
    assert_null(m.bytes);
    fclose(file);
    assert_int_equal(count, sizeof wanted);
    assert_memory_equal(bytes, wanted, count);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_sums_are_castagnolis),
        cmocka_unit_test(a_record_is_as_tensorboard_writes_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
