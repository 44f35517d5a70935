/* unread.c - why a file cannot be read: what the system says, and a name like it that is there. */
#include "base/unread.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

#define MOST_NAMES 4096 /* of a folder that are looked at */

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Of what lies beside it: the name that the missing one is like. */
static bool find_like(char found[NAME_MAX + 1], const char *folder, const char *missing)
{
    const char *names[MOST_NAMES], *near = NULL;
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_visible, alphasort);

    for (int i = 0; i < count && i < MOST_NAMES; ++i)
        names[i] = entries[i]->d_name;
    if (count > 0)
        near = base_nearest(missing, names, (size_t)(count < MOST_NAMES ? count : MOST_NAMES));
    if (near != NULL)
        snprintf(found, NAME_MAX + 1, "%s", near);
    for (int i = 0; i < count; ++i)
        free(entries[i]);
    free(entries);
    return near != NULL;
}

int base_fail_unread(const char *path, const char *what)
{
    const int error = errno;
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    char folder[PATH_MAX], like[NAME_MAX + 1];

    if (error == ENOENT && name[0] != '\0' &&
        snprintf(folder, sizeof folder, "%.*s.", (int)(name - path), path) < PATH_MAX &&
        find_like(like, folder, name))
        return alx_fail(ALX_E_DATA, "%s: %s: %s (did you mean %.*s%s?)", path, what,
                        strerror(error), (int)(name - path), path, like);
    return alx_fail(ALX_E_DATA, "%s: %s: %s", path, what, strerror(error));
}
