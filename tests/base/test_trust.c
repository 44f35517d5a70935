/* test_trust.c - what somebody else put into a shared folder leads no output astray, and no program
 * is loaded from it. */
#define _XOPEN_SOURCE 700 /* symlink, lchown */
#include "base/trust.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_writer.h"
#include "support/folder.h"
#include "support/test.h"

enum { SOMEBODY = 12345 };

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static void assert_file(const char *name, const char *text)
{
    char *data = NULL;
    size_t bytes = 0;

    assert_ok(base_file_read(&data, &bytes, in_folder(name)));
    assert_string_equal(data, text);
    free(data);
}

static void who_may_write_is_seen(void **state)
{
    struct stat info = { .st_mode = S_IFDIR | 0755, .st_gid = getegid() };

    (void)state;
    assert_false(base_others_may_write(&info));
    info.st_mode = S_IFDIR | 0775; /* the user's own group, which many systems make */
    assert_false(base_others_may_write(&info));
    info.st_gid = getegid() + 1;
    assert_true(base_others_may_write(&info));
    info.st_mode = S_IFDIR | 01757;
    assert_true(base_others_may_write(&info));
}

static void assert_trusted(const char *path, bool wanted)
{
    const int fd = base_open_trusted(path);

    assert_int_equal(base_path_is_trusted(path), wanted);
    assert_int_equal(fd >= 0, wanted);
    if (fd >= 0)
        close(fd);
}

static void programs_of_others_are_not_trusted(void **state)
{
    char path[PATH_MAX];

    (void)state;
    test_folder_write(&test_own_folder, "program", "x");
    snprintf(path, sizeof path, "%s", in_folder("program"));
    assert_int_equal(chmod(path, 0600), 0);
    assert_trusted(path, true);
    assert_int_equal(chmod(path, 0602), 0);
    assert_trusted(path, false);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, SOMEBODY, SOMEBODY), 0);
        assert_int_equal(chmod(path, 0600), 0);
        assert_trusted(path, false);
    }
    assert_trusted(in_folder("nothing"), false);
    assert_int_equal(base_open_trusted(test_own_folder.path), -1);
}

/* The name of the copy beside an output can be guessed. */
static void a_link_in_the_place_of_the_copy_is_not_followed(void **state)
{
    char beside[64];
    struct stat info;

    (void)state;
    test_folder_write(&test_own_folder, "victim", "precious");
    snprintf(beside, sizeof beside, "out.tmp-%ld", (long)getpid());
    assert_int_equal(symlink(in_folder("victim"), in_folder(beside)), 0);
    assert_ok(base_file_write(in_folder("out"), "new", 3));
    assert_file("victim", "precious");
    assert_file("out", "new");
    assert_int_equal(lstat(in_folder("out"), &info), 0);
    assert_true(S_ISREG(info.st_mode));
}

static void assert_refused(int rc)
{
    assert_int_equal(rc, ALX_E_IO);
    assert_non_null(strstr(alx_status_text(rc), "another user's link"));
}

/* @param theirs  whether the link that is written through is somebody else's */
static void write_through_link(mode_t folder, bool theirs, bool follows)
{
    int fd = -1;

    test_folder_write(&test_own_folder, "target", "old");
    unlink(in_folder("link"));
    assert_int_equal(symlink("target", in_folder("link")), 0);
    if (theirs)
        assert_int_equal(lchown(in_folder("link"), SOMEBODY, SOMEBODY), 0);
    assert_int_equal(chmod(test_own_folder.path, folder), 0);
    if (follows) {
        assert_ok(base_file_write(in_folder("link"), "new", 3));
        assert_ok(base_open_output(&fd, in_folder("link"), O_WRONLY | O_APPEND | O_CREAT));
        assert_int_equal(write(fd, "er", 2), 2);
        close(fd);
    } else {
        assert_refused(base_file_write(in_folder("link"), "new", 3));
        assert_refused(base_open_output(&fd, in_folder("link"), O_WRONLY | O_APPEND | O_CREAT));
    }
    assert_file("target", follows ? "newer" : "old");
    assert_int_equal(chmod(test_own_folder.path, 0700), 0);
}

static void links_of_others_in_shared_folders_are_refused(void **state)
{
    (void)state;
    write_through_link(0700, false, true);
    write_through_link(01777, false, true);
    write_through_link(0777, false, true);
    if (geteuid() != 0) /* who else could make a link of somebody else */
        return;
    write_through_link(0700, true, true);
    write_through_link(01777, true, false);
    write_through_link(0777, true, false);
}

/* What is no regular file is written in place; the links to it are looked at all the same. */
static void links_of_others_to_a_pipe_are_refused(void **state)
{
    char text[8] = "";

    (void)state;
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    const int reader = open(in_folder("pipe"), O_RDONLY | O_NONBLOCK);

    assert_true(reader >= 0);
    unlink(in_folder("link"));
    assert_int_equal(symlink("pipe", in_folder("link")), 0);
    assert_int_equal(chmod(test_own_folder.path, 01777), 0);
    assert_ok(base_file_write(in_folder("link"), "mine", 4));
    assert_int_equal(read(reader, text, sizeof text), 4);
    if (geteuid() == 0) {
        assert_int_equal(lchown(in_folder("link"), SOMEBODY, SOMEBODY), 0);
        assert_refused(base_file_write(in_folder("link"), "theirs", 6));
        assert_int_equal(read(reader, text, sizeof text), 0);
    }
    assert_int_equal(chmod(test_own_folder.path, 0700), 0);
    close(reader);
}

/* As `--csv >(command)` of a shell: /dev/fd/63 leads to a pipe without a name. */
static void a_pipe_without_a_name_is_written(void **state)
{
    char path[32], text[8] = "";
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    assert_ok(base_file_write(path, "rows", 4));
    assert_int_equal(read(ends[0], text, sizeof text), 4);
    assert_string_equal(text, "rows");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_write_is_seen),
        cmocka_unit_test(programs_of_others_are_not_trusted),
        cmocka_unit_test(a_link_in_the_place_of_the_copy_is_not_followed),
        cmocka_unit_test(links_of_others_in_shared_folders_are_refused),
        cmocka_unit_test(links_of_others_to_a_pipe_are_refused),
        cmocka_unit_test(a_pipe_without_a_name_is_written),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
