/* test_pack_folder.c - the folder that alexnet pack works in is one process's, and known again by
 * what it is made of. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/images.h"

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static void write_image(const char *name)
{
    const test_file image = test_png_plain(3, 3, 1, 2, 3);

    test_folder_write_bytes(&test_own_folder, name, image.bytes, image.count);
    free(image.bytes);
}

static int setup(void **state)
{
    test_own_folder_make(state);
    write_image("set/cat/1.png");
    write_image("set/dog/1.png");
    return 0;
}

static void the_second_of_two_is_refused(void **state)
{
    alx_folder_lock *lock = NULL;
    char who[64];

    (void)state;
    assert_ok(alx_mkdirs(in_folder("db.partial")));
    assert_ok(alx_folder_lock_take(&lock, in_folder("db.partial"), "packs"));
    test_run second = TEST_PROGRAM_RUN("pack", in_folder("set"), "-o", in_folder("db"));

    snprintf(who, sizeof who, "another process packs there (pid %ld on ", (long)getpid());
    test_assert_run(&second, 1, who);
    assert_false(alx_file_exists(in_folder("db")));
    assert_false(alx_file_exists(in_folder("db.partial/data.mdb")));
    alx_folder_lock_free(lock);
    test_folder_write(&test_own_folder, "db.partial/classes.txt.tmp-12", "half");
    test_run third = TEST_PROGRAM_RUN("pack", in_folder("set"), "-o", in_folder("db"));

    test_assert_run(&third, 0, "");
    assert_true(alx_file_exists(in_folder("db/data.mdb")));
    assert_false(alx_file_exists(in_folder("db/.lock")));
    assert_false(alx_file_exists(in_folder("db/classes.txt.tmp-12")));
    test_run_free(&second);
    test_run_free(&third);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_of_two_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, test_own_folder_remove);
}
