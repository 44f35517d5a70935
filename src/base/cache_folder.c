/* cache_folder.c - where what can be computed again is kept: the user's cache folder or, where that
 * cannot be written, a folder for temporary files that only this user can write. */
#define _GNU_SOURCE /* ST_NOEXEC, S_ISVTX */
#include "base/cache_folder.h"

#include <limits.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "alexnet/export.h"
#include "alexnet/log.h"
#include "base/env.h"
#include "base/file.h"
#include "base/trust.h"

#define PASSWD_BYTES 4096 /* of a line of the list of users; it may be asked by several threads */

/* ---- a folder of this user alone ----------------------------------------------------------- */

/* Whether nobody else can put another folder in the place of ours. */
static bool parent_is_safe(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return false;
    if (info.st_uid != 0 && info.st_uid != geteuid())
        return false;
    return !base_others_may_write(&info) || (info.st_mode & S_ISVTX) != 0;
}

/* Another user may have made it, or a link of this name, before. */
static bool folder_is_ours(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static bool folder_runs_programs(const char *path)
{
    struct statvfs info;

    return statvfs(path, &info) == 0 && (info.f_flag & ST_NOEXEC) == 0;
}

bool base_private_folder(char *path, size_t path_bytes)
{
    const char *const parents[] = { getenv("TMPDIR"), "/tmp", "/var/tmp", "/dev/shm" };

    for (size_t i = 0; i < ALX_COUNT(parents); ++i) {
        const char *parent = parents[i];

        if (parent == NULL || parent[0] != '/' || !parent_is_safe(parent))
            continue;
        const int length = snprintf(path, path_bytes, "%s/alexnet-%ld", parent, (long)geteuid());

        if (length <= 0 || (size_t)length >= path_bytes)
            continue;
        mkdir(path, S_IRWXU); /* a failure shows in what comes next */
        if (folder_is_ours(path) && base_folder_takes_programs(path))
            return true;
    }
    return false;
}

bool base_folder_takes_programs(const char *path)
{
    char part[PATH_MAX];

    return base_mkdirs_check(path) == 0 && base_path_nearest(part, sizeof part, path) == 0 &&
           folder_runs_programs(part) &&
           (strcmp(part, path) == 0 ? base_path_is_trusted(part) : parent_is_safe(part));
}

/* ---- the cache ----------------------------------------------------------------------------- */

/* `name` in `parent` */
static bool folder_make(char *folder, size_t folder_bytes, const char *parent, const char *name)
{
    const int length = snprintf(folder, folder_bytes, "%s%s", parent, name);

    return length > 0 && (size_t)length < folder_bytes && base_mkdirs(folder) == 0;
}

/* Home is that of the environment, else of the list of users. */
static bool folder_make_at_home(char *folder, size_t folder_bytes, const char *name)
{
    const char *home = getenv("HOME");
    struct passwd user, *found = NULL;
    char room[PASSWD_BYTES];

    if ((home == NULL || home[0] == '\0') &&
        getpwuid_r(geteuid(), &user, room, sizeof room, &found) == 0 && found != NULL)
        home = found->pw_dir;
    return home != NULL && home[0] == '/' && folder_make(folder, folder_bytes, home, name);
}

/* Once: it is asked for with every kernel. @return false */
static bool warn_of_wanted(const char *wanted)
{
    static atomic_flag warned = ATOMIC_FLAG_INIT;

    if (!atomic_flag_test_and_set(&warned))
        alx_warn("ALEXNET_CACHE_DIR=%s is no folder that can be made: nothing is cached", wanted);
    return false;
}

static bool cache_folder(char *folder, size_t folder_bytes)
{
    const char *wanted = base_env(BASE_ENV_CACHE_DIR), *xdg = getenv("XDG_CACHE_HOME");

    if (wanted != NULL && strcmp(wanted, "off") == 0)
        return false;
    if (wanted != NULL)
        return folder_make(folder, folder_bytes, wanted, "") || warn_of_wanted(wanted);
    if (xdg != NULL && xdg[0] == '/' && folder_make(folder, folder_bytes, xdg, "/alexnet"))
        return true;
    return folder_make_at_home(folder, folder_bytes, "/.cache/alexnet") ||
           base_private_folder(folder, folder_bytes);
}

bool base_cache_path(char *path, size_t path_bytes, const char *name)
{
    char folder[PATH_MAX];
    int length = 0;

    if (!cache_folder(folder, sizeof folder))
        return false;
    length = snprintf(path, path_bytes, "%s/%s", folder, name);
    return length > 0 && (size_t)length < path_bytes;
}
