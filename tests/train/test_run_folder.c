/* test_run_folder.c - the folder that a run has by itself: named by the clock, nobody else's. */
#include "support/folder.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alexnet/dev/train.h"
#include "base/file.h"

static void a_named_folder_has_the_time_and_no_other_run(void **state)
{
    alx_run_folder *first = NULL, *second = NULL;
    const time_t before = time(NULL);
    struct tm local = { .tm_isdst = -1 };

    (void)state;
    assert_int_equal(chdir(test_own_folder.path), 0);
    assert_ok(alx_run_folder_create_named(&first, "tiny"));
    assert_ok(alx_run_folder_create_named(&second, "tiny"));
    const char *path = alx_run_folder_path(first);

    assert_int_equal(sscanf(path, "runs/tiny-%4d%2d%2d-%2d%2d%2d", &local.tm_year, &local.tm_mon,
                            &local.tm_mday, &local.tm_hour, &local.tm_min, &local.tm_sec),
                     6);
    local.tm_year -= 1900;
    local.tm_mon -= 1;
    assert_in_range(mktime(&local), before, time(NULL));
    assert_string_not_equal(alx_run_folder_path(second), path);
    assert_true(base_path_is_folder(path) && base_path_is_folder(alx_run_folder_path(second)));
    alx_run_folder_close(first);
    alx_run_folder_close(second);
    assert_int_equal(chdir("/"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_named_folder_has_the_time_and_no_other_run),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
