/* queue.c - the queues of a device: made, waited for. */
#include "rt/device.h"

#include "base/try.h"

int rt_queue_create(cl_command_queue *out, const alx_device *dev)
{
    const cl_command_queue_properties properties = dev->profile != NULL ? CL_QUEUE_PROFILING_ENABLE
                                                                        : 0;
    cl_int code = CL_SUCCESS;

    *out = clCreateCommandQueue(dev->context->cl, dev->id, properties, &code);
    return rt_cl(dev, code, "clCreateCommandQueue", "the device");
}

void rt_queue_release(cl_command_queue *queue)
{
    if (*queue != NULL) {
        clFinish(*queue);
        clReleaseCommandQueue(*queue);
    }
    *queue = NULL;
}

int alx_device_finish(alx_device *dev)
{
    cl_event marker = NULL;
    cl_int code;
    int rc = 0;

    /* clFinish alone says nothing of commands that ended with an error. */
    TRY_DONE(rt_cl(dev, clEnqueueMarkerWithWaitList(dev->queue, 0, NULL, &marker),
                   "clEnqueueMarkerWithWaitList", "the queue"));
    rt_wait_begin(dev);
    code = clFinish(dev->queue);
    rt_wait_end();
    TRY_DONE(rt_cl(dev, code, "clFinish", "the queue"));
    TRY_DONE(rt_cl_wait(dev, marker, "clFinish", "the queue"));
done:
    if (marker != NULL)
        clReleaseEvent(marker);
    return rc;
}
