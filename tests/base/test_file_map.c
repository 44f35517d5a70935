/* test_file_map.c - files as memory: their bytes, empty ones, what is cut, and what is no file. */
#define _XOPEN_SOURCE 700 /* mkfifo */
#include "base/file_map.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/test.h"

static void bytes_are_the_files(void **state)
{
    base_file_map map;

    (void)state;
    test_folder_write_bytes(&test_own_folder, "x", "a\0b", 3);
    assert_ok(base_file_map_open(&map, test_folder_path(&test_own_folder, "x")));
    assert_int_equal(map.count, 3);
    assert_memory_equal(map.bytes, "a\0b", 3);
    base_file_map_close(&map);
    assert_null(map.bytes);
    base_file_map_close(&map);
}

static void bytes_that_are_cut_off_are_missed(void **state)
{
    base_file_map map;

    (void)state;
    test_folder_write_bytes(&test_own_folder, "x", "abc", 3);
    assert_ok(base_file_map_open(&map, test_folder_path(&test_own_folder, "x")));
    assert_ok(base_file_map_check(&map));
    assert_int_equal(truncate(test_folder_path(&test_own_folder, "x"), 2), 0);
    assert_int_equal(base_file_map_check(&map), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "2 of 3 bytes are left"));
    base_file_map_close(&map);
}

/* More than a page, from the middle on: what is left is read, what is cut is an error. */
static void copies_stop_where_the_file_was_cut(void **state)
{
    const char *const path = test_folder_path(&test_own_folder, "x");
    static uint8_t bytes[10000], got[sizeof bytes];
    base_file_map map;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; ++i)
        bytes[i] = (uint8_t)(i * 7);
    test_folder_write_bytes(&test_own_folder, "x", bytes, sizeof bytes);
    assert_ok(base_file_map_open(&map, path));
    assert_ok(base_file_map_copy(&map, got, map.bytes + 11, sizeof bytes - 11));
    assert_memory_equal(got, bytes + 11, sizeof bytes - 11);
    assert_true(base_file_map_holds(&map, map.bytes));
    assert_true(base_file_map_holds(&map, map.bytes + sizeof bytes - 1));
    assert_false(base_file_map_holds(&map, map.bytes + sizeof bytes));
    assert_false(base_file_map_holds(&map, NULL));

    assert_int_equal(truncate(path, 5000), 0);
    memset(got, 0, sizeof got);
    assert_ok(base_file_map_copy(&map, got, map.bytes + 4000, 1000));
    assert_memory_equal(got, bytes + 4000, 1000);
    assert_int_equal(base_file_map_copy(&map, got, map.bytes + 4000, 1001), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "5000 of 10000 bytes are left"));
    base_file_map_close(&map);
}

static void an_empty_file_has_no_bytes(void **state)
{
    base_file_map map;

    (void)state;
    test_folder_write_bytes(&test_own_folder, "empty", "", 0);
    assert_ok(base_file_map_open(&map, test_folder_path(&test_own_folder, "empty")));
    assert_int_equal(map.count, 0);
    assert_ok(base_file_map_check(&map));
    base_file_map_close(&map);
}

static void refused(const char *path, const char *says)
{
    base_file_map map;

    assert_int_equal(base_file_map_open(&map, path), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), path));
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), says));
    assert_null(map.bytes);
}

/* A pipe that nobody writes to does not keep one waiting. */
static void what_is_no_file_is_named(void **state)
{
    const char *const pipe = test_folder_path(&test_own_folder, "pipe");

    (void)state;
    assert_int_equal(mkfifo(pipe, 0600), 0);
    refused(pipe, "not a file");
    refused(test_own_folder.path, "a folder");
    refused("/nowhere", "cannot be read: No such file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_the_files),
        cmocka_unit_test(bytes_that_are_cut_off_are_missed),
        cmocka_unit_test(copies_stop_where_the_file_was_cut),
        cmocka_unit_test(an_empty_file_has_no_bytes),
        cmocka_unit_test(what_is_no_file_is_named),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
