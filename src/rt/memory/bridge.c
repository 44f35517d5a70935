/* bridge.c - an event of one context as an event of another: a callback of the first sets a user
 * event of the second. A failure is noted and the user event completes all the same, so that what
 * waits for it runs (on worthless data, which the note tells) and nothing hangs: PoCL 3.1 aborts
 * the process when a user event is set to an error. */
#include "rt/memory/memory.h"

#include <stdlib.h>

#include "base/try.h"
#include "rt/device.h"

typedef struct bridge {
    cl_event user; /* one reference is ours */
    _Atomic cl_int *failure;
} bridge;

static void CL_CALLBACK bridge_fire(cl_event event, cl_int status, void *argument)
{
    bridge *self = argument;

    (void)event;
    if (status < 0)
        *self->failure = status;
    clSetUserEventStatus(self->user, CL_COMPLETE);
    clReleaseEvent(self->user);
    free(self);
}

static int bridge_between(cl_event *out, const alx_device *to, cl_event event,
                          _Atomic cl_int *failure)
{
    bridge *self = malloc(sizeof *self);
    cl_int code = CL_SUCCESS;
    int rc = 0;

    if (self == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for an event");
    *self = (bridge){ .failure = failure };
    self->user = clCreateUserEvent(to->context->cl, &code);
    TRY_DONE(rt_cl(to, code, "clCreateUserEvent", "a transfer"));
    clRetainEvent(self->user);
    *out = self->user;
    code = clSetEventCallback(event, CL_COMPLETE, bridge_fire, self);
    if (code != CL_SUCCESS) {
        clSetUserEventStatus(*out, CL_COMPLETE);
        clReleaseEvent(*out);
        clReleaseEvent(*out);
        *out = NULL;
    }
    TRY_DONE(rt_cl(to, code, "clSetEventCallback", "a transfer"));
    self = NULL;
done:
    free(self);
    return rc;
}

/* Asked first, as Oclgrind 21.10 does not call back for an event that has already ended. */
static bool event_ended(cl_event event, _Atomic cl_int *failure)
{
    cl_int status = CL_QUEUED;

    clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL);
    if (status < 0)
        *failure = status;
    return status <= CL_COMPLETE;
}

int rt_event_bridge(cl_event *out, const alx_device *to, const alx_device *from, cl_event event,
                    _Atomic cl_int *failure)
{
    *out = NULL;
    if (event == NULL)
        return 0;
    if (to->context != from->context)
        return event_ended(event, failure) ? 0 : bridge_between(out, to, event, failure);
    clRetainEvent(event);
    *out = event;
    return 0;
}
