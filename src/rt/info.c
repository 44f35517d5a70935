/* info.c - what a device and a platform say of themselves. */
#include "rt/device.h"

#include <CL/cl_ext.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

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

/* 0 without the extension, and on CPUs: there Intel's runtime (2026.2) computes wrong numbers in
 * kernels that ask for a size. */
static unsigned least_sub_group(cl_device_id id, alx_device_type type)
{
    char extensions[16384] = "";
    size_t sizes[16], bytes = 0, least = 0;

    if (type != ALX_DEVICE_GPU ||
        clGetDeviceInfo(id, CL_DEVICE_EXTENSIONS, sizeof extensions, extensions, NULL) !=
            CL_SUCCESS ||
        strstr(extensions, "cl_intel_required_subgroup_size") == NULL ||
        clGetDeviceInfo(id, CL_DEVICE_SUB_GROUP_SIZES_INTEL, sizeof sizes, sizes, &bytes) !=
            CL_SUCCESS)
        return 0;
    for (size_t i = 0; i < bytes / sizeof sizes[0]; ++i)
        least = least == 0 || sizes[i] < least ? sizes[i] : least;
    return (unsigned)least;
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
    info->least_sub_group = least_sub_group(id, info->type);
}

/* Mesa lists devices that it cannot compile for. */
bool rt_device_usable(cl_device_id id)
{
    return device_number(id, CL_DEVICE_AVAILABLE) != 0 &&
           device_number(id, CL_DEVICE_COMPILER_AVAILABLE) != 0;
}

bool alx_device_is_wide(const alx_device_info *info)
{
    return info->type == ALX_DEVICE_CPU && (info->quirks & ALX_QUIRK_CUTS_LOOPS) == 0;
}

const char *alx_device_type_name(alx_device_type type)
{
    static const char *const names[] = { "cpu", "gpu", "other" };

    return names[type];
}
