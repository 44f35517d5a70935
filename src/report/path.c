/* path.c - where a file of a report lies. */
#include "report/path.h"

#include <stdio.h>

#include "alexnet/status.h"

int report_path_in(char path[PATH_MAX], const char *folder, const char *name)
{
    const int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);

    if (length < 0 || length >= PATH_MAX)
        return alx_fail(ALX_E_IO, "%.64s...: path too long", folder);
    return 0;
}
