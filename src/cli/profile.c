/* profile.c - the time of every kernel at the end of a run (ALEXNET_PROFILE=1). */
#include "cli/profile.h"

#include <stdlib.h>

int cli_profile_start(alx_device *dev)
{
    return alx_env_flag(ALX_ENV_PROFILE) ? alx_profile_start(dev) : 0;
}

int cli_profile_print(alx_device *dev)
{
    alx_profile_row *rows = NULL;
    size_t count = 0;
    double total_ms = 0.0;
    int rc = 0;

    if (dev == NULL || !alx_env_flag(ALX_ENV_PROFILE))
        return 0;
    TRY(alx_profile_take(dev, &rows, &count));
    for (size_t i = 0; i < count; ++i)
        total_ms += rows[i].total_ms;
    alx_info("%10s  %6s  %8s  %10s  %-20s  %s", "total ms", "share", "launches", "mean ms", "of",
             "kernel");
    for (size_t i = 0; i < count; ++i)
        alx_info("%10.2f  %5.1f%%  %8zu  %10.4f  %-20s  %s", rows[i].total_ms,
                 100.0 * rows[i].total_ms / total_ms, rows[i].count,
                 rows[i].total_ms / (double)rows[i].count, rows[i].label, rows[i].kernel);
done:
    free(rows);
    return rc;
}
