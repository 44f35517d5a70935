/* pinned.c - host memory that a device's driver allocated and mapped: page-locked on GPUs, whose
 * engines then read and write it by themselves; on CPU devices memory like any other. */
#include "rt/memory/memory.h"

#include <stdlib.h>

#include "rt/device.h"

struct alx_pinned {
    const alx_device *dev;
    cl_mem mem; /* NULL: the driver had none to give, plain memory does too */
    void *host;
};

static void pinned_map(alx_pinned *pinned, size_t bytes)
{
    const alx_device *dev = pinned->dev;
    cl_int code = CL_SUCCESS;

    pinned->mem = clCreateBuffer(dev->context->cl, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, bytes,
                                 NULL, &code);
    if (code != CL_SUCCESS) {
        pinned->mem = NULL;
        return;
    }
    pinned->host = clEnqueueMapBuffer(dev->queue, pinned->mem, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE,
                                      0, bytes, 0, NULL, NULL, &code);
    if (code != CL_SUCCESS) {
        clReleaseMemObject(pinned->mem);
        pinned->mem = NULL;
        pinned->host = NULL;
    }
}

int alx_pinned_create(alx_pinned **out, const alx_device *dev, size_t bytes)
{
    alx_pinned *pinned = calloc(1, sizeof *pinned);

    *out = NULL;
    if (pinned != NULL) {
        pinned->dev = dev;
        if (bytes <= dev->info.max_alloc_bytes) /* beyond it drivers are known to abort */
            pinned_map(pinned, bytes);
        if (pinned->host == NULL)
            pinned->host = calloc(1, bytes);
    }
    if (pinned == NULL || pinned->host == NULL) {
        alx_pinned_free(pinned);
        return alx_fail(ALX_E_MEMORY, "%.1f MiB of host memory for transfers are not to be had",
                        (double)bytes / 1048576.0);
    }
    *out = pinned;
    return 0;
}

void *alx_pinned_memory(const alx_pinned *pinned)
{
    return pinned->host;
}

void alx_pinned_free(alx_pinned *pinned)
{
    if (pinned == NULL)
        return;
    if (pinned->mem == NULL) {
        free(pinned->host);
    } else {
        clEnqueueUnmapMemObject(pinned->dev->queue, pinned->mem, pinned->host, 0, NULL, NULL);
        clFinish(pinned->dev->queue);
        clReleaseMemObject(pinned->mem);
    }
    free(pinned);
}
