/* timeline.c - when each command ran, on the host's clock. */
#include "rt/watch/watch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/try.h"
#include "rt/device.h"
#include "rt/memory/memory.h"

#define MAX_EVENTS ((size_t)1 << 18) /* 40 MB; some hundred steps of the paper's network */
#define CLOCK_TRIES 5

struct rt_timeline {
    alx_timeline_event *events;
    size_t count, room, dropped;
};

int rt_timeline_create(rt_timeline **out)
{
    *out = calloc(1, sizeof **out);
    return *out != NULL ? 0 : alx_fail(ALX_E_MEMORY, "out of host memory for the timeline");
}

void rt_timeline_free(rt_timeline *timeline)
{
    if (timeline == NULL)
        return;
    free(timeline->events);
    free(timeline);
}

static bool timeline_grow(rt_timeline *timeline)
{
    const size_t room = timeline->room > 0 ? 2 * timeline->room : 1024;
    alx_timeline_event *events = room <= MAX_EVENTS
                                     ? realloc(timeline->events, room * sizeof *events)
                                     : NULL;

    if (events == NULL)
        return false;
    timeline->events = events;
    timeline->room = room;
    return true;
}

void rt_timeline_add(rt_timeline *timeline, const alx_timeline_event *event)
{
    if (timeline->count == timeline->room && !timeline_grow(timeline))
        ++timeline->dropped;
    else
        timeline->events[timeline->count++] = *event;
}

const alx_timeline_event *rt_timeline_events(const rt_timeline *timeline, size_t *count,
                                             size_t *dropped)
{
    *count = timeline->count;
    *dropped = timeline->dropped;
    return timeline->events;
}

/* ---- clocks -------------------------------------------------------------------------------- */

/* When a small command ended, on the device's clock and on the host's, and how long the host
 * cannot tell. */
static int clock_compare(double *offset_ms, double *doubt_ms, const alx_device *dev, cl_mem mem)
{
    const cl_uint zero = 0;
    const double before_ms = 1e3 * base_seconds();
    cl_event event = NULL;
    cl_ulong ended_ns = 0;
    int rc = 0;

    TRY_DONE(rt_cl(
        dev,
        clEnqueueFillBuffer(dev->queue, mem, &zero, sizeof zero, 0, sizeof zero, 0, NULL, &event),
        "clEnqueueFillBuffer", "the clock"));
    TRY_DONE(rt_cl_wait(dev, event, "clEnqueueFillBuffer", "the clock"));
    const double after_ms = 1e3 * base_seconds();
    TRY_DONE(rt_cl(
        dev,
        clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof ended_ns, &ended_ns, NULL),
        "clGetEventProfilingInfo", "the clock"));
    *doubt_ms = after_ms - before_ms;
    *offset_ms = 0.5 * (before_ms + after_ms) - 1e-6 * (double)ended_ns;
done:
    if (event != NULL)
        clReleaseEvent(event);
    return rc;
}

int rt_clock_measure(double *offset_ms, const alx_device *dev)
{
    double least_ms = 0.0;
    cl_mem mem = NULL;
    int rc = 0;

    TRY_DONE(rt_buffer_create(&mem, dev, sizeof(cl_uint), "the clock"));
    for (int i = 0; i < CLOCK_TRIES; ++i) {
        double tried_ms = 0.0, doubt_ms = 0.0;

        TRY_DONE(clock_compare(&tried_ms, &doubt_ms, dev, mem));
        if (i == 0 || doubt_ms < least_ms) {
            least_ms = doubt_ms;
            *offset_ms = tried_ms;
        }
    }
done:
    if (mem != NULL)
        clReleaseMemObject(mem);
    return rc;
}
