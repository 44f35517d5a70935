/* part.c - sub-devices: one core of a CPU device, or several. */
#include "rt/device.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/try.h"

/* Asked first: Mesa 22.3 has no clCreateSubDevices at all and crashes in the call. */
static bool device_divides(cl_device_id id, cl_device_partition_property how)
{
    cl_device_partition_property ways[16] = { 0 };
    size_t bytes = 0;

    if (clGetDeviceInfo(id, CL_DEVICE_PARTITION_PROPERTIES, sizeof ways, ways, &bytes))
        return false;
    for (size_t i = 0; i < bytes / sizeof ways[0]; ++i)
        if (ways[i] == how)
            return true;
    return false;
}

/* A part of a root device. Parts are kept until the process ends: threads of PoCL 3.1 look at the
 * device of a command that clFinish has already waited for, so releasing it crashes at times. */
typedef struct device_part {
    cl_device_id root, id;
    int core, threads; /* the core-th of one core each, or one of so many cores */
    struct device_part *next;
} device_part;

static pthread_mutex_t parts_lock = PTHREAD_MUTEX_INITIALIZER;
static device_part *parts;

/* Divides `dev`'s root as `how` says and keeps member `index`; the others are released. */
static int device_divide(cl_device_id *out, const alx_device *dev,
                         const cl_device_partition_property *how, int index)
{
    const cl_uint room = dev->info.compute_units;
    cl_device_id *members = NULL;
    cl_uint made = 0;
    int rc = 0;

    if (!device_divides(dev->id, how[0]))
        return alx_fail(ALX_E_DEVICE, "device %d (%s, %s) cannot be divided by cores",
                        dev->info.index, dev->info.name, dev->info.platform);
    members = calloc(room, sizeof *members);
    if (members == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the cores of %s", dev->info.name);
    TRY_DONE(rt_cl(dev, clCreateSubDevices(dev->id, how, room, members, &made),
                   "clCreateSubDevices", "the device"));
    for (int i = 0; i < (int)made; ++i)
        if (i != index)
            clReleaseDevice(members[i]);
    if (index >= (int)made)
        rc = alx_fail(ALX_E_DEVICE, "device %d (%s) has no core %d: it has %u", dev->info.index,
                      dev->info.name, index, (unsigned)made);
    else
        *out = members[index];
done:
    free(members);
    return rc;
}

static int part_create(device_part **out, const alx_device *dev, int core, int threads)
{
    const cl_device_partition_property by_one[] = { CL_DEVICE_PARTITION_EQUALLY, 1, 0 };
    const cl_device_partition_property by_count[] = { CL_DEVICE_PARTITION_BY_COUNTS, threads,
                                                      CL_DEVICE_PARTITION_BY_COUNTS_LIST_END, 0 };
    device_part *part = calloc(1, sizeof *part);
    int rc = 0;

    *out = NULL;
    if (part == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a part of %s", dev->info.name);
    *part = (device_part){ .root = dev->id, .core = core, .threads = threads, .next = parts };
    TRY_DONE(device_divide(&part->id, dev, core >= 0 ? by_one : by_count, core >= 0 ? core : 0));
    *out = parts = part;
    part = NULL;
done:
    free(part);
    return rc;
}

int rt_device_take_part(alx_device *dev, int core, int threads)
{
    device_part *part;
    int rc = 0;

    pthread_mutex_lock(&parts_lock);
    for (part = parts; part != NULL; part = part->next)
        if (part->root == dev->id && part->core == core && part->threads == threads)
            break;
    if (part == NULL)
        TRY_DONE(part_create(&part, dev, core, threads));
    dev->id = part->id;
done:
    pthread_mutex_unlock(&parts_lock);
    return rc;
}
