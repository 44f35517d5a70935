/* upload.c - host memory to a device on a queue of its own, beside what the device computes. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "rt/device.h"
#include "rt/memory/transfer.h"

#define MOST_WRITTEN 8 /* under way: two a batch, one batch ahead, and as many again */

struct alx_upload {
    char name[64];
    alx_device *dev;
    /* What was written and nobody knows the end of, in its order; of those that went well the last
     * one stays, for whoever uses what was written. */
    cl_event written[MOST_WRITTEN];
    size_t count;
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
    const int rc = alx_upload_wait(upload);

    (void)rc; /* nobody is left to use what was written */
    for (size_t i = 0; i < upload->count; ++i)
        rt_event_drop(&upload->written[i]);
    rt_event_drop(&upload->released);
    free(upload);
}

/* Above CL_COMPLETE: under way; below: failed. */
static cl_int event_status(const alx_upload *upload, cl_event event)
{
    cl_int status = CL_COMPLETE;
    const cl_int code = clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status,
                                       &status, NULL);

    return code == CL_SUCCESS ? rt_fault_upload_status(upload->dev, event, status) : code;
}

int alx_upload_check(alx_upload *upload)
{
    cl_int failure = CL_SUCCESS;
    size_t left = 0;

    for (size_t i = 0; i < upload->count; ++i) {
        const cl_int status = event_status(upload, upload->written[i]);

        if (status > CL_COMPLETE || (status == CL_COMPLETE && i + 1 == upload->count)) {
            upload->written[left++] = upload->written[i];
            continue;
        }
        if (status < 0)
            failure = status;
        rt_event_drop(&upload->written[i]);
    }
    upload->count = left;
    return rt_cl(upload->dev, failure, "clEnqueueWriteBuffer", upload->name);
}

/* A place for one more; the oldest is waited for where all are under way. */
static int make_room(alx_upload *upload)
{
    TRY(alx_upload_check(upload));
    if (upload->count < MOST_WRITTEN)
        return 0;
    const int rc = rt_cl_wait(upload->dev, upload->written[0], "clEnqueueWriteBuffer",
                              upload->name);

    rt_event_drop(&upload->written[0]);
    --upload->count;
    memmove(upload->written, upload->written + 1, upload->count * sizeof *upload->written);
    return rc;
}

int alx_upload_write(alx_upload *upload, const alx_tensor *to, const void *data, size_t bytes)
{
    alx_device *dev = upload->dev;
    cl_event *written = NULL;

    assert(to->dev == dev && bytes <= alx_shape_count(to->shape) * sizeof(float));
    if (bytes == 0 || dev->collecting)
        return 0;
    TRY(make_room(upload));
    written = &upload->written[upload->count];
    TRY(rt_cl(dev,
              clEnqueueWriteBuffer(dev->receives, to->mem, CL_FALSE, 0, bytes, data,
                                   upload->released != NULL,
                                   upload->released != NULL ? &upload->released : NULL, written),
              "clEnqueueWriteBuffer", upload->name));
    ++upload->count;
    rt_profile_transfer(dev, dev, upload->name, "write", bytes, *written);
    rt_fault_mark_upload(dev, *written, upload->name);
    return 0;
}

int alx_upload_await(alx_upload *upload)
{
    alx_device *dev = upload->dev;

    if (upload->count == 0 || dev->collecting)
        return 0;
    /* a queue that is not flushed may never start, and the other one waits for it */
    TRY(rt_cl(dev, clFlush(dev->receives), "clFlush", upload->name));
    /* the queue is in order: the last one ends after all others */
    TRY(rt_cl(
        dev, clEnqueueBarrierWithWaitList(dev->queue, 1, &upload->written[upload->count - 1], NULL),
        "clEnqueueBarrierWithWaitList", upload->name));
    rt_fault_upload_ends(dev);
    return 0;
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

int alx_upload_wait(alx_upload *upload)
{
    if (upload->dev->receives == NULL)
        return 0;
    rt_wait_begin(upload->dev);
    const cl_int code = clFinish(upload->dev->receives);

    rt_wait_end();
    TRY(alx_upload_check(upload));
    return rt_cl(upload->dev, code, "clFinish", upload->name);
}
