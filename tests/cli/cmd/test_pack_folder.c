/* test_pack_folder.c - the folder that alexnet pack works in is one process's, and known again by
 * what it is made of. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder_lock.h"
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
    base_folder_lock *lock = NULL;
    char who[64];

    (void)state;
    assert_ok(base_mkdirs(in_folder("db.partial")));
    assert_ok(base_folder_lock_take(&lock, in_folder("db.partial"), "packs"));
    test_run second = TEST_PROGRAM_RUN("pack", in_folder("set"), "-o", in_folder("db"));

    snprintf(who, sizeof who, "another process packs there (pid %ld on ", (long)getpid());
    test_assert_run(&second, 1, who);
    assert_false(base_file_exists(in_folder("db")));
    assert_false(base_file_exists(in_folder("db.partial/data.mdb")));
    base_folder_lock_free(lock);
    test_folder_write(&test_own_folder, "db.partial/classes.txt.tmp-12", "half");
    test_run third = TEST_PROGRAM_RUN("pack", in_folder("set"), "-o", in_folder("db"));

    test_assert_run(&third, 0, "");
    assert_true(base_file_exists(in_folder("db/data.mdb")));
    assert_false(base_file_exists(in_folder("db/.lock")));
    assert_false(base_file_exists(in_folder("db/classes.txt.tmp-12")));
    test_run_free(&second);
    test_run_free(&third);
}

/* ---- the source, however it is spelt --------------------------------------------------------- */

/* An image that cannot be read ends the first try, and leaves something to go on with. */
static void pack_a_part(const char *source, const char *db)
{
    write_image("bad/cat/1.png");
    write_image("bad/cat/3.png");
    test_folder_write_bytes(&test_own_folder, "bad/cat/2.png", "text", 4);
    test_run run = TEST_PROGRAM_RUN("pack", source, "-o", in_folder(db));

    test_assert_run(&run, 4, ".partial keeps what is packed, the same command goes on");
    test_run_free(&run);
}

static void assert_goes_on(const char *source, const char *db)
{
    test_run run = TEST_PROGRAM_RUN("pack", source, "-o", in_folder(db), "--skip-bad");

    test_assert_run(&run, 0, "");
    if (strstr(run.out, "images  2\nbad     1, listed in bad.txt\nresumed after 1\n") == NULL)
        fail_msg("%s", run.out);
    test_run_free(&run);
}

static void goes_on_with_the_same_source(void **state)
{
    char here[512];

    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(test_own_folder.path), 0);
    pack_a_part("bad", "relative");
    assert_int_equal(symlink("bad", "link"), 0);
    assert_goes_on(in_folder("bad"), "relative");
    pack_a_part(in_folder("bad"), "absolute");
    assert_goes_on("link/../bad/", "absolute");
    pack_a_part("./bad/", "linked");
    assert_goes_on("link", "linked");
    pack_a_part("bad", "elsewhere");
    assert_int_equal(chdir("set"), 0);
    assert_goes_on("../bad", "elsewhere");
    assert_int_equal(chdir(here), 0);
}

/* As releases wrote it that kept the path as it was given. */
static void goes_on_with_a_path_that_is_relative(void **state)
{
    char here[512], *note = NULL, *old = NULL;
    size_t bytes = 0;

    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(test_own_folder.path), 0);
    pack_a_part("bad", "old");
    assert_ok(base_file_read(&note, &bytes, "old.partial/pack.txt"));
    old = test_alloc(bytes);
    snprintf(old, bytes, "source bad%s", strchr(note, '\n'));
    test_folder_write(&test_own_folder, "old.partial/pack.txt", old);
    assert_goes_on(in_folder("bad"), "old");
    assert_int_equal(chdir(here), 0);
    free(note);
    free(old);
}

/* Alike in all names and sizes, but another folder. */
static void another_source_is_refused(void **state)
{
    (void)state;
    pack_a_part(in_folder("bad"), "other");
    assert_int_equal(rename(in_folder("bad"), in_folder("bad-1")), 0);
    write_image("bad/cat/1.png");
    write_image("bad/cat/3.png");
    test_folder_write_bytes(&test_own_folder, "bad/cat/2.png", "text", 4);
    test_run run = TEST_PROGRAM_RUN("pack", in_folder("bad-1"), "-o", in_folder("other"));

    test_assert_run(&run, 2, "other.partial keeps an unfinished pack of 'source ");
    test_run_free(&run);
}

/* What was begun as one database would stay beside the two of a source with both splits. */
static void two_databases_do_not_go_on_with_one(void **state)
{
    (void)state;
    write_image("both/train/cat/1.png");
    write_image("both/train/dog/1.png");
    write_image("both/test/cat/2.png");
    pack_a_part(in_folder("bad"), "one");
    test_run run = TEST_PROGRAM_RUN("pack", in_folder("both"), "-o", in_folder("one"));

    test_assert_run(&run, 2, "one.partial keeps an unfinished pack of another source");
    assert_false(base_file_exists(in_folder("one.partial/train")));
    assert_false(base_file_exists(in_folder("one")));
    test_run_free(&run);
    test_folder_write_bytes(&test_own_folder, "both/test/dog/3.png", "text", 4);
    run = TEST_PROGRAM_RUN("pack", in_folder("both"), "-o", in_folder("two"));
    test_assert_run(&run, 4, ".partial keeps what is packed");
    test_run_free(&run);
    run = TEST_PROGRAM_RUN("pack", in_folder("bad"), "-o", in_folder("two"));
    test_assert_run(&run, 2, "two.partial keeps an unfinished pack of another source");
    assert_false(base_file_exists(in_folder("two.partial/data.mdb")));
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_of_two_is_refused),
        cmocka_unit_test(goes_on_with_the_same_source),
        cmocka_unit_test(goes_on_with_a_path_that_is_relative),
        cmocka_unit_test(another_source_is_refused),
        cmocka_unit_test(two_databases_do_not_go_on_with_one),
    };

    return cmocka_run_group_tests(tests, setup, test_own_folder_remove);
}
