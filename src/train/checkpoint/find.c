/* find.c - which checkpoint of a run is meant. */
#include <stdio.h>

#include "alexnet/dev/train.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/try.h"

static int print_path(char path[PATH_MAX], const char *folder, const char *slash, const char *name)
{
    if (snprintf(path, PATH_MAX, "%s%s%s", folder, slash, name) < PATH_MAX)
        return 0;
    return alx_fail(ALX_E_DATA, "%.64s...: path too long", folder);
}

int alx_checkpoint_find(char path[PATH_MAX], const char *given, const char *name)
{
    const char *const names[] = { name, ALX_CHECKPOINT_LAST };

    if (!base_path_is_folder(given))
        return print_path(path, given, "", "");
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {

        TRY(print_path(path, given, "/", names[i]));
        if (!base_file_exists(path))
            continue;
        if (i > 0)
            alx_info("%s has no %s yet: %s is used", given, name, names[i]);
        return 0;
    }
    return alx_fail(ALX_E_DATA, "%s: no %s in this folder, so not a run", given, name);
}
