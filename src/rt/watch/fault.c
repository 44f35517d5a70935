/* fault.c - faults on request (ALEXNET_FAULT), so that tests see how the program takes them. */
#include "rt/watch/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/try.h"
#include "rt/device.h"

static const char *const kinds[] = {
    [RT_FAULT_DEVICE] = "device", [RT_FAULT_MEMORY] = "memory", [RT_FAULT_HANG] = "hang",
    [RT_FAULT_SKIP] = "skip",     [RT_FAULT_UPLOAD] = "upload",
};

/* "KIND:N:LABEL" */
int rt_fault_read(rt_fault *fault)
{
    const char *text = base_env(BASE_ENV_FAULT);
    char kind[16];
    int at = 0;

    *fault = (rt_fault){ .kind = RT_FAULT_NONE };
    if (text == NULL)
        return 0;
    if (sscanf(text, "%15[a-z]:%d:%n", kind, &fault->launches, &at) == 2 && at > 0)
        for (int i = RT_FAULT_DEVICE; i <= RT_FAULT_UPLOAD; ++i)
            if (strcmp(kind, kinds[i]) == 0)
                fault->kind = (rt_fault_kind)i;
    if (fault->kind == RT_FAULT_NONE)
        return alx_fail(ALX_E_USAGE,
                        "ALEXNET_FAULT is not device|memory|hang|skip|upload:N:LABEL: '%s'", text);
    snprintf(fault->label, sizeof fault->label, "%s", text + at);
    return 0;
}

/* The queue waits for an event that nobody sets. */
static int queue_hang(const alx_device *dev, const char *subject)
{
    cl_int code = CL_SUCCESS;
    cl_event never = clCreateUserEvent(dev->context->cl, &code);

    TRY(rt_cl(dev, code, "clCreateUserEvent", subject));
    return rt_cl(dev, clEnqueueBarrierWithWaitList(dev->queue, 1, &never, NULL),
                 "clEnqueueBarrierWithWaitList", subject);
}

/* Whether this is the one, of those that belong to `label`. */
static bool is_due(rt_fault *fault, const char *label)
{
    return strcmp(label, fault->label) == 0 && --fault->launches == 0;
}

void rt_fault_mark_upload(alx_device *dev, cl_event written, const char *name)
{
    if (dev->fault.kind == RT_FAULT_UPLOAD && is_due(&dev->fault, name))
        dev->fault.upload = written;
}

void rt_fault_upload_ends(alx_device *dev)
{
    dev->fault.upload_ended = dev->fault.upload != NULL;
}

/* PoCL 3.1 ends the process where a user event fails, which else could take the write's place. */
cl_int rt_fault_upload_status(alx_device *dev, cl_event written, cl_int status)
{
    if (written != dev->fault.upload)
        return status;
    if (!dev->fault.upload_ended)
        return CL_RUNNING;
    dev->fault.upload = NULL;
    return CL_DEVICE_NOT_AVAILABLE;
}

int rt_fault_strike(bool *skip, alx_device *dev, const char *subject)
{
    static const char call[] = "ALEXNET_FAULT: clEnqueueNDRangeKernel";

    *skip = false;
    if (dev->fault.kind == RT_FAULT_NONE || dev->fault.kind == RT_FAULT_UPLOAD ||
        !is_due(&dev->fault, dev->label))
        return 0;
    switch (dev->fault.kind) {
    case RT_FAULT_SKIP:
        *skip = true;
        return 0;
    case RT_FAULT_DEVICE:
        return rt_cl(dev, CL_DEVICE_NOT_AVAILABLE, call, subject);
    case RT_FAULT_MEMORY:
        return rt_cl(dev, CL_MEM_OBJECT_ALLOCATION_FAILURE, call, subject);
    default:
        return queue_hang(dev, subject);
    }
}
