/* profile.c - device time of commands, from their events, summed by label and kernel. */
#include "rt/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PENDING 4096 /* events held before they are folded into rows */

typedef struct profile_record {
    char label[64], kernel[64];
    cl_event before; /* NULL, or a marker: the command is several kernels */
    cl_event event;  /* of its last kernel; NULL if the command was refused */
} profile_record;

struct alx_profile {
    profile_record pending[MAX_PENDING];
    size_t pending_count;
    alx_profile_row *rows;
    size_t row_count, row_room;
};

/* ---- rows ---------------------------------------------------------------------------------- */

static int profile_row(alx_profile_row **out, alx_profile *profile, const profile_record *record)
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

static int event_time(cl_ulong *ns, const alx_device *dev, cl_event event, cl_profiling_info what,
                      const char *kernel)
{
    return alx_cl(dev, clGetEventProfilingInfo(event, what, sizeof *ns, ns, NULL),
                  "clGetEventProfilingInfo", kernel);
}

static int record_fold(alx_device *dev, const profile_record *record)
{
    cl_ulong before = 0, start = 0, end = 0;
    alx_profile_row *row = NULL;
    int rc = 0;

    TRY(alx_cl_wait(dev, record->event, "profiling", record->kernel));
    TRY(profile_row(&row, dev->profile, record));
    TRY(event_time(&start, dev, record->event, CL_PROFILING_COMMAND_START, record->kernel));
    TRY(event_time(&end, dev, record->event, CL_PROFILING_COMMAND_END, record->kernel));
    if (record->before != NULL)
        TRY(event_time(&before, dev, record->before, CL_PROFILING_COMMAND_END, record->kernel));
    if (before > 0 && before < start) /* a marker's time is not to be trusted (Mesa 22.3) */
        start = before;
    ++row->count;
    row->total_ms += end > start ? (double)(end - start) * 1e-6 : 0.0;
done:
    return rc;
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
    alx_profile *profile = dev->profile;
    int rc = 0;

    for (size_t i = 0; i < profile->pending_count; ++i) {
        if (profile->pending[i].event != NULL && rc == 0)
            rc = record_fold(dev, &profile->pending[i]);
        record_release(&profile->pending[i]);
    }
    profile->pending_count = 0;
    return rc;
}

/* ---- for the rest of the room -------------------------------------------------------------- */

/* A new record, or NULL when not profiling. */
static profile_record *profile_record_add(alx_device *dev, const char *kernel)
{
    alx_profile *profile = dev->profile;

    if (profile == NULL)
        return NULL;
    if (profile->pending_count == MAX_PENDING && profile_fold(dev) != 0)
        return NULL; /* the queue is broken: the command that follows says so itself */
    profile_record *record = &profile->pending[profile->pending_count++];

    *record = (profile_record){ 0 };
    snprintf(record->label, sizeof record->label, "%s", dev->label);
    snprintf(record->kernel, sizeof record->kernel, "%s", kernel);
    return record;
}

cl_event *alx_profile_slot(alx_device *dev, const char *kernel)
{
    profile_record *record = profile_record_add(dev, kernel);

    return record != NULL ? &record->event : NULL;
}

cl_event *alx_profile_span(alx_device *dev, const char *kernel)
{
    profile_record *record = profile_record_add(dev, kernel);

    if (record == NULL)
        return NULL;
    if (clEnqueueMarkerWithWaitList(dev->queue, 0, NULL, &record->before) != CL_SUCCESS)
        record->before = NULL; /* then the last kernel's time is what we have */
    return &record->event;
}

void alx_profile_free(alx_profile *profile)
{
    if (profile == NULL)
        return;
    for (size_t i = 0; i < profile->pending_count; ++i)
        record_release(&profile->pending[i]);
    free(profile->rows);
    free(profile);
}

/* ---- public -------------------------------------------------------------------------------- */

int alx_profile_start(alx_device *dev)
{
    cl_int code = CL_SUCCESS;
    cl_command_queue queue = NULL;
    int rc = 0;

    if (dev->profile != NULL)
        return 0;
    TRY(alx_device_finish(dev));
    queue = clCreateCommandQueue(dev->context->cl, dev->id, CL_QUEUE_PROFILING_ENABLE, &code);
    TRY(alx_cl(dev, code, "clCreateCommandQueue", "a queue with profiling"));
    dev->profile = calloc(1, sizeof *dev->profile);
    if (dev->profile == NULL) {
        clReleaseCommandQueue(queue);
        return alx_fail(ALX_E_MEMORY, "out of host memory for the profile");
    }
    clReleaseCommandQueue(dev->queue);
    dev->queue = queue;
done:
    return rc;
}

static int row_longer(const void *a, const void *b)
{
    const alx_profile_row *x = a, *y = b;

    return (x->total_ms < y->total_ms) - (x->total_ms > y->total_ms);
}

int alx_profile_take(alx_device *dev, alx_profile_row **rows, size_t *count)
{
    alx_profile *profile = dev->profile;
    int rc = 0;

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
done:
    return rc;
}
