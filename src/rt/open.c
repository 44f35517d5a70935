/* open.c - opening a device: its context, its queue, its name for messages. */
#include "rt/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/try.h"
#include "rt/program/program.h"

/* ---- open and close ------------------------------------------------------------------------ */

/* Cores of the sub-device that keeps to the limit, or 0 where none is needed. */
static int threads_to_partition(const alx_device_info *info, int threads)
{
    if (info->type != ALX_DEVICE_CPU || threads <= 0 || (unsigned)threads >= info->compute_units ||
        (info->quirks & ALX_QUIRK_COUNTS_ALL_CORES) != 0)
        return 0;
    return threads;
}

/* `dev` gets the whole device, its `core`-th core, or `threads` of its cores. */
static int device_take(alx_device *dev, const rt_device_entry *entry, int core, int threads)
{
    const int limit = core >= 0 ? 0 : threads_to_partition(&entry->info, threads);

    dev->info = entry->info;
    dev->platform = entry->platform;
    dev->info.core = core;
    dev->id = entry->id;
    if (core >= 0 || limit > 0)
        TRY(rt_device_take_part(dev, core, limit));
    rt_device_info_query(&dev->info, dev->id);
    if (core >= 0) {
        const size_t length = strlen(dev->info.name);

        snprintf(dev->info.name + length, sizeof dev->info.name - length, ", core %d", core);
    }
    return 0;
}

static void device_describe(alx_device *dev)
{
    const alx_device_info *info = &dev->info;
    /* PoCL appends how it was built after two blanks. */
    const char *extra = strstr(info->platform_version, "  ");
    const int length = extra != NULL ? (int)(extra - info->platform_version)
                                     : (int)strlen(info->platform_version);

    snprintf(dev->description, sizeof dev->description,
             "%s | %s | driver %s | %.*s | %u compute unit%s", info->platform, info->name,
             info->driver, length, info->platform_version, info->compute_units,
             info->compute_units == 1 ? "" : "s");
}

/* A handle on the device that `which` names, without context and queue. */
static int device_find(alx_device **out, const rt_device_entry *list, size_t count,
                       const char *which, const alx_device_options *options)
{
    const rt_device_entry *entry = NULL;
    alx_device *dev = calloc(1, sizeof *dev);
    int core = -1, rc = 0;

    *out = NULL;
    if (dev == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a device");
    dev->label = "";
    dev->compiler = options->compiler;
    dev->sync = base_env_flag(BASE_ENV_SYNC);
    TRY_DONE(rt_fault_read(&dev->fault));
    TRY_DONE(rt_devices_choose(&entry, &core, list, count, which));
    TRY_DONE(rt_drivers_check(&entry->info));
    TRY_DONE(device_take(dev, entry, core, options->threads));
    device_describe(dev);
    *out = dev;
    dev = NULL;
done:
    alx_device_close(dev);
    return rc;
}

int alx_devices_open(alx_device **devs, const char *const *which, int count,
                     const alx_device_options *options)
{
    const alx_device_options usual = { 0 };
    rt_device_entry *list = NULL;
    size_t list_count = 0;
    int rc = 0;

    if (count < 1 || count > ALX_MAX_DEVICES)
        return alx_fail(ALX_E_USAGE, "%d devices: from 1 to %d are opened together", count,
                        ALX_MAX_DEVICES);
    for (int i = 0; i < count; ++i)
        devs[i] = NULL;
    TRY_DONE(rt_devices_enumerate(&list, &list_count));
    for (int i = 0; i < count; ++i)
        TRY_DONE(
            device_find(&devs[i], list, list_count, which[i], options != NULL ? options : &usual));
    TRY_DONE(rt_contexts_create(devs, count));
    for (int i = 0; i < count; ++i)
        TRY_DONE(rt_queue_create(&devs[i]->queue, devs[i]));
done:
    free(list);
    for (int i = 0; i < count && rc != 0; ++i) {
        alx_device_close(devs[i]);
        devs[i] = NULL;
    }
    return rc;
}

int alx_device_open(alx_device **out, const char *which, const alx_device_options *options)
{
    return alx_devices_open(out, &which, 1, options);
}

void alx_device_close(alx_device *dev)
{
    if (dev == NULL || dev->builds_on)
        return;
    rt_queue_release(&dev->sends);
    rt_queue_release(&dev->receives);
    rt_queue_release(&dev->queue);
    rt_profile_free(dev->profile);
    while (dev->programs != NULL) {
        rt_program *program = dev->programs;

        dev->programs = program->next;
        rt_program_free(program);
    }
    rt_context_release(dev->context);
    free(dev);
}

/* ---- the rest ------------------------------------------------------------------------------ */

const alx_device_info *alx_device_get_info(const alx_device *dev)
{
    return &dev->info;
}

const char *alx_device_describe(const alx_device *dev)
{
    return dev->description;
}

void alx_device_set_label(alx_device *dev, const char *label)
{
    dev->label = label != NULL ? label : "";
}
