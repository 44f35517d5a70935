/* naming.c - how images and files are called. */
#include "data/naming.h"

#include <stdio.h>
#include <string.h>

#include "base/name_write.h"

int data_path_join(char path[DATA_PATH_BYTES], const char *folder, const char *name)
{
    size_t used = strlen(folder);

    while (used > 0 && folder[used - 1] == '/')
        --used;
    const int length = snprintf(path, DATA_PATH_BYTES, "%.*s/%s", (int)used, folder,
                                name + strspn(name, "/"));

    if (length < 0 || length >= DATA_PATH_BYTES)
        return alx_fail(ALX_E_DATA, "%.64s...: path too long", folder);
    if (length > 1 && path[length - 1] == '/')
        path[length - 1] = '\0';
    return 0;
}

void data_full_name(const alx_dataset *set, const char *path, char *name, size_t name_bytes)
{
    if (set->path[0] == '\0' || path[0] == '/') /* of a list, where paths may be absolute */
        snprintf(name, name_bytes, "%s", path);
    else
        snprintf(name, name_bytes, "%s%c%s", set->path, set->source->separator, path);
}

void data_shown_name(const alx_dataset *set, const char *path, char *name, size_t name_bytes)
{
    char full[DATA_PATH_BYTES];

    data_full_name(set, path, full, sizeof full);
    base_name_write(name, name_bytes, full, BASE_NAME_LINE);
}
