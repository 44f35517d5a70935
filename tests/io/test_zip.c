/* test_zip.c - directories of ZIPs that lie: each is refused in a line that says so. */
#include "io/zip/zip.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/test.h"
#include "support/weights.h"

/* packed.npz with `count` bytes at `at` behind the first `mark` replaced. */
static int open_changed(const char *mark, size_t at, const char *bytes, size_t count)
{
    char *file = NULL;
    size_t size = 0;
    io_zip zip;

    assert_ok(base_file_read(&file, &size, test_weights_path("packed.npz")));
    for (size_t i = 0; i + 4 <= size; ++i)
        if (memcmp(file + i, mark, 4) == 0) {
            memcpy(file + i + at, bytes, count);
            break;
        }
    const int rc = io_zip_open(&zip, (const uint8_t *)file, size);

    io_zip_close(&zip);
    free(file);
    return rc;
}

#define LOCAL "PK\3\4"
#define CENTRAL "PK\1\2"
#define END "PK\5\6"
#define CASE(mark, at, bytes, says)                                                                \
    {                                                                                              \
        mark, at, bytes, sizeof(bytes) - 1, says                                                   \
    }

static const struct {
    const char *mark;
    size_t at;
    const char *bytes;
    size_t count;
    const char *says;
} faults[] = {
    CASE(END, 0, "pk", "without its directory at the end: cut"),
    CASE(END, 20, "\1", "without its directory at the end: cut"),
    CASE(END, 16, "\xff\xff\xff", "directory lies outside the file"),
    CASE(END, 12, "\xff\xff\xff\xff", "directory lies outside the file"),
    CASE(END, 10, "\xff\xff", "directory lies outside the file"),
    CASE(END, 12, "\x40\0\0\0", "directory lies outside the file"),
    CASE(CENTRAL, 0, "pk", "damaged at entry 0"),
    CASE(CENTRAL, 28, "\xff\xff", "damaged at entry 0"),
    CASE(CENTRAL, 8, "\1", "entry conv1.weight.npy is encrypted"),
    CASE(CENTRAL, 10, "\x0c", "packed by method 12; want stored or deflate"),
    CASE(CENTRAL, 10, "\0", "claims "), /* stored, of two sizes */
    CASE(CENTRAL, 24, "\0\0\0\x7f", "conv1.weight.npy claims 2130706432 bytes in "),
    CASE(CENTRAL, 20, "\xff\xff\xff\x7f", "bytes lie outside the file"),
    CASE(CENTRAL, 42, "\xff\xff\xff\x7f", "not where the directory says"),
    CASE(CENTRAL, 42, "\xff\xff\xff\xff", "damaged at entry 0"), /* 64 bits that are not there */
    CASE(LOCAL, 0, "pk", "not where the directory says"),
    CASE(LOCAL, 28, "\xff\xff", "lie outside the file"),
};

static void what_the_directory_claims_is_checked(void **state)
{
    (void)state;
    assert_ok(open_changed(END, 0, "PK", 2));
    for (size_t i = 0; i < ALX_COUNT(faults); ++i) {
        const int rc = open_changed(faults[i].mark, faults[i].at, faults[i].bytes, faults[i].count);

        if (rc != ALX_E_DATA || strstr(alx_status_text(rc), faults[i].says) == NULL)
            fail_msg("case %zu: status %d, '%s', want '%s'", i, rc, alx_status_text(rc),
                     faults[i].says);
    }
}

static int count_bytes(void *user, const uint8_t *bytes, size_t count)
{
    (void)bytes;
    *(size_t *)user += count;
    return 0;
}

/* Both ways to store an entry, with the right sum and with another. */
static void check_sums_are_compared(void **state)
{
    static const char *const names[] = { "packed.npz", "stored.npz" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        char *file = NULL;
        size_t size = 0, count = 0;
        io_zip zip;

        assert_ok(base_file_read(&file, &size, test_weights_path(names[i])));
        assert_ok(io_zip_open(&zip, (const uint8_t *)file, size));
        assert_ok(io_zip_unpack(&zip.entries[0], NULL, 100, count_bytes, &count));
        assert_int_equal(count, zip.entries[0].bytes - 100);
        zip.entries[0].crc ^= 1;
        assert_int_equal(io_zip_unpack(&zip.entries[0], NULL, 0, count_bytes, &count), ALX_E_DATA);
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), "conv1.weight.npy is damaged"));
        io_zip_close(&zip);
        free(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_directory_claims_is_checked),
        cmocka_unit_test(check_sums_are_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
