/* find.c - which checkpoint of a run is meant. */
#include <stdio.h>
#include <string.h>

#include "alexnet/dev/train.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/try.h"

int alx_checkpoint_find(char path[PATH_MAX], const char *given, const char *name)
{
    const char *const names[] = { name, ALX_CHECKPOINT_LAST };

    if (!base_path_is_folder(given)) {
        if (snprintf(path, PATH_MAX, "%s", given) < PATH_MAX)
            return 0;
        return alx_fail(ALX_E_DATA, "%.64s...: path too long", given);
    }
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        TRY(base_path_in(path, given, names[i]));
        if (!base_file_exists(path))
            continue;
        if (i > 0)
            alx_info("%s has no %s yet: %s is used", given, name, names[i]);
        return 0;
    }
    return alx_fail(ALX_E_DATA, "%s: no %s in this folder, so not a run", given, name);
}

/* A last checkpoint that is damaged is not the end of a run that has a best one. */
int alx_checkpoint_read_last(alx_checkpoint *checkpoint, const char *path)
{
    const char *name = base_path_base(path);
    char best[PATH_MAX];
    const int rc = alx_checkpoint_read(checkpoint, path);

    snprintf(best, sizeof best, "%.*s%s", (int)(name - path), path, ALX_CHECKPOINT_BEST);
    if (rc != ALX_E_DATA || strcmp(name, ALX_CHECKPOINT_LAST) != 0 || !base_file_exists(best))
        return rc;
    return alx_fail_hint(rc, "; to go on from the best epoch: --resume %s", best);
}

int alx_checkpoint_data(const char **path, const char *given, const alx_checkpoint *checkpoint,
                        const char *checkpoint_path)
{
    *path = given != NULL ? given : checkpoint->config.data.path;
    if (given != NULL || (*path)[0] == '\0' || base_file_exists(*path))
        return 0;
    return alx_fail(ALX_E_DATA,
                    "%s: not there%s, but %s was trained on it: say where the data are "
                    "with --data DIR",
                    *path, (*path)[0] != '/' ? " in this folder" : "", checkpoint_path);
}
