/* context.c - contexts. Devices of one platform that are opened together share one, so that a
 * tower's output goes from one to the other without a copy through the host. */
#include "rt/device.h"

#include <stdlib.h>

#include "base/try.h"

static int context_create(rt_context **out, const alx_device *dev, const cl_device_id *ids,
                          cl_uint count)
{
    const cl_context_properties properties[] = {
        CL_CONTEXT_PLATFORM,
        (cl_context_properties)dev->platform,
        0,
    };
    rt_context *context = calloc(1, sizeof *context);
    cl_int code = CL_SUCCESS;

    *out = NULL;
    if (context == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a context");
    context->cl = clCreateContext(properties, count, ids, NULL, NULL, &code);
    if (code != CL_SUCCESS) {
        free(context);
        return rt_cl(dev, code, "clCreateContext", "the device");
    }
    *out = context;
    return 0;
}

static bool ids_hold(const cl_device_id *ids, cl_uint count, cl_device_id id)
{
    for (cl_uint i = 0; i < count; ++i)
        if (ids[i] == id)
            return true;
    return false;
}

/* One context for devs[first] and all after it that are of its platform. */
static int context_share(alx_device *const *devs, int first, int dev_count)
{
    cl_device_id ids[ALX_MAX_DEVICES];
    cl_uint count = 0;
    rt_context *context = NULL;

    for (int i = first; i < dev_count; ++i)
        if (devs[i]->platform == devs[first]->platform && !ids_hold(ids, count, devs[i]->id))
            ids[count++] = devs[i]->id;
    TRY(context_create(&context, devs[first], ids, count));
    for (int i = first; i < dev_count; ++i)
        if (devs[i]->platform == devs[first]->platform) {
            devs[i]->context = context;
            ++context->users;
        }
    return 0;
}

int rt_contexts_create(alx_device *const *devs, int dev_count)
{
    for (int i = 0; i < dev_count; ++i)
        if (devs[i]->context == NULL)
            TRY(context_share(devs, i, dev_count));
    return 0;
}

void rt_context_release(rt_context *context)
{
    if (context == NULL || --context->users > 0)
        return;
    rt_clblast_forget();
    clReleaseContext(context->cl);
    free(context);
}
