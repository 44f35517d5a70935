/* profile.c - the time of every kernel and transfer at the end of a run (ALEXNET_PROFILE=1). */
#include "cli/ui/profile.h"

#include <stdlib.h>

#include "alexnet/log.h"
#include "base/env.h"
#include "base/format.h"
#include "base/try.h"

int cli_profile_start(alx_device *dev)
{
    return base_env_flag(BASE_ENV_PROFILE) ? alx_profile_start(dev) : 0;
}

static void print_kernels(const alx_profile_row *rows, size_t count)
{
    double total_ms = 0.0;

    for (size_t i = 0; i < count; ++i)
        total_ms += rows[i].transfer ? 0.0 : rows[i].total_ms;
    alx_info("%10s  %6s  %8s  %10s  %-20s  %s", "total ms", "share", "launches", "mean ms", "of",
             "kernel");
    for (size_t i = 0; i < count; ++i)
        if (!rows[i].transfer)
            alx_info("%10.2f  %5.1f%%  %8zu  %10.4f  %-20s  %s", rows[i].total_ms,
                     100.0 * rows[i].total_ms / total_ms, rows[i].count,
                     rows[i].total_ms / (double)rows[i].count, rows[i].label, rows[i].kernel);
}

/* Overwrites the rows. */
static void print_transfers(alx_profile_row *rows, size_t count)
{
    const size_t merged = alx_profile_transfers(rows, count);

    if (merged > 0)
        alx_info("%10s  %6s  %15s  %s", "total ms", "hidden", "bytes", "transfer to this device");
    for (size_t i = 0; i < merged; ++i)
        alx_info("%10.2f  %5.1f%%  %15s  %s", rows[i].total_ms,
                 rows[i].total_ms > 0.0 ? 100.0 * rows[i].hidden_ms / rows[i].total_ms : 0.0,
                 base_format_count(rows[i].bytes).text, rows[i].label);
}

int cli_profile_print(alx_device *const *devs, int count)
{
    const enum alx_log_level level = alx_log_get_level();
    alx_profile_row *rows = NULL;
    size_t row_count = 0;
    int rc = 0;

    if (!base_env_flag(BASE_ENV_PROFILE))
        return 0;
    if (level < ALX_LOG_INFO) /* asked for, with --quiet too */
        alx_log_set_level(ALX_LOG_INFO);
    for (int i = 0; i < count; ++i) {
        TRY_DONE(alx_profile_take(devs[i], &rows, &row_count));
        if (count > 1)
            alx_info("tower %d, device %d", i, alx_device_get_info(devs[i])->index);
        print_kernels(rows, row_count);
        print_transfers(rows, row_count);
        free(rows);
        rows = NULL;
    }
done:
    alx_log_set_level(level);
    return rc;
}
