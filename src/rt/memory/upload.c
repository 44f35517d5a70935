/* upload.c - host memory to a device on a queue of its own, beside what the device computes. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/try.h"
#include "rt/device.h"
#include "rt/memory/transfer.h"

struct alx_upload {
    char name[64];
    alx_device *dev;
    cl_event arrived;  /* of what was written last; NULL = nothing yet */
    cl_event released; /* after the last use of what was written before; NULL = none */
};

int alx_upload_create(alx_upload **out, const char *name, alx_device *dev)
{
    alx_upload *upload = NULL;

    *out = NULL;
    if (dev->receives == NULL)
        TRY(rt_queue_create(&dev->receives, dev));
    upload = calloc(1, sizeof *upload);
    if (upload == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for upload %s", name);
    snprintf(upload->name, sizeof upload->name, "%s", name);
    upload->dev = dev;
    *out = upload;
    return 0;
}

void alx_upload_free(alx_upload *upload)
{
    if (upload == NULL)
        return;
    alx_upload_wait(upload);
    rt_event_drop(&upload->arrived);
    rt_event_drop(&upload->released);
    free(upload);
}

/* How the write before ended: whoever waited for the device has waited for it. */
static int upload_check(const alx_upload *upload)
{
    cl_int status = CL_COMPLETE;

    if (upload->arrived != NULL &&
        clGetEventInfo(upload->arrived, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status,
                       NULL) == CL_SUCCESS &&
        status < 0)
        return rt_cl(upload->dev, status, "clEnqueueWriteBuffer", upload->name);
    return 0;
}

int alx_upload_write(alx_upload *upload, const alx_tensor *to, const void *data, size_t bytes)
{
    alx_device *dev = upload->dev;

    assert(to->dev == dev && bytes <= alx_shape_count(to->shape) * sizeof(float));
    if (bytes == 0 || dev->collecting)
        return 0;
    TRY(upload_check(upload));
    rt_event_drop(&upload->arrived);
    TRY(rt_cl(dev,
              clEnqueueWriteBuffer(
                  dev->receives, to->mem, CL_FALSE, 0, bytes, data, upload->released != NULL,
                  upload->released != NULL ? &upload->released : NULL, &upload->arrived),
              "clEnqueueWriteBuffer", upload->name));
    rt_profile_transfer(dev, dev, upload->name, "write", bytes, upload->arrived);
    return 0;
}

int alx_upload_await(alx_upload *upload)
{
    alx_device *dev = upload->dev;

    if (upload->arrived == NULL || dev->collecting)
        return 0;
    /* a queue that is not flushed may never start, and the other one waits for it */
    TRY(rt_cl(dev, clFlush(dev->receives), "clFlush", upload->name));
    return rt_cl(dev, clEnqueueBarrierWithWaitList(dev->queue, 1, &upload->arrived, NULL),
                 "clEnqueueBarrierWithWaitList", upload->name);
}

int alx_upload_release(alx_upload *upload)
{
    alx_device *dev = upload->dev;

    if (dev->collecting)
        return 0;
    rt_event_drop(&upload->released);
    TRY(rt_cl(dev, clEnqueueMarkerWithWaitList(dev->queue, 0, NULL, &upload->released),
              "clEnqueueMarkerWithWaitList", upload->name));
    return rt_cl(dev, clFlush(dev->queue), "clFlush", upload->name);
}

void alx_upload_wait(alx_upload *upload)
{
    if (upload->dev->receives == NULL)
        return;
    rt_wait_begin(upload->dev);
    clFinish(upload->dev->receives);
    rt_wait_end();
}
