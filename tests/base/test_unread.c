/* test_unread.c - a file that is not there: the name beside it that may have been meant. */
#include "base/unread.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/test.h"

static void assert_message(const char *name, int error, const char *end)
{
    char wanted[1024];

    snprintf(wanted, sizeof wanted, "%s: cannot be read: %s%s",
             test_folder_path(&test_own_folder, name), strerror(error), end);
    errno = error;
    assert_int_equal(base_fail_unread(test_folder_path(&test_own_folder, name), "cannot be read"),
                     ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA), wanted);
}

static void a_name_beside_it_is_suggested(void **state)
{
    char end[1024];

    (void)state;
    test_folder_write(&test_own_folder, "quickstart", "");
    test_folder_write(&test_own_folder, ".quickstrat", "");
    snprintf(end, sizeof end, " (did you mean %s?)",
             test_folder_path(&test_own_folder, "quickstart"));
    assert_message("quickstrat", ENOENT, end);
    assert_message("quickstrat", EACCES, "");
    assert_message("something-else", ENOENT, "");
    assert_message("no/such/folder", ENOENT, "");
}

static void without_a_folder_it_is_the_working_one(void **state)
{
    (void)state;
    errno = ENOENT;
    assert_int_equal(base_fail_unread("/", "no data"), ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA), "/: no data: No such file or directory");
}

/* Of a list, all may be missing: their folder is not searched for each of them. */
static void only_names_that_were_typed_get_one(void **state)
{
    const char *path = test_folder_path(&test_own_folder, "quickstrat");
    char *data = NULL;
    size_t bytes = 0;

    (void)state;
    test_folder_write(&test_own_folder, "quickstart", "");
    assert_int_equal(base_file_read(&data, &bytes, path), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "No such file or directory (did you mean"));
    assert_int_equal(base_file_read_listed(&data, &bytes, path), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "cannot be read: No such file"));
    assert_null(strstr(alx_status_text(ALX_E_DATA), "did you mean"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_beside_it_is_suggested),
        cmocka_unit_test(only_names_that_were_typed_get_one),
        cmocka_unit_test(without_a_folder_it_is_the_working_one),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
