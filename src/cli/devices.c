/* devices.c - the device or two that a command computes on. */
#include "cli/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/report.h"
#include "alexnet/log.h"
#include "base/env.h"
#include "base/file.h"
#include "base/try.h"
#include "cli/ui/profile.h"

/* ---- options ------------------------------------------------------------------------------- */

#define FIELD(name) .offset = offsetof(cli_device_options, name)
#define ALL_OF(table)                                                                              \
    {                                                                                              \
        .rows = (table)                                                                            \
    }

const cli_option cli_device_row[] = {
    { "device", "D",
      "index, cpu, gpu, or part of a name of `alexnet devices`; default the first GPU, else the "
      "first device; of several ranks A,B,...: the first one of a host takes A",
      CLI_TEXT, FIELD(device) },
    CLI_END,
};

const cli_option cli_devices_row[] = {
    { "devices", "A,B",
      "two devices for a network of two towers, one tower on each; of several ranks two for each",
      CLI_TEXT, FIELD(devices) },
    CLI_END,
};

const cli_option cli_threads_row[] = {
    { "threads", "N", "cores that a CPU device may use; default all", CLI_INT, FIELD(threads),
      .most = 4096 },
    CLI_END,
};

const cli_option cli_algorithm_rows[] = {
    { "conv-algo", "A", "convolution: auto, im2col, vec, winograd, tile, tile-winograd, tuned",
      CLI_TEXT, FIELD(conv_algo) },
    { "gemm", "A", "matrix products: auto, clblast, vec, tile, tuned", CLI_TEXT, FIELD(gemm) },
    CLI_END,
};

const cli_option cli_exact_row[] = {
    { "exact", NULL, "direct algorithms only, none that trade accuracy for speed", CLI_FLAG,
      FIELD(exact) },
    CLI_END,
};

const cli_option cli_timeout_row[] = {
    { "timeout", "SECONDS",
      "give up when a device has not answered for so long; default never. More than a step takes",
      CLI_INT, FIELD(timeout) },
    CLI_END,
};

const cli_option cli_trace_row[] = {
    { "trace", "FILE", "write when every kernel and transfer ran, for ui.perfetto.dev", CLI_TEXT,
      FIELD(trace) },
    CLI_END,
};

const cli_option cli_compute_rows[] = {
    ALL_OF(cli_device_row),  ALL_OF(cli_devices_row),
    ALL_OF(cli_threads_row), ALL_OF(cli_algorithm_rows),
    ALL_OF(cli_exact_row),   ALL_OF(cli_timeout_row),
    ALL_OF(cli_trace_row),   CLI_END,
};

int cli_algorithms(alx_algorithms *out, const cli_device_options *options)
{
    *out = (alx_algorithms){ .exact = options->exact };
    if (options->conv_algo != NULL)
        TRY(alx_fail_context(alx_conv_algo_parse(&out->conv, options->conv_algo), "--conv-algo"));
    if (out->exact && !alx_conv_algo_is_exact(out->conv))
        TRY(alx_fail(ALX_E_USAGE, "--exact excludes --conv-algo %s",
                     alx_conv_algo_name(out->conv)));
    if (options->gemm != NULL)
        TRY(alx_fail_context(alx_gemm_algo_parse(&out->gemm, options->gemm), "--gemm"));
    return 0;
}

/* A step that takes a CPU a tenth of a second. */
#define WORTH_TUNING_FLOPS 5e10

void cli_set_environment(int threads)
{
    alx_driver_setting settings[ALX_MOST_SETTINGS];
    const size_t count = alx_driver_settings(settings, threads);

    for (size_t i = 0; i < count; ++i)
        setenv(settings[i].name, settings[i].value, 0);
}

/* ---- opening ------------------------------------------------------------------------------- */

typedef char device_name[ALX_DEVICE_NAME_BYTES];

/* A name alone may have a comma in it. @return of how many devices; < 0: what is wrong */
static int find_names(device_name names[ALX_MAX_TOWERS], const cli_devices *devices,
                      const cli_device_options *options)
{
    const int place = alx_comm_place(devices->comm);
    const int places = devices->comm != NULL ? alx_comm_places(devices->comm) : 0;

    if (options->device != NULL && options->devices != NULL)
        return alx_fail(ALX_E_USAGE, "--device names one, --devices two: choose one");
    if (options->devices != NULL) {
        TRY(alx_fail_context(
            alx_device_names(names, ALX_MAX_TOWERS, options->devices, place, places), "--devices"));
        return ALX_MAX_TOWERS;
    }
    if (options->device != NULL && places > 0)
        TRY(alx_fail_context(alx_device_names(names, 1, options->device, place, places),
                             "--device"));
    return 1;
}

int cli_find_devices(cli_devices *devices, const cli_device_options *options)
{
    /* this program, started by itself, builds kernels */
    const alx_device_options open = { options->threads, "/proc/self/exe" };
    device_name names[ALX_MAX_TOWERS] = { "" };
    const char *which[ALX_MAX_TOWERS];
    const int count = find_names(names, devices, options);

    TRY(count < 0 ? count : 0);
    for (int i = 0; i < count; ++i)
        which[i] = names[i][0] != '\0' ? names[i] : options->device;
    TRY(cli_algorithms(&devices->asked, options));
    cli_set_environment(options->threads);
    TRY(alx_devices_open(devices->dev, which, count, &open));
    devices->count = count;
    for (int i = 0; i < count; ++i) {
        TRY(alx_rows_of_device(&devices->rows[i], alx_device_get_info(devices->dev[i]),
                               devices->rows_path));
        devices->resolved[i] = alx_algorithms_resolve(devices->asked, devices->dev[i],
                                                      devices->rows[i]);
    }
    return 0;
}

/* " (tower 1)" where there are two. */
static const char *of_tower(const cli_devices *devices, int tower)
{
    return devices->count == 1 ? "" : tower == 0 ? " (tower 0)" : " (tower 1)";
}

/* Of rows that are there, or should be. */
static void print_rows(const alx_rows *rows, const char *of)
{
    const alx_rows_counts counts = alx_rows_count(rows);
    const char *path = alx_rows_path(rows);

    if (base_env(BASE_ENV_TUNING) != NULL && path[0] != '\0' && !base_file_exists(path))
        alx_info("tuning      %s is not there: no rows%s", path, of);
    if (counts.user + counts.shipped + counts.stale > 0)
        alx_info("tuning      rows: %zu of %s, %zu shipped, %zu of another driver or other "
                 "kernels%s",
                 counts.user, path, counts.shipped, counts.stale, of);
}

static void print_head(const cli_devices *devices)
{
    const alx_algorithms *first = &devices->resolved[0];
    bool alike = true;

    for (int i = 0; i < devices->count; ++i) {
        const alx_algorithms *a = &devices->resolved[i];

        alike = alike && a->conv == first->conv && a->gemm == first->gemm;
        if (devices->count == 1)
            alx_info("device      %s", alx_device_describe(devices->dev[i]));
        else
            alx_info("tower %d     device %d: %s", i, alx_device_get_info(devices->dev[i])->index,
                     alx_device_describe(devices->dev[i]));
    }
    alx_cores_log();
    for (int i = 0; i < devices->count; ++i)
        print_rows(devices->rows[i], of_tower(devices, i));
    alx_info("libraries   %s", alx_rt_libraries());
    for (int i = 0; i < (alike ? 1 : devices->count); ++i)
        alx_info("algorithms  conv %s, gemm %s%s", alx_conv_algo_name(devices->resolved[i].conv),
                 alx_gemm_algo_name(devices->resolved[i].gemm), alike ? "" : of_tower(devices, i));
}

int cli_hint_tuning(const cli_devices *devices, const alx_config *config)
{
    const alx_rows *rows = devices->rows[0];
    const alx_chooser by = alx_chooser_of(devices->dev[0], rows, devices->asked);
    const int batch = alx_pass_images(&config->train);
    bool untuned = false;
    alx_cost cost;

    if (devices->asked.conv != ALX_CONV_AUTO || devices->asked.exact ||
        alx_rows_path(rows)[0] == '\0')
        return 0;
    TRY(alx_net_cost(&cost, &config->net));
    TRY(alx_net_is_untuned(&untuned, &config->net, batch, &by));
    if (untuned && 6.0 * (double)cost.macs * batch > WORTH_TUNING_FLOPS)
        alx_info("hint        no tuning rows of %s for this device%s: `alexnet tune %s`, run once, "
                 "may speed it up",
                 config->name,
                 alx_rows_count(rows).stale > 0 ? ", its driver and these kernels" : "",
                 config->name);
    return 0;
}

static void give_up(const alx_device_info *device, double seconds, void *user)
{
    (void)user;
    cli_abandon(alx_fail(ALX_E_DEVICE,
                         "device %d (%s) has not answered for %.0f s (--timeout): it hangs, or a "
                         "device that it waits for does; checkpoints are those of before",
                         device->index, device->name, seconds));
}

int cli_open_devices(cli_devices *devices, const cli_device_options *options)
{
    if (options->trace != NULL)
        TRY(alx_timeline_check(options->trace));
    TRY(cli_find_devices(devices, options));
    devices->trace = options->trace;
    for (int i = 0; i < devices->count; ++i) {
        TRY(cli_profile_start(devices->dev[i]));
        if (devices->trace != NULL)
            TRY(alx_timeline_start(devices->dev[i]));
    }
    if (options->timeout > 0)
        TRY(alx_watch_start(options->timeout, give_up, NULL));
    print_head(devices);
    return 0;
}

static int write_outputs(const cli_devices *devices)
{
    if (devices->trace != NULL && devices->count > 0)
        TRY(alx_timeline_write(devices->trace, devices->dev, devices->count));
    return cli_profile_print(devices->dev, devices->count);
}

int cli_close_devices(cli_devices *devices, int rc)
{
    char why[4096]; /* the outputs' own failures take its place */

    snprintf(why, sizeof why, "%s", alx_status_text(rc));
    const int written = write_outputs(devices);

    if (written != 0 && rc != 0)
        alx_warn("%s", alx_status_text(written));
    if (rc != 0)
        alx_fail(rc, "%s", why);
    for (int i = 0; i < devices->count; ++i) {
        alx_rows_close(devices->rows[i]);
        alx_device_close(devices->dev[i]);
    }
    alx_watch_stop();
    devices->count = 0;
    return rc != 0 ? rc : written;
}
