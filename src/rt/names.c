/* names.c - a list of devices for the processes of a host: which of them are one process's. */
#include <string.h>

#include "alexnet/dev/rt.h"

/* @return how many names there are; -1: one is empty or too long */
static int count_names(const char *list)
{
    int count = 0;

    for (const char *name = list;; ++name) {
        const size_t length = strcspn(name, ",");

        if (length == 0 || length >= ALX_DEVICE_NAME_BYTES)
            return -1;
        ++count;
        name += length;
        if (*name == '\0')
            return count;
    }
}

static void take_name(char name[ALX_DEVICE_NAME_BYTES], const char *list, int index)
{
    for (; index > 0; --index)
        list = strchr(list, ',') + 1;
    const size_t length = strcspn(list, ",");

    memcpy(name, list, length);
    name[length] = '\0';
}

int alx_device_names(char (*names)[ALX_DEVICE_NAME_BYTES], int count, const char *list, int place,
                     int places)
{
    const int listed = count_names(list);
    const bool for_each = listed > count && places > 0;

    if (listed < 0)
        return alx_fail(ALX_E_USAGE, "'%.64s' has an empty name, or one of %d bytes or more", list,
                        ALX_DEVICE_NAME_BYTES);
    if (listed != count && places == 0)
        return alx_fail(ALX_E_USAGE, "wants %d names, like 0,1; not '%.64s'", count, list);
    if (listed < count || (for_each && (listed % count != 0 || listed / count < places)))
        return alx_fail(ALX_E_USAGE,
                        "'%.64s' are %d names for %d rank%s of this host: give %d, which all take, "
                        "or %d for each",
                        list, listed, places, places == 1 ? "" : "s", count, count);
    for (int i = 0; i < count; ++i)
        take_name(names[i], list, for_each ? place * count + i : i);
    return 0;
}
