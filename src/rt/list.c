/* list.c - the flat list of devices over all platforms. */
#include "rt/device.h"

#include <stdlib.h>
#include <string.h>

#include "base/cpus.h"
#include "base/try.h"

static void limit_units(alx_device_info *info)
{
    const unsigned allowed = (unsigned)base_cpu_count();

    if ((info->quirks & ALX_QUIRK_COUNTS_ALL_CORES) != 0 && info->type == ALX_DEVICE_CPU &&
        info->compute_units > allowed)
        info->compute_units = allowed;
}

static int list_add_platform(rt_device_entry **list, size_t *count, cl_platform_id platform)
{
    cl_device_id ids[64];
    cl_uint id_count = 0;

    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, ALX_COUNT(ids), ids, &id_count) != CL_SUCCESS)
        return 0; /* a platform without devices */
    if (id_count > ALX_COUNT(ids))
        id_count = ALX_COUNT(ids);
    rt_device_entry *grown = realloc(*list, (*count + id_count) * sizeof **list);

    if (grown == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the list of devices");
    *list = grown;
    for (cl_uint i = 0; i < id_count; ++i) {
        if (!rt_device_usable(ids[i]))
            continue;
        rt_device_entry *entry = &grown[*count];

        *entry = (rt_device_entry){ .platform = platform, .id = ids[i] };
        entry->info.index = (int)(*count)++;
        entry->info.core = -1;
        rt_device_info_query(&entry->info, ids[i]);
        rt_platform_text(platform, CL_PLATFORM_NAME, entry->info.platform,
                         sizeof entry->info.platform);
        rt_platform_text(platform, CL_PLATFORM_VERSION, entry->info.platform_version,
                         sizeof entry->info.platform_version);
        entry->info.quirks = rt_quirks_find(&entry->info);
        limit_units(&entry->info);
    }
    return 0;
}

int rt_devices_enumerate(rt_device_entry **list, size_t *count)
{
    cl_platform_id platforms[RT_MAX_PLATFORMS];
    const cl_uint platform_count = rt_platforms_find(platforms);
    rt_device_entry *found = NULL;
    int rc = 0;

    *list = NULL;
    *count = 0;
    for (cl_uint i = 0; i < platform_count; ++i)
        TRY_DONE(list_add_platform(&found, count, platforms[i]));
    if (*count == 0)
        TRY_DONE(rt_platforms_fail());
    *list = found;
    found = NULL;
done:
    free(found);
    return rc;
}

int alx_devices_list(alx_device_info **list, size_t *count)
{
    rt_device_entry *entries = NULL;
    alx_device_info *infos = NULL;
    int rc = 0;

    *list = NULL;
    TRY_DONE(rt_devices_enumerate(&entries, count));
    infos = malloc(*count * sizeof *infos);
    if (infos == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for the list of devices");
        goto done;
    }
    for (size_t i = 0; i < *count; ++i)
        infos[i] = entries[i].info;
    *list = infos;
done:
    free(entries);
    return rc;
}
