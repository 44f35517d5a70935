/* drivers.c - what libraries read in the environment before the first OpenCL call: the folder that
 * PoCL writes to, how many cores to take, the compiler's options. */
#include "rt/device.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/cache_folder.h"
#include "base/cpus.h"
#include "base/file.h"

/* Intel's runtime keeps a sub-device of one core busy on two (2026.2, measured), but heeds a limit
 * in the environment if it is there before the first call. */
#define INTEL_THREADS "CL_CONFIG_CPU_TBB_NUM_WORKERS"

/* PoCL makes machine code for the sizes of a launch, and once more, for any size, when it is asked
 * for a binary. With work-group sizes that the kernels require both are equally fast (measured):
 * without the first, the second is what runs, is made before the first step, and can be kept. */
#define POCL_SPECIALIZATION "POCL_WORK_GROUP_SPECIALIZATION"

/* PoCL lists no device where it cannot write to this folder (3.1: CL_DEVICE_NOT_FOUND), and ends
 * the process where the libraries that it makes there cannot be loaded. */
#define POCL_FOLDER "POCL_CACHE_DIR"

/* PoCL counts the machine's cores, not those that this process may use. The first is read by
 * versions up to 4, the second by later ones. */
static const char *const pocl_threads[] = { "POCL_MAX_PTHREAD_COUNT", "POCL_CPU_MAX_CU_COUNT" };

/* Put before the options of CLBlast's own programs, without a blank (1.5.3). */
#define CLBLAST_OPTIONS "CLBLAST_BUILD_OPTIONS"

/* ---- PoCL's folder ------------------------------------------------------------------------- */

/* The folder that PoCL takes by itself. Without a home it would be /tmp/pocl, which the first user
 * to come owns. */
static bool pocl_own_folder(char *path, size_t path_bytes)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = 0;

    if (xdg != NULL && xdg[0] != '\0')
        length = snprintf(path, path_bytes, "%s/pocl/kcache", xdg);
    else if (home != NULL && home[0] != '\0')
        length = snprintf(path, path_bytes, "%s/.cache/pocl/kcache", home);
    return length > 0 && (size_t)length < path_bytes;
}

/* Settings as they are found. */
typedef struct settings {
    alx_driver_setting *list;
    size_t count;
} settings;

/* What the user has set stays. */
static void settings_add(settings *s, const char *name, const char *value)
{
    alx_driver_setting *setting = &s->list[s->count];

    if (getenv(name) != NULL || strlen(value) >= sizeof setting->value)
        return;
    snprintf(setting->name, sizeof setting->name, "%s", name);
    snprintf(setting->value, sizeof setting->value, "%s", value);
    ++s->count;
}

/* The first of its own folder, our cache and the private folder that serves. */
static void pocl_find_folder(settings *s)
{
    char path[PATH_MAX];

    if (getenv(POCL_FOLDER) != NULL)
        return;
    if (pocl_own_folder(path, sizeof path) && base_folder_takes_programs(path))
        return;
    if (base_cache_path(path, sizeof path, "pocl") && base_folder_takes_programs(path)) {
        settings_add(s, POCL_FOLDER, path);
        return;
    }
    if (base_private_folder(path, sizeof path)) {
        strncat(path, "/pocl", sizeof path - strlen(path) - 1);
        settings_add(s, POCL_FOLDER, path);
    }
}

/* What is wrong with the folder that PoCL will take; "" = nothing. */
static void pocl_folder_problem(char *why, size_t why_bytes)
{
    char path[PATH_MAX] = "";
    const char *chosen = getenv(POCL_FOLDER);

    why[0] = '\0';
    if (chosen != NULL)
        snprintf(path, sizeof path, "%s", chosen);
    if (chosen != NULL || pocl_own_folder(path, sizeof path)) {
        if (base_folder_takes_programs(path))
            return;
        if (base_mkdirs_check(path) == 0)
            snprintf(why, why_bytes,
                     "it loads its kernels from %s, which is mounted noexec, or which others may "
                     "write to: set " POCL_FOLDER " to another folder",
                     path);
        else
            snprintf(why, why_bytes,
                     "it cannot write to %s: set " POCL_FOLDER " to a folder of yours", path);
    } else {
        snprintf(why, why_bytes,
                 "there is no folder that it can write to: set " POCL_FOLDER " to one of yours");
    }
}

/* ---- all of them --------------------------------------------------------------------------- */

size_t alx_driver_settings(alx_driver_setting list[ALX_MOST_SETTINGS], int threads)
{
    const int allowed = base_cpu_count();
    const bool limited = allowed < base_cpu_total();
    settings s = { .list = list };
    char text[16];

    settings_add(&s, POCL_SPECIALIZATION, "0");
    pocl_find_folder(&s);
    if (alx_log_get_level() < ALX_LOG_DEBUG)
        settings_add(&s, CLBLAST_OPTIONS, RT_SILENT_COMPILER " ");
    snprintf(text, sizeof text, "%d", allowed);
    for (size_t i = 0; limited && i < ALX_COUNT(pocl_threads); ++i)
        settings_add(&s, pocl_threads[i], text);
    if (threads > 0 && threads < allowed)
        snprintf(text, sizeof text, "%d", threads);
    if (threads > 0 || limited)
        settings_add(&s, INTEL_THREADS, text);
    return s.count;
}

int rt_drivers_check(const alx_device_info *info)
{
    char why[PATH_MAX + 256] = "";

    if ((info->quirks & ALX_QUIRK_KERNEL_FOLDER) != 0)
        pocl_folder_problem(why, sizeof why);
    return why[0] == '\0' ? 0 : alx_fail(ALX_E_DEVICE, "PoCL cannot be used: %s", why);
}

void rt_drivers_excuse(char *why, size_t why_bytes, const char *platform)
{
    why[0] = '\0';
    if (strcmp(platform, RT_POCL_PLATFORM) == 0)
        pocl_folder_problem(why, why_bytes);
    else if (strcmp(platform, "rusticl") == 0 && getenv("RUSTICL_ENABLE") == NULL)
        snprintf(why, why_bytes, "it offers only what RUSTICL_ENABLE names");
}
