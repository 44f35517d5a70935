/* test_cache_folder.c - where caches go without a home, and who may own that folder. */
#define _GNU_SOURCE /* ST_NOEXEC */
#include "base/cache_folder.h"
#include "support/folder.h"
#include "support/test.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static char private_name[64]; /* "alexnet-UID" */
static char nowhere[300];     /* a folder that nobody can make, root included */

static int use_own_folder(void **state)
{
    snprintf(private_name, sizeof private_name, "alexnet-%ld", (long)geteuid());
    test_own_folder_make(state);
    test_folder_write(&test_own_folder, "file", "");
    snprintf(nowhere, sizeof nowhere, "%s/file/x", test_own_folder.path);
    setenv("TMPDIR", test_own_folder.path, 1);
    unsetenv("ALEXNET_CACHE_DIR");
    unsetenv("XDG_CACHE_HOME");
    return 0;
}

static void private_folder_is_this_users_alone(void **state)
{
    char path[PATH_MAX];
    struct stat info;

    (void)state;
    assert_true(base_private_folder(path, sizeof path));
    assert_string_equal(path, test_folder_path(&test_own_folder, private_name));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(info.st_uid, geteuid());
    assert_true(base_private_folder(path, sizeof path)); /* again */
    rmdir(path);
}

/* Whatever is in the way is left alone, and the folder is somewhere else. */
static void assert_elsewhere(const char *squatter)
{
    char path[PATH_MAX] = "";

    if (base_private_folder(path, sizeof path))
        assert_string_not_equal(path, squatter);
    rmdir(path); /* unless it is in use */
}

static void folders_of_others_are_refused(void **state)
{
    const char *path = test_folder_path(&test_own_folder, private_name);
    const char *target = test_folder_path(&test_own_folder, "target");

    (void)state;
    assert_int_equal(mkdir(target, 0700), 0);
    assert_int_equal(symlink(target, path), 0);
    assert_elsewhere(path);
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, 0770), 0);
    assert_elsewhere(path);
    if (geteuid() == 0) {
        assert_int_equal(chmod(path, 0700), 0);
        assert_int_equal(chown(path, 12345, 12345), 0);
        assert_elsewhere(path);
    }
    rmdir(path);
    assert_int_equal(chmod(test_own_folder.path, 0777), 0); /* anyone could put another in place */
    assert_elsewhere(path);
    assert_int_equal(chmod(test_own_folder.path, 0700), 0);
}

/* The cache's path of "x" with this HOME (NULL: unset). */
static void assert_cache(const char *home, const char *want)
{
    char path[PATH_MAX];

    if (home != NULL)
        setenv("HOME", home, 1);
    else
        unsetenv("HOME");
    assert_true(base_cache_path(path, sizeof path, "x"));
    if (want != NULL)
        assert_string_equal(path, want);
}

static void caches_work_without_a_home(void **state)
{
    const char *home = test_folder_path(&test_own_folder, "home");
    char want[PATH_MAX];

    (void)state;
    snprintf(want, sizeof want, "%s/.cache/alexnet/x", home);
    assert_cache(home, want);
    snprintf(want, sizeof want, "%s/%s/x", test_own_folder.path, private_name);
    assert_cache(nowhere, want);
    assert_cache("relative", want);
    assert_cache(NULL, NULL); /* the list of users knows */
    setenv("XDG_CACHE_HOME", nowhere, 1);
    assert_cache(nowhere, want);
    unsetenv("XDG_CACHE_HOME");
    setenv("ALEXNET_CACHE_DIR", nowhere, 1); /* asked for: nothing else will do */
    assert_false(base_cache_path(want, sizeof want, "x"));
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    assert_false(base_cache_path(want, sizeof want, "x"));
    unsetenv("ALEXNET_CACHE_DIR");
}

static void programs_run_where_the_mount_lets_them(void **state)
{
    static const char *const often_noexec[] = { "/dev/shm", "/proc", "/run", "/sys", "/tmp" };

    (void)state;
    assert_true(base_folder_takes_programs(test_own_folder.path));
    assert_true(base_folder_takes_programs(test_folder_path(&test_own_folder, "not/yet/there")));
    assert_false(base_folder_takes_programs(nowhere));
    assert_int_equal(chmod(test_own_folder.path, 01777),
                     0); /* as /tmp: a folder in it, not itself */
    assert_false(base_folder_takes_programs(test_own_folder.path));
    assert_true(base_folder_takes_programs(test_folder_path(&test_own_folder, "not/yet/there")));
    assert_int_equal(chmod(test_own_folder.path, 0700), 0);
    for (size_t i = 0; i < ALX_COUNT(often_noexec); ++i) {
        struct statvfs info;

        if (statvfs(often_noexec[i], &info) == 0 && (info.f_flag & ST_NOEXEC) != 0)
            assert_false(base_folder_takes_programs(often_noexec[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(private_folder_is_this_users_alone),
        cmocka_unit_test(folders_of_others_are_refused),
        cmocka_unit_test(caches_work_without_a_home),
        cmocka_unit_test(programs_run_where_the_mount_lets_them),
    };

    return cmocka_run_group_tests(tests, use_own_folder, test_own_folder_remove);
}
