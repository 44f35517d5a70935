/* test_path.c - folders of paths, and what is at a path. */
#include "base/file.h"
#include "support/folder.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void a_path_has_a_folder(void **state)
{
    static const char *const cases[][2] = {
        { "a", "." },
        { "", "." },
        { "./a", "." },
        { "runs/a", "runs" },
        { "runs/a/", "runs/a" },
        { "/a", "/" },
        { "//a", "/" },
        { "/runs//a", "/runs" },
        { "../a b/c", "../a b" },
    };
    char out[64];

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        assert_ok(base_path_folder(out, sizeof out, cases[i][0]));
        assert_string_equal(out, cases[i][1]);
    }
    assert_ok(base_path_folder(out, 6, "12345/6"));
    assert_string_equal(out, "12345");
    assert_int_equal(base_path_folder(out, 6, "123456/7"), ALX_E_IO);
}

static void a_pipe_is_no_regular_file(void **state)
{
    const char *file = test_folder_path(&test_own_folder, "file");
    const char *pipe = test_folder_path(&test_own_folder, "pipe");

    (void)state;
    test_folder_write(&test_own_folder, "file", "x");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_true(base_file_is_regular(file));
    assert_false(base_file_is_regular(pipe));
    assert_false(base_file_is_regular(test_own_folder.path));
    assert_false(base_file_is_regular("/dev/null"));
    assert_false(base_file_is_regular(test_folder_path(&test_own_folder, "nothing")));
    assert_true(base_path_is_folder(test_own_folder.path));
    assert_false(base_path_is_folder(file));
    assert_false(base_path_is_folder(test_folder_path(&test_own_folder, "nothing")));
}

static void a_file_wants_a_folder_and_a_name(void **state)
{
    char path[600];

    (void)state;
    assert_ok(base_file_check_place(test_folder_path(&test_own_folder, "new")));
    assert_ok(base_file_check_place("new"));
    test_folder_write(&test_own_folder, "old", "x");
    assert_ok(base_file_check_place(test_folder_path(&test_own_folder, "old")));
    assert_int_equal(base_file_check_place(test_own_folder.path), ALX_E_IO);
    assert_non_null(strstr(alx_status_text(ALX_E_IO), ": it is a folder"));
    snprintf(path, sizeof path, "%s/none/new", test_own_folder.path);
    assert_int_equal(base_file_check_place(path), ALX_E_IO);
    assert_non_null(strstr(alx_status_text(ALX_E_IO), "there is no folder "));
    assert_non_null(strstr(alx_status_text(ALX_E_IO), "/none"));
}

static void what_is_read_is_not_written(void **state)
{
    char other[600];

    (void)state;
    test_folder_write(&test_own_folder, "in", "x");
    const char *in = test_folder_path(&test_own_folder, "in");

    snprintf(other, sizeof other, "%s/./in", test_own_folder.path);
    assert_int_equal(base_path_check_output(other, in), ALX_E_USAGE);
    assert_ok(base_path_check_output(test_folder_path(&test_own_folder, "out"), in));
    assert_ok(base_path_check_output("/dev/null", "/dev/null"));
    assert_ok(base_path_check_output(NULL, in));
    assert_ok(base_path_check_output(in, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_has_a_folder),
        cmocka_unit_test(a_pipe_is_no_regular_file),
        cmocka_unit_test(a_file_wants_a_folder_and_a_name),
        cmocka_unit_test(what_is_read_is_not_written),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
