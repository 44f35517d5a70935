/* fault.c - faults on request (ALEXNET_FAULT), so that tests see how the program takes them. */
#include "rt/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
    [ALX_FAULT_DEVICE] = "device", [ALX_FAULT_MEMORY] = "memory", [ALX_FAULT_HANG] = "hang",
    [ALX_FAULT_SKIP] = "skip",
};

/* "KIND:N:LABEL" */
int alx_fault_read(alx_fault *fault)
{
    const char *text = alx_env(ALX_ENV_FAULT);
    char kind[16];
    int at = 0;

    *fault = (alx_fault){ .kind = ALX_FAULT_NONE };
    if (text == NULL)
        return 0;
    if (sscanf(text, "%15[a-z]:%d:%n", kind, &fault->launches, &at) == 2 && at > 0)
        for (int i = ALX_FAULT_DEVICE; i <= ALX_FAULT_SKIP; ++i)
            if (strcmp(kind, kinds[i]) == 0)
                fault->kind = (alx_fault_kind)i;
    if (fault->kind == ALX_FAULT_NONE)
        return alx_fail(ALX_E_USAGE, "ALEXNET_FAULT is not device|memory|hang|skip:N:LABEL: '%s'",
                        text);
    snprintf(fault->label, sizeof fault->label, "%s", text + at);
    return 0;
}

/* The queue waits for an event that nobody sets. */
static int queue_hang(const alx_device *dev, const char *subject)
{
    cl_int code = CL_SUCCESS;
    cl_event never = clCreateUserEvent(dev->context->cl, &code);
    int rc = 0;

    TRY(alx_cl(dev, code, "clCreateUserEvent", subject));
    TRY(alx_cl(dev, clEnqueueBarrierWithWaitList(dev->queue, 1, &never, NULL),
               "clEnqueueBarrierWithWaitList", subject));
done:
    return rc;
}

int alx_fault_strike(bool *skip, alx_device *dev, const char *subject)
{
    static const char call[] = "ALEXNET_FAULT: clEnqueueNDRangeKernel";

    *skip = false;
    if (dev->fault.kind == ALX_FAULT_NONE || strcmp(dev->label, dev->fault.label) != 0 ||
        --dev->fault.launches != 0)
        return 0;
    switch (dev->fault.kind) {
    case ALX_FAULT_SKIP:
        *skip = true;
        return 0;
    case ALX_FAULT_DEVICE:
        return alx_cl(dev, CL_DEVICE_NOT_AVAILABLE, call, subject);
    case ALX_FAULT_MEMORY:
        return alx_cl(dev, CL_MEM_OBJECT_ALLOCATION_FAILURE, call, subject);
    default:
        return queue_hang(dev, subject);
    }
}
