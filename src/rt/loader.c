/* loader.c - what OpenCL's loader has found, and what it has not: its own library, the files that
 * name drivers, the platforms. */
#define _GNU_SOURCE /* dladdr */
#include "rt/device.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/try.h"

/* ---- platforms ----------------------------------------------------------------------------- */

cl_uint rt_platforms_find(cl_platform_id platforms[RT_MAX_PLATFORMS])
{
    cl_uint count = 0;

    if (clGetPlatformIDs(RT_MAX_PLATFORMS, platforms, &count) != CL_SUCCESS)
        return 0; /* a loader that finds none fails */
    return count < RT_MAX_PLATFORMS ? count : RT_MAX_PLATFORMS;
}

/* "no device: it cannot write to ..." */
static void platform_excuse(alx_platform *platform, cl_int code, cl_uint listed)
{
    char excuse[400], found[96] = "no device";

    rt_drivers_excuse(excuse, sizeof excuse, platform->name);
    if (listed > 0)
        snprintf(found, sizeof found, "no device that compiles kernels, of %u", (unsigned)listed);
    else if (code != CL_SUCCESS && code != CL_DEVICE_NOT_FOUND)
        snprintf(found, sizeof found, "no device (%s)", rt_cl_code(code));
    snprintf(platform->why, sizeof platform->why, "%s%s%s", found, excuse[0] != '\0' ? ": " : "",
             excuse);
}

static void platform_query(alx_platform *platform, cl_platform_id id)
{
    cl_device_id ids[64];
    cl_uint listed = 0;
    const cl_int code = clGetDeviceIDs(id, CL_DEVICE_TYPE_ALL, ALX_COUNT(ids), ids, &listed);

    rt_platform_text(id, CL_PLATFORM_NAME, platform->name, sizeof platform->name);
    if (code != CL_SUCCESS)
        listed = 0;
    for (cl_uint i = 0; i < listed && i < ALX_COUNT(ids); ++i)
        platform->devices += rt_device_usable(ids[i]);
    if (platform->devices == 0)
        platform_excuse(platform, code, listed);
}

int alx_platforms_list(alx_platform **list, size_t *count)
{
    cl_platform_id ids[RT_MAX_PLATFORMS];

    *count = rt_platforms_find(ids);
    *list = calloc(*count + 1, sizeof **list);
    if (*list == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the list of platforms");
    for (size_t i = 0; i < *count; ++i)
        platform_query(&(*list)[i], ids[i]);
    return 0;
}

int rt_platforms_fail(void)
{
    alx_platform *list = NULL;
    char text[4096] = "";
    size_t count = 0, used = 0;
    int rc = 0;

    TRY_DONE(alx_platforms_list(&list, &count));
    for (size_t i = 0; i < count && used < sizeof text; ++i)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s has %s", i > 0 ? "; " : "",
                                 list[i].name, list[i].why);
    if (count == 0)
        rc = alx_fail(ALX_E_DEVICE, "no OpenCL device: no driver is found; install that of your "
                                    "GPU, or PoCL for the CPU (Debian: pocl-opencl-icd); `alexnet "
                                    "devices` lists the drivers that are there");
    else
        rc = alx_fail(ALX_E_DEVICE, "no OpenCL device: %s; `alexnet devices` says more", text);
done:
    free(list);
    return rc;
}

/* ---- drivers ------------------------------------------------------------------------------- */

const char *alx_opencl_library(void)
{
    Dl_info info;
    void *entry = dlsym(RTLD_DEFAULT, "clGetPlatformIDs");

    return entry != NULL && dladdr(entry, &info) != 0 && info.dli_fname != NULL ? info.dli_fname
                                                                                : "?";
}

/* The variable that says where drivers are; NULL: none. Those of ocl-icd, in its order; Khronos's
 * loader reads the first. */
static const char *folder_variable(void)
{
    static const char *const variables[] = { "OCL_ICD_VENDORS", "OPENCL_VENDOR_PATH" };

    for (size_t i = 0; i < ALX_COUNT(variables); ++i) {
        const char *value = getenv(variables[i]);

        if (value != NULL && value[0] != '\0')
            return variables[i];
    }
    return NULL;
}

const char *alx_drivers_folder(void)
{
    const char *variable = folder_variable();

    return variable != NULL ? getenv(variable) : "/etc/OpenCL/vendors";
}

/* The first line of an .icd. */
static bool library_read(char *library, size_t library_bytes, const char *file)
{
    FILE *icd = fopen(file, "r");
    const bool read = icd != NULL && fgets(library, (int)library_bytes, icd) != NULL;

    if (icd != NULL)
        fclose(icd);
    if (read)
        library[strcspn(library, "\r\n")] = '\0';
    return read && library[0] != '\0';
}

/* The loader has tried it already: what loads now is there, what fails fails again. */
static void driver_try(alx_driver *driver)
{
    void *handle = dlopen(driver->library, RTLD_LAZY | RTLD_NOLOAD);
    const char *text = NULL;

    if (handle != NULL) {
        dlclose(handle);
        return;
    }
    handle = dlopen(driver->library, RTLD_LAZY);
    text = handle == NULL ? dlerror() : NULL;
    if (handle == NULL)
        snprintf(driver->problem, sizeof driver->problem, "%s", text != NULL ? text : "fails");
    else
        snprintf(driver->problem, sizeof driver->problem,
                 "could be loaded, but %.300s has not done so", alx_opencl_library());
    /* never unloaded: some drivers leave threads behind */
}

static void text_copy(char *out, size_t out_bytes, const char *text, size_t length)
{
    snprintf(out, out_bytes, "%.*s", (int)(length < out_bytes ? length : out_bytes - 1), text);
}

static bool name_is_icd(const char *name, size_t length)
{
    return length > 4 && strncmp(name + length - 4, ".icd", 4) == 0;
}

/* Of an .icd, or of a library that `origin` names. */
static void driver_query(alx_driver *driver, const char *path, size_t length, const char *origin)
{
    const bool icd = name_is_icd(path, length);

    text_copy(driver->file, sizeof driver->file, icd ? path : origin,
              icd ? length : strlen(origin));
    if (!icd)
        text_copy(driver->library, sizeof driver->library, path, length);
    if (!icd || library_read(driver->library, sizeof driver->library, driver->file))
        driver_try(driver);
    else
        snprintf(driver->problem, sizeof driver->problem, "names no library");
}

static int drivers_push(alx_driver **list, size_t *count, const char *path, size_t length,
                        const char *origin)
{
    alx_driver *grown = realloc(*list, (*count + 1) * sizeof **list);

    if (grown == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the list of drivers");
    *list = grown;
    grown[*count] = (alx_driver){ .problem = "" };
    driver_query(&grown[(*count)++], path, length, origin);
    return 0;
}

static int entry_is_icd(const struct dirent *entry)
{
    return name_is_icd(entry->d_name, strlen(entry->d_name));
}

/* A folder of .icd files; or, as the variables may have it, one .icd or a library. */
static int drivers_of_folder(alx_driver **list, size_t *count)
{
    const char *folder = alx_drivers_folder(), *variable = folder_variable();
    struct dirent **entries = NULL;
    struct stat info;
    char path[512];
    int found = 0, rc = 0;

    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))
        return variable == NULL ? 0 : drivers_push(list, count, folder, strlen(folder), variable);
    found = scandir(folder, &entries, entry_is_icd, alphasort);
    for (int i = 0; i < found; ++i) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        TRY_DONE(drivers_push(list, count, path, strlen(path), ""));
    }
done:
    for (int i = 0; i < found; ++i)
        free(entries[i]);
    free(entries);
    return rc;
}

/* Khronos's loader reads them, ocl-icd does not. */
static int drivers_of_variable(alx_driver **list, size_t *count)
{
    static const char variable[] = "OCL_ICD_FILENAMES";
    const char *at = getenv(variable);

    while (at != NULL && *at != '\0') {
        const size_t length = strcspn(at, ":");

        if (length > 0)
            TRY(drivers_push(list, count, at, length, variable));
        at += length + (at[length] == ':');
    }
    return 0;
}

int alx_drivers_list(alx_driver **list, size_t *count)
{
    alx_driver *found = NULL;
    int rc = 0;

    *list = NULL;
    *count = 0;
    TRY_DONE(drivers_of_folder(&found, count));
    TRY_DONE(drivers_of_variable(&found, count));
    *list = found;
    found = NULL;
done:
    free(found);
    return rc;
}
