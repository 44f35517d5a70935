/* choose.c - how a user names a device of the list. */
#include "rt/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/env.h"

static bool text_contains(const char *text, const char *part, size_t part_length)
{
    for (; strlen(text) >= part_length; ++text)
        if (strncasecmp(text, part, part_length) == 0)
            return true;
    return false;
}

/* First device of a type, or NULL. */
static const rt_device_entry *list_first(const rt_device_entry *list, size_t count,
                                         alx_device_type type)
{
    for (size_t i = 0; i < count; ++i)
        if (list[i].info.type == type)
            return &list[i];
    return NULL;
}

static bool text_is_number(const char *text, size_t length)
{
    return length > 0 && length < 6 && strspn(text, "0123456789") >= length;
}

/* Index or type; NULL if `which` is neither or names nothing. */
static const rt_device_entry *list_exact(const rt_device_entry *list, size_t count,
                                         const char *which, size_t length)
{
    if (text_is_number(which, length)) {
        const size_t index = (size_t)atoi(which);

        return index < count ? &list[index] : NULL;
    }
    if (length == 3 && strncasecmp(which, "cpu", 3) == 0)
        return list_first(list, count, ALX_DEVICE_CPU);
    if (length == 3 && strncasecmp(which, "gpu", 3) == 0)
        return list_first(list, count, ALX_DEVICE_GPU);
    return NULL;
}

/* The devices that the first `length` characters of `which` may mean: writes the last one and a
 * line for each, returns how many. */
static size_t list_match(const rt_device_entry **out, char *lines, size_t lines_bytes,
                         const rt_device_entry *list, size_t count, const char *which,
                         size_t length)
{
    size_t matches = 0, used = 0;

    lines[0] = '\0';
    *out = list_exact(list, count, which, length);
    if (*out != NULL)
        return 1;
    if (length == 0 || (length < 3 && text_is_number(which, length)))
        return 0; /* "7" means number 7, not "RX 7900"; "3090" may be part of a name */
    for (size_t i = 0; i < count; ++i) {
        const alx_device_info *info = &list[i].info;

        if (!text_contains(info->name, which, length) &&
            !text_contains(info->platform, which, length) &&
            !text_contains(info->platform_version, which, length))
            continue;
        *out = &list[i];
        ++matches;
        if (used < lines_bytes)
            used += (size_t)snprintf(lines + used, lines_bytes - used, "\n  %d: %s (%s)",
                                     info->index, info->name, info->platform);
    }
    return matches;
}

/* Length of D in "D.k", and k; 0 if `which` has another form. */
static size_t core_split(const char *which, int *core)
{
    const char *dot = strrchr(which, '.');

    if (dot == NULL || dot == which || !text_is_number(dot + 1, strlen(dot + 1)))
        return 0;
    *core = atoi(dot + 1);
    return (size_t)(dot - which);
}

int rt_devices_choose(const rt_device_entry **out, int *core, const rt_device_entry *list,
                      size_t count, const char *which)
{
    char lines[2048];
    const char *origin = "";
    int wanted_core = -1;

    *out = NULL;
    *core = -1;
    if (which == NULL && base_env(BASE_ENV_DEVICE) != NULL) {
        which = base_env(BASE_ENV_DEVICE);
        origin = " (from ALEXNET_DEVICE)";
    }
    if (which == NULL) {
        const rt_device_entry *gpu = list_first(list, count, ALX_DEVICE_GPU);

        *out = gpu != NULL ? gpu : list;
        return 0;
    }
    const size_t length = core_split(which, &wanted_core);

    if (length > 0 && list_match(out, lines, sizeof lines, list, count, which, length) == 1) {
        *core = wanted_core;
        return 0;
    }
    const size_t matches = list_match(out, lines, sizeof lines, list, count, which, strlen(which));

    if (matches == 0)
        return alx_fail(ALX_E_DEVICE, "no device matches '%s'%s; `alexnet devices` lists them",
                        which, origin);
    if (matches > 1)
        return alx_fail(ALX_E_DEVICE, "'%s'%s matches %zu devices, name one by its number:%s",
                        which, origin, matches, lines);
    return 0;
}
