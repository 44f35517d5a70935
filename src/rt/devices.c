/* devices.c - the flat list of devices over all platforms. */
#include "rt/runtime.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

/* ---- what a device says of itself ---------------------------------------------------------- */

/* Drivers pad names with blanks on either side. */
static void text_trim(char *text)
{
    const size_t lead = strspn(text, " ");
    size_t length = strlen(text);

    memmove(text, text + lead, length - lead + 1);
    length -= lead;
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
}

/* Keeps the answer to a query, "?" if it failed; cut to `bytes`. */
static void text_keep(char *text, size_t bytes, const char *answer, cl_int code)
{
    snprintf(text, bytes, "%.*s", (int)bytes - 1, code == CL_SUCCESS ? answer : "?");
    text_trim(text);
}

static void device_text(cl_device_id id, cl_device_info what, char *text, size_t bytes)
{
    char answer[1024] = "";
    const cl_int code = clGetDeviceInfo(id, what, sizeof answer, answer, NULL);

    text_keep(text, bytes, answer, code);
}

void rt_platform_text(cl_platform_id id, cl_platform_info what, char *text, size_t bytes)
{
    char answer[1024] = "";
    const cl_int code = clGetPlatformInfo(id, what, sizeof answer, answer, NULL);

    text_keep(text, bytes, answer, code);
}

/* A number of 4 or 8 bytes, by what is asked; 0 if the query failed. */
static cl_ulong device_number(cl_device_id id, cl_device_info what)
{
    union {
        cl_uint narrow;
        cl_ulong wide;
    } value = { .wide = 0 };
    size_t bytes = 0;

    if (clGetDeviceInfo(id, what, sizeof value, &value, &bytes) != CL_SUCCESS)
        return 0;
    return bytes == sizeof value.narrow ? value.narrow : value.wide;
}

static alx_device_type device_type(cl_device_id id)
{
    const cl_device_type type = device_number(id, CL_DEVICE_TYPE);

    if (type & CL_DEVICE_TYPE_GPU)
        return ALX_DEVICE_GPU;
    return type & CL_DEVICE_TYPE_CPU ? ALX_DEVICE_CPU : ALX_DEVICE_OTHER;
}

void rt_device_info_query(alx_device_info *info, cl_device_id id)
{
    info->type = device_type(id);
    device_text(id, CL_DEVICE_NAME, info->name, sizeof info->name);
    device_text(id, CL_DEVICE_VENDOR, info->vendor, sizeof info->vendor);
    device_text(id, CL_DEVICE_VERSION, info->version, sizeof info->version);
    device_text(id, CL_DRIVER_VERSION, info->driver, sizeof info->driver);
    info->compute_units = (unsigned)device_number(id, CL_DEVICE_MAX_COMPUTE_UNITS);
    info->global_bytes = device_number(id, CL_DEVICE_GLOBAL_MEM_SIZE);
    info->max_alloc_bytes = device_number(id, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
    info->local_bytes = device_number(id, CL_DEVICE_LOCAL_MEM_SIZE);
    info->max_group = device_number(id, CL_DEVICE_MAX_WORK_GROUP_SIZE);
    info->base_align_bytes = device_number(id, CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8;
    info->vector_floats = (unsigned)device_number(id, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT);
}

bool alx_device_is_wide(const alx_device_info *info)
{
    return info->type == ALX_DEVICE_CPU && strncmp(info->name, "llvmpipe", strlen("llvmpipe")) != 0;
}

/* ---- the list ------------------------------------------------------------------------------ */

/* Mesa lists devices that it cannot compile for. */
bool rt_device_usable(cl_device_id id)
{
    return device_number(id, CL_DEVICE_AVAILABLE) != 0 &&
           device_number(id, CL_DEVICE_COMPILER_AVAILABLE) != 0;
}

/* Intel's runtime takes no more threads than it is told to, but counts all cores. */
static void limit_units(alx_device_info *info)
{
    const unsigned allowed = (unsigned)alx_cpu_count();

    if (strcmp(info->platform, RT_INTEL_PLATFORM) == 0 && info->type == ALX_DEVICE_CPU &&
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
    rt_drivers_prepare(0);
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
