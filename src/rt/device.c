/* device.c - opening a device: its context, its queue, its name for messages. */
#include "rt/runtime.h"

#include <clblast_c.h>
#include <stdio.h>
#include <stdlib.h>

#define STRINGIFY_VALUE(x) #x
#define STRINGIFY(x) STRINGIFY_VALUE(x)

/* ---- open and close ------------------------------------------------------------------------ */

/* `dev` gets the whole device, its `core`-th core, or `threads` of its cores. */
static int device_take(alx_device *dev, const alx_device_entry *entry, int core, int threads)
{
    const bool cores = core >= 0;
    const bool limited = !cores && entry->info.type == ALX_DEVICE_CPU && threads > 0 &&
                         (unsigned)threads < entry->info.compute_units;
    int rc = 0;

    dev->info = entry->info;
    if (cores && (unsigned)core >= entry->info.compute_units)
        return alx_fail(ALX_E_DEVICE, "device %d (%s) has no core %d: it has %u", dev->info.index,
                        dev->info.name, core, entry->info.compute_units);
    TRY(alx_context_acquire(&dev->context, entry, cores, limited ? threads : 0));
    if (cores && (cl_uint)core >= dev->context->member_count)
        return alx_fail(ALX_E_DEVICE, "device %d (%s) has no core %d", dev->info.index,
                        dev->info.name, core);
    dev->id = dev->context->members[cores ? core : 0];
    alx_device_info_query(&dev->info, dev->id);
done:
    return rc;
}

static void device_describe(alx_device *dev)
{
    const alx_device_info *info = &dev->info;

    snprintf(dev->description, sizeof dev->description,
             "%s | %s | driver %s | %s | %u compute units", info->platform, info->name,
             info->driver, info->platform_version, info->compute_units);
}

int alx_device_open(alx_device **out, const char *which, int threads)
{
    alx_device_entry *list = NULL;
    const alx_device_entry *entry = NULL;
    alx_device *dev = calloc(1, sizeof *dev);
    size_t count = 0;
    cl_int code = CL_SUCCESS;
    int core = -1, rc = 0;

    *out = NULL;
    if (dev == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a device");
    dev->label = "";
    dev->sync = alx_env_flag(ALX_ENV_SYNC);
    TRY(alx_devices_enumerate(&list, &count));
    TRY(alx_devices_choose(&entry, &core, list, count, which));
    TRY(device_take(dev, entry, core, threads));
    device_describe(dev);
    dev->queue = clCreateCommandQueue(dev->context->cl, dev->id, 0, &code);
    TRY(alx_cl(dev, code, "clCreateCommandQueue", "the device"));
    *out = dev;
    dev = NULL;
done:
    free(list);
    alx_device_close(dev);
    return rc;
}

void alx_device_close(alx_device *dev)
{
    if (dev == NULL)
        return;
    if (dev->queue != NULL)
        clFinish(dev->queue);
    alx_profile_free(dev->profile);
    while (dev->programs != NULL) {
        alx_program *program = dev->programs;

        dev->programs = program->next;
        alx_program_free(program);
    }
    if (dev->queue != NULL)
        clReleaseCommandQueue(dev->queue);
    alx_context_release(dev->context);
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

const char *alx_rt_libraries(void)
{
    return "CLBlast " STRINGIFY(CLBLAST_VERSION_MAJOR) "." STRINGIFY(CLBLAST_VERSION_MINOR) "."
           STRINGIFY(CLBLAST_VERSION_PATCH) ", OpenCL 1.2 API (headers "
           STRINGIFY(CL_TARGET_OPENCL_VERSION) ")";
}

void alx_device_set_label(alx_device *dev, const char *label)
{
    dev->label = label != NULL ? label : "";
}

int alx_device_finish(alx_device *dev)
{
    cl_event marker = NULL;
    int rc = 0;

    /* clFinish alone says nothing of commands that ended with an error. */
    TRY(alx_cl(dev, clEnqueueMarkerWithWaitList(dev->queue, 0, NULL, &marker),
               "clEnqueueMarkerWithWaitList", "the queue"));
    TRY(alx_cl(dev, clFinish(dev->queue), "clFinish", "the queue"));
    TRY(alx_cl_wait(dev, marker, "clFinish", "the queue"));
done:
    if (marker != NULL)
        clReleaseEvent(marker);
    return rc;
}
