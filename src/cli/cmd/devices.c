/* devices.c - the flat list of OpenCL devices over all platforms. */
#include "cli/devices.h"
#include "alexnet/algorithms.h"
#include "alexnet/dev/report.h"
#include "alexnet/dev/rows.h"
#include "alexnet/dev/rt.h"
#include "alexnet/log.h"
#include "base/format.h"
#include "base/try.h"
#include "cli/cli.h"
#include "cli/ui/json.h"
#include "cli/ui/output.h"

typedef struct devices_options {
    cli_line line;
    bool json;
} devices_options;

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- text ---------------------------------------------------------------------------------- */

static int wider(int width, const char *text)
{
    const int length = (int)strlen(text);

    return length > width ? length : width;
}

/* Names below the numbers, for a terminal on which the table does not fit. */
static void print_narrow(const alx_device_info *list, size_t count)
{
    printf(" #  type   units     memory    largest\n");
    for (size_t i = 0; i < count; ++i) {
        const alx_device_info *d = &list[i];

        printf("%2d  %-5s  %5u  %9s  %9s\n    %s\n    %s, driver %s\n", d->index,
               alx_device_type_name(d->type), d->compute_units,
               base_format_bytes(d->global_bytes).text, base_format_bytes(d->max_alloc_bytes).text,
               d->name, d->platform, d->driver);
    }
}

static void print_table(const alx_device_info *list, size_t count)
{
    const int columns = cli_columns(STDOUT_FILENO, 0);
    int name = (int)strlen("device"), platform = (int)strlen("platform");
    int driver = (int)strlen("driver");

    for (size_t i = 0; i < count; ++i) {
        name = wider(name, list[i].name);
        platform = wider(platform, list[i].platform);
        driver = wider(driver, list[i].driver);
    }
    if (columns > 0 && columns < name + platform + driver + 44) {
        print_narrow(list, count);
        return;
    }
    printf(" #  type   units     memory    largest  %-*s  %-*s  %s\n", name, "device", platform,
           "platform", "driver");
    for (size_t i = 0; i < count; ++i) {
        const alx_device_info *d = &list[i];

        printf("%2d  %-5s  %5u  %9s  %9s  %-*s  %-*s  %s\n", d->index,
               alx_device_type_name(d->type), d->compute_units,
               base_format_bytes(d->global_bytes).text, base_format_bytes(d->max_alloc_bytes).text,
               name, d->name, platform, d->platform, d->driver);
    }
}

static int print_details(const alx_device_info *d)
{
    alx_rows *rows = NULL;
    int rc = 0;

    TRY_DONE(alx_rows_of_device(&rows, d, NULL));
    const alx_rows_counts counts = alx_rows_count(rows);

    printf("device %d\n"
           "  name            %s\n"
           "  type            %s\n"
           "  vendor          %s\n"
           "  version         %s\n"
           "  driver          %s\n"
           "  platform        %s\n"
           "  platform's      %s\n"
           "  compute units   %u\n"
           "  memory          %s\n"
           "  largest buffer  %s\n"
           "  local memory    %s\n"
           "  largest group   %zu\n"
           "  tuning rows     %zu tuned, %zu shipped, %zu of another driver or other kernels\n",
           d->index, d->name, alx_device_type_name(d->type), d->vendor, d->version, d->driver,
           d->platform, d->platform_version, d->compute_units,
           base_format_bytes(d->global_bytes).text, base_format_bytes(d->max_alloc_bytes).text,
           base_format_bytes(d->local_bytes).text, d->max_group, counts.user, counts.shipped,
           counts.stale);
done:
    alx_rows_close(rows);
    return rc;
}

/* ---- the command --------------------------------------------------------------------------- */

static int print_list(const alx_device_info *list, size_t count, const devices_options *options)
{
    char *json = NULL;

    if (options->json)
        return cli_print_json(alx_devices_json(&json, list, count), &json);
    if (options->line.verbose) {
        for (size_t i = 0; i < count; ++i)
            TRY(print_details(&list[i]));
        TRY(alx_drivers_print(stdout));
    } else {
        print_table(list, count);
    }
    return 0;
}

/* What the loader sees, then the failure to list any device. */
static int explain(int failure)
{
    char text[4096];

    snprintf(text, sizeof text, "%s", alx_status_text(failure));
    if (alx_log_get_level() >= ALX_LOG_INFO && alx_drivers_print(stderr) != 0)
        return ALX_E_MEMORY;
    return alx_fail(failure, "%s", text);
}

static int devices_run(const void *given)
{
    const devices_options *options = given;
    alx_device_info *list = NULL;
    size_t count = 0;
    int rc = 0;

    cli_set_environment(0);
    rc = alx_devices_list(&list, &count);

    if (rc == ALX_E_DEVICE)
        return explain(rc);
    TRY_DONE(rc);
    TRY_DONE(print_list(list, count, options));
    alx_cores_log();
    TRY_DONE(alx_drivers_warn());
done:
    free(list);
    return rc;
}

#define FIELD(name) .offset = offsetof(devices_options, name)

static const cli_option devices_rows[] = {
    { CLI_ROWS(cli_json_row, devices_options, json) },
    CLI_END,
};

const cli_command cli_cmd_devices = {
    .name = "devices",
    .summary = "list the OpenCL devices of all platforms",
    .arguments = "",
    .max_args = 0,
    .examples = "alexnet devices\n"
                "alexnet devices --json\n",
    .details = "The number in front is what --device takes; so does part of a name. A CPU's "
               "units are the cores that this process may use. Where a device is missing, -v "
               "prints, after all that is known of each device, which drivers OpenCL's loader "
               "is told of, why one does not load, and why a platform has no device. Where "
               "there is no device at all, this is said without -v.",
    .options = devices_rows,
    .options_bytes = sizeof(devices_options),
    .run = devices_run,
};
