/* profile.c - device time of commands, from their events, summed by label and kernel. */
#include "rt/watch/watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "rt/device.h"

#define MAX_PENDING 4096 /* events held before they are folded into rows */

typedef struct profile_record {
    char label[64], kernel[64];
    cl_event before; /* NULL, or a marker: the command is several kernels */
    cl_event event;  /* of its last kernel; NULL if the command was refused */
    double clock_ms; /* of the device whose queue it is on */
    alx_timeline_queue queue;
    size_t bytes;            /* that arrived with it */
    double start_ms, end_ms; /* on the host's clock, once it has ended */
} profile_record;

struct rt_profile {
    double clock_ms; /* host's clock minus the device's */
    rt_timeline *timeline;
    profile_record pending[MAX_PENDING];
    size_t pending_count;
    alx_profile_row *rows;
    size_t row_count, row_room;
};

/* ---- rows ---------------------------------------------------------------------------------- */

static int profile_row(alx_profile_row **out, rt_profile *profile, const profile_record *record)
{
    for (size_t i = 0; i < profile->row_count; ++i) {
        *out = &profile->rows[i];
        if (strcmp((*out)->label, record->label) == 0 &&
            strcmp((*out)->kernel, record->kernel) == 0)
            return 0;
    }
    if (profile->row_count == profile->row_room) {
        const size_t room = profile->row_room > 0 ? 2 * profile->row_room : 64;
        alx_profile_row *rows = realloc(profile->rows, room * sizeof *rows);

        if (rows == NULL)
            return alx_fail(ALX_E_MEMORY, "out of host memory for the profile");
        profile->rows = rows;
        profile->row_room = room;
    }
    *out = &profile->rows[profile->row_count++];
    **out = (alx_profile_row){ 0 };
    memcpy((*out)->label, record->label, sizeof record->label);
    memcpy((*out)->kernel, record->kernel, sizeof record->kernel);
    return 0;
}

static int event_ms(double *ms, const alx_device *dev, const profile_record *record, cl_event event,
                    cl_profiling_info what)
{
    cl_ulong ns = 0;

    TRY(rt_cl(dev, clGetEventProfilingInfo(event, what, sizeof ns, &ns, NULL),
              "clGetEventProfilingInfo", record->kernel));
    *ms = 1e-6 * (double)ns;
    return 0;
}

static int record_times(profile_record *record, const alx_device *dev)
{
    double before_ms = 0.0;

    TRY(rt_cl_wait(dev, record->event, "profiling", record->kernel));
    TRY(event_ms(&record->start_ms, dev, record, record->event, CL_PROFILING_COMMAND_START));
    TRY(event_ms(&record->end_ms, dev, record, record->event, CL_PROFILING_COMMAND_END));
    if (record->before != NULL)
        TRY(event_ms(&before_ms, dev, record, record->before, CL_PROFILING_COMMAND_END));
    /* a marker's time is not to be trusted (Mesa 22.3) */
    if (before_ms > 0.0 && before_ms < record->start_ms)
        record->start_ms = before_ms;
    if (record->end_ms < record->start_ms)
        record->end_ms = record->start_ms;
    record->start_ms += record->clock_ms;
    record->end_ms += record->clock_ms;
    return 0;
}

/* How much of a transfer's time the device that receives it computes. Kernels of an in-order queue
 * do not overlap, so their shares add up. */
static double hidden_ms(const rt_profile *profile, const profile_record *transfer)
{
    double sum = 0.0;

    for (size_t i = 0; i < profile->pending_count; ++i) {
        const profile_record *r = &profile->pending[i];
        const double start = fmax(r->start_ms, transfer->start_ms);
        const double end = fmin(r->end_ms, transfer->end_ms);

        if (r->queue == ALX_TIMELINE_COMPUTE && r->event != NULL && end > start)
            sum += end - start;
    }
    return sum;
}

static int record_fold(rt_profile *profile, const profile_record *record)
{
    alx_profile_row *row = NULL;

    TRY(profile_row(&row, profile, record));
    ++row->count;
    row->total_ms += record->end_ms - record->start_ms;
    row->transfer = record->queue != ALX_TIMELINE_COMPUTE;
    row->bytes += record->bytes;
    if (row->transfer)
        row->hidden_ms += hidden_ms(profile, record);
    if (profile->timeline != NULL) {
        alx_timeline_event event = { .queue = record->queue,
                                     .start_ms = record->start_ms,
                                     .end_ms = record->end_ms,
                                     .bytes = record->bytes };

        memcpy(event.label, record->label, sizeof event.label);
        memcpy(event.kernel, record->kernel, sizeof event.kernel);
        rt_timeline_add(profile->timeline, &event);
    }
    return 0;
}

static void record_release(profile_record *record)
{
    if (record->before != NULL)
        clReleaseEvent(record->before);
    if (record->event != NULL)
        clReleaseEvent(record->event);
}

/* Moves what is pending into the rows; every event is released, also after a failure. */
static int profile_fold(alx_device *dev)
{
    rt_profile *profile = dev->profile;
    int rc = 0;

    for (size_t i = 0; i < profile->pending_count && rc == 0; ++i)
        if (profile->pending[i].event != NULL)
            rc = record_times(&profile->pending[i], dev);
    for (size_t i = 0; i < profile->pending_count; ++i) {
        if (profile->pending[i].event != NULL && rc == 0)
            rc = record_fold(profile, &profile->pending[i]);
        record_release(&profile->pending[i]);
    }
    profile->pending_count = 0;
    return rc;
}

/* ---- for the rest of the room -------------------------------------------------------------- */

/* A new record, or NULL when not profiling. */
static profile_record *profile_record_add(alx_device *dev, const char *label, const char *kernel)
{
    rt_profile *profile = dev->profile;

    if (profile == NULL)
        return NULL;
    if (profile->pending_count == MAX_PENDING && profile_fold(dev) != 0)
        return NULL; /* the queue is broken: the command that follows says so itself */
    profile_record *record = &profile->pending[profile->pending_count++];

    *record = (profile_record){ .clock_ms = profile->clock_ms };
    snprintf(record->label, sizeof record->label, "%s", label);
    snprintf(record->kernel, sizeof record->kernel, "%s", kernel);
    return record;
}

cl_event *rt_profile_slot(alx_device *dev, const char *kernel)
{
    profile_record *record = profile_record_add(dev, dev->label, kernel);

    return record != NULL ? &record->event : NULL;
}

cl_event *rt_profile_span(alx_device *dev, const char *kernel)
{
    profile_record *record = profile_record_add(dev, dev->label, kernel);

    if (record == NULL)
        return NULL;
    if (clEnqueueMarkerWithWaitList(dev->queue, 0, NULL, &record->before) != CL_SUCCESS)
        record->before = NULL; /* then the last kernel's time is what we have */
    return &record->event;
}

void rt_profile_transfer(alx_device *to, const alx_device *on, const char *name, const char *what,
                         size_t bytes, cl_event event)
{
    profile_record *record = on->profile != NULL ? profile_record_add(to, name, what) : NULL;

    if (record == NULL)
        return;
    record->clock_ms = on->profile->clock_ms;
    record->queue = on == to ? ALX_TIMELINE_RECEIVE : ALX_TIMELINE_SEND;
    record->bytes = bytes;
    record->event = event;
    clRetainEvent(event);
}

void rt_profile_free(rt_profile *profile)
{
    if (profile == NULL)
        return;
    for (size_t i = 0; i < profile->pending_count; ++i)
        record_release(&profile->pending[i]);
    rt_timeline_free(profile->timeline);
    free(profile->rows);
    free(profile);
}

/* ---- public -------------------------------------------------------------------------------- */

static int queue_renew(cl_command_queue *queue, const alx_device *dev)
{
    cl_command_queue renewed = NULL;

    if (*queue == NULL)
        return 0;
    TRY(rt_queue_create(&renewed, dev));
    rt_queue_release(queue);
    *queue = renewed;
    return 0;
}

int alx_profile_start(alx_device *dev)
{
    if (dev->profile != NULL)
        return 0;
    TRY(alx_device_finish(dev));
    dev->profile = calloc(1, sizeof *dev->profile);
    if (dev->profile == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the profile");
    TRY(queue_renew(&dev->queue, dev));
    TRY(queue_renew(&dev->sends, dev));
    TRY(queue_renew(&dev->receives, dev));
    return rt_clock_measure(&dev->profile->clock_ms, dev);
}

int alx_timeline_start(alx_device *dev)
{
    TRY(alx_profile_start(dev));
    if (dev->profile->timeline == NULL)
        TRY(rt_timeline_create(&dev->profile->timeline));
    return 0;
}

int alx_timeline_take(alx_device *dev, const alx_timeline_event **events, size_t *count,
                      size_t *dropped)
{
    *events = NULL;
    *count = *dropped = 0;
    if (dev->profile == NULL || dev->profile->timeline == NULL)
        return 0;
    TRY(profile_fold(dev));
    *events = rt_timeline_events(dev->profile->timeline, count, dropped);
    return 0;
}

static int row_longer(const void *a, const void *b)
{
    const alx_profile_row *x = a, *y = b;

    return (x->total_ms < y->total_ms) - (x->total_ms > y->total_ms);
}

int alx_profile_take(alx_device *dev, alx_profile_row **rows, size_t *count)
{
    rt_profile *profile = dev->profile;

    *rows = NULL;
    *count = 0;
    if (profile == NULL)
        return 0;
    TRY(profile_fold(dev));
    if (profile->row_count > 0)
        qsort(profile->rows, profile->row_count, sizeof *profile->rows, row_longer);
    *rows = profile->rows;
    *count = profile->row_count;
    profile->rows = NULL;
    profile->row_count = profile->row_room = 0;
    return 0;
}

size_t alx_profile_transfers(alx_profile_row *rows, size_t count)
{
    size_t merged = 0;

    for (size_t i = 0; i < count; ++i) {
        size_t at = 0;

        if (!rows[i].transfer)
            continue;
        while (at < merged && strcmp(rows[at].label, rows[i].label) != 0)
            ++at;
        if (at == merged) {
            rows[merged++] = rows[i];
            continue;
        }
        rows[at].total_ms += rows[i].total_ms;
        rows[at].hidden_ms += rows[i].hidden_ms;
        rows[at].bytes += rows[i].bytes;
    }
    return merged;
}
