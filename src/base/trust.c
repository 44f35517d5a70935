/* trust.c - what others may have put into a folder that they can reach. */
#define _GNU_SOURCE /* S_ISVTX and friends, lstat, statfs */
#include "base/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/try.h"

#define MOST_LINKS 40 /* as the kernel */

bool base_others_may_write(const struct stat *info)
{
    return (info->st_mode & S_IWOTH) != 0 ||
           ((info->st_mode & S_IWGRP) != 0 && info->st_gid != getegid());
}

static bool is_trusted(const struct stat *info)
{
    return (info->st_uid == geteuid() || info->st_uid == 0) && !base_others_may_write(info);
}

bool base_path_is_trusted(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && is_trusted(&info);
}

int base_open_trusted(const char *path)
{
    struct stat info;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not wait */

    if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && is_trusted(&info))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool link_is_trusted(const char *path)
{
    char folder[PATH_MAX];
    struct stat link, place;

    if (base_path_folder(folder, sizeof folder, path) != 0 || lstat(path, &link) != 0 ||
        stat(folder, &place) != 0)
        return false;
    return !base_others_may_write(&place) || link.st_uid == geteuid() ||
           link.st_uid == place.st_uid;
}

/* A link of /proc, which only the kernel makes, to an open pipe or socket: "pipe:[8123]" is no name
 * that can be opened. */
static bool is_nameless(const char *path, const char *target)
{
    char folder[PATH_MAX];
    struct statfs place;

    return strstr(target, ":[") != NULL && base_path_folder(folder, sizeof folder, path) == 0 &&
           statfs(folder, &place) == 0 && place.f_type == PROC_SUPER_MAGIC;
}

/* Puts what a link names in the place of its name. */
static int replace_name(char path[PATH_MAX], const char *target)
{
    char *slash = target[0] != '/' ? strrchr(path, '/') : NULL;
    char *name = slash != NULL ? slash + 1 : path;
    const size_t length = strlen(target);

    if ((size_t)(name - path) + length >= PATH_MAX)
        return alx_fail(ALX_E_IO, "%.64s...: path too long", path);
    memcpy(name, target, length + 1);
    return 0;
}

/* @param nameless  whether the path leads to, and ends at, what is_nameless tells of */
static int follow_links(char path[PATH_MAX], bool *nameless)
{
    char target[PATH_MAX];
    ssize_t length = 0;

    *nameless = false;
    for (int links = 0; (length = readlink(path, target, sizeof target - 1)) > 0; ++links) {
        target[length] = '\0';
        if (links == MOST_LINKS)
            return alx_fail(ALX_E_IO, "%s: cannot be written: %s", path, strerror(ELOOP));
        if (!link_is_trusted(path))
            return alx_fail(ALX_E_IO,
                            "%s: cannot be written: it is another user's link in a folder that "
                            "others may write to; name the file that is meant, %s",
                            path, target);
        *nameless = is_nameless(path, target);
        if (*nameless)
            return 0;
        TRY(replace_name(path, target));
    }
    return 0;
}

int base_follow_links(char path[PATH_MAX])
{
    bool nameless = false;

    return follow_links(path, &nameless);
}

int base_open_output(int *fd, const char *path, int flags)
{
    char place[PATH_MAX];
    bool nameless = false;

    if (snprintf(place, sizeof place, "%s", path) >= (int)sizeof place)
        return alx_fail(ALX_E_IO, "%.64s...: path too long", path);
    TRY(follow_links(place, &nameless));
    *fd = open(place, flags | (nameless ? 0 : O_NOFOLLOW) | O_CLOEXEC, 0666);
    return *fd >= 0 ? 0 : alx_fail(ALX_E_IO, "%s: cannot be written: %s", path, strerror(errno));
}
