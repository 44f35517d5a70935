/* test_file_writer.c - what is no regular file is written where it is and stays what it was; links
 * are followed. */
#define _XOPEN_SOURCE 700 /* mknod */
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_writer.h"
#include "base/unfinished.h"
#include "support/folder.h"

static mode_t type_of(const char *path)
{
    struct stat info;

    assert_int_equal(lstat(path, &info), 0);
    return info.st_mode & S_IFMT;
}

static void assert_file(const char *name, const char *text)
{
    char *data = NULL;
    size_t bytes = 0;

    assert_ok(base_file_read(&data, &bytes, test_folder_path(&test_own_folder, name)));
    assert_string_equal(data, text);
    free(data);
}

static size_t file_count(void)
{
    char paths[8][512];

    return test_folder_list(&test_own_folder, paths, ALX_COUNT(paths));
}

static void a_pipe_is_written_and_stays(void **state)
{
    const char *path = test_folder_path(&test_own_folder, "pipe");
    char text[16] = "";

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    const int reader = open(path, O_RDONLY | O_NONBLOCK);

    assert_true(reader >= 0);
    assert_ok(base_file_write(path, "first", 5));
    assert_int_equal(read(reader, text, sizeof text), 5);
    assert_string_equal(text, "first");
    assert_int_equal(type_of(path), S_IFIFO);
    close(reader);
    unlink(path);
    assert_int_equal(file_count(), 0);
}

static void a_full_device_is_an_error_and_stays(void **state)
{
    const char *path = test_folder_path(&test_own_folder, "full");
    base_file_writer *writer = NULL;

    (void)state;
    if (mknod(path, S_IFCHR | 0600, makedev(1, 7)) != 0) {
        assert_true(errno == EPERM || errno == EACCES);
        skip();
    }
    const int fd = open(path, O_WRONLY);

    if (fd < 0) { /* a file system without devices */
        unlink(path);
        skip();
    }
    close(fd);
    assert_int_equal(base_file_write(path, "first", 5), ALX_E_IO);
    assert_non_null(strstr(alx_status_text(ALX_E_IO), "full: write failed: No space left"));
    assert_ok(base_file_writer_open(&writer, path));
    base_file_writer_abort(&writer);
    assert_int_equal(type_of(path), S_IFCHR);
    unlink(path);
    assert_int_equal(file_count(), 0);
}

/* first -> second -> real: from a folder on the way, absolute and relative; whether real exists. */
static void links_are_followed(void **state)
{
    const char *first = test_folder_path(&test_own_folder, "sub/first");
    const char *second = test_folder_path(&test_own_folder, "sub/second");
    base_file_writer *writer = NULL;

    (void)state;
    assert_ok(base_mkdirs(test_folder_path(&test_own_folder, "sub")));
    assert_int_equal(symlink(second, first), 0);
    assert_int_equal(symlink("../real", second), 0);
    assert_ok(base_file_write(first, "new", 3));
    assert_file("real", "new");
    assert_ok(base_file_writer_open(&writer, first));
    assert_ok(base_file_writer_write(writer, "torn", 4));
    assert_file("real", "new"); /* beside until the end */
    base_file_writer_abort(&writer);
    assert_ok(base_file_write(first, "newer", 5));
    assert_file("real", "newer");
    assert_int_equal(type_of(first), S_IFLNK);
    assert_int_equal(type_of(second), S_IFLNK);
    unlink(second);
    assert_int_equal(symlink("second", second), 0);
    assert_int_equal(base_file_write(first, "", 0), ALX_E_IO); /* a ring of links */
}

/* As `--csv /dev/stdout > FILE`. */
static void the_file_under_stdout_is_shared(void **state)
{
    const char *path = test_folder_path(&test_own_folder, "out");
    const int kept = dup(STDOUT_FILENO), file = open(path, O_WRONLY | O_CREAT, 0600);

    (void)state;
    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    const ssize_t before = write(STDOUT_FILENO, "before ", 7);
    const int rc = base_file_write(path, "file ", 5);
    const ssize_t after = write(STDOUT_FILENO, "after", 5);

    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(file);
    assert_int_equal(before + after, 12);
    assert_ok(rc);
    assert_file("out", "before file after");
}

static void assert_there(const char *name, bool wanted)
{
    if (base_file_exists(test_folder_path(&test_own_folder, name)) != wanted)
        fail_msg("%s is %sthere", name, wanted ? "not " : "");
}

/* Of the files named, and no others: what a user calls his own is not ours. */
static void what_was_never_finished_is_swept(void **state)
{
    static const char *const names[] = { "rows", "rows.csv" };
    static const char *const kept[] = {
        "rows",         "rows.tmp",       "rows.tmp-",         "rows.tmp-x",  "rows.tmp-12x",
        "other.tmp-12", "my rows.tmp-12", "rows.tmp-12.tmp-y", "rows.tmp--1",
    };
    char mine[32];

    (void)state;
    snprintf(mine, sizeof mine, "rows.tmp-%ld", (long)getpid());
    for (size_t i = 0; i < ALX_COUNT(kept); ++i)
        test_folder_write(&test_own_folder, kept[i], "");
    test_folder_write(&test_own_folder, mine, "");
    test_folder_write(&test_own_folder, "rows.tmp-2147483647", ""); /* above any process */
    test_folder_write(&test_own_folder, "rows.csv.tmp-2147483647", "");
    assert_ok(base_file_writer_sweep(test_own_folder.path, names, ALX_COUNT(names), true));
    assert_there(mine, true);
    assert_there("rows.tmp-2147483647", false);
    assert_there("rows.csv.tmp-2147483647", false);
    assert_ok(base_file_writer_sweep(test_own_folder.path, names, ALX_COUNT(names), false));
    assert_there(mine, false);
    for (size_t i = 0; i < ALX_COUNT(kept); ++i)
        assert_there(kept[i], true);
}

/* As a signal handler does: of more files than are kept in mind, those that are have gone. */
static void what_is_begun_can_be_removed(void **state)
{
    base_file_writer *done = NULL, *begun[40] = { NULL };
    char name[64];
    size_t left = 0;

    (void)state;
    assert_ok(base_file_writer_open(&done, test_folder_path(&test_own_folder, "done")));
    assert_ok(base_file_writer_commit(&done));
    for (size_t i = 0; i < ALX_COUNT(begun); ++i) {
        snprintf(name, sizeof name, "begun%zu", i);
        assert_ok(base_file_writer_open(&begun[i], test_folder_path(&test_own_folder, name)));
    }
    base_unfinished_remove();
    for (size_t i = 0; i < ALX_COUNT(begun); ++i) {
        snprintf(name, sizeof name, "begun%zu.tmp-%ld", i, (long)getpid());
        left += base_file_exists(test_folder_path(&test_own_folder, name));
        base_file_writer_abort(&begun[i]);
    }
    assert_int_equal(left, ALX_COUNT(begun) - 32);
    assert_there("done", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_is_written_and_stays),
        cmocka_unit_test(a_full_device_is_an_error_and_stays),
        cmocka_unit_test(links_are_followed),
        cmocka_unit_test(the_file_under_stdout_is_shared),
        cmocka_unit_test(what_was_never_finished_is_swept),
        cmocka_unit_test(what_is_begun_can_be_removed), /* the last: no more are kept */
    };

    return cmocka_run_group_tests_name("file_writer", tests, test_own_folder_make,
                                       test_own_folder_remove);
}
