/* profile.c - device time of commands, from their events, summed by label and kernel. */
#include "rt/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PENDING 4096 /* events held before they are folded into rows */

typedef struct profile_record {
    char label[64], kernel[64];
    cl_event event; /* NULL if the command was refused */
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

static int record_fold(alx_device *dev, const profile_record *record)
{
    cl_ulong start = 0, end = 0;
    alx_profile_row *row = NULL;
    int rc = 0;

    TRY(alx_cl_wait(dev, record->event, "profiling", record->kernel));
    TRY(profile_row(&row, dev->profile, record));
    TRY(alx_cl(dev,
               clGetEventProfilingInfo(record->event, CL_PROFILING_COMMAND_START, sizeof start,
                                       &start, NULL),
               "clGetEventProfilingInfo", record->kernel));
    TRY(alx_cl(dev,
               clGetEventProfilingInfo(record->event, CL_PROFILING_COMMAND_END, sizeof end, &end,
                                       NULL),
               "clGetEventProfilingInfo", record->kernel));
    ++row->count;
    row->total_ms += (double)(end - start) * 1e-6;
done:
    return rc;
}

/* Moves what is pending into the rows; every event is released, also after a failure. */
static int profile_fold(alx_device *dev)
{
    alx_profile *profile = dev->profile;
    int rc = 0;

    for (size_t i = 0; i < profile->pending_count; ++i) {
        const profile_record *record = &profile->pending[i];

        if (record->event == NULL)
            continue;
        if (rc == 0)
            rc = record_fold(dev, record);
        clReleaseEvent(record->event);
    }
    profile->pending_count = 0;
    return rc;
}

/* ---- for the rest of the room -------------------------------------------------------------- */

cl_event *alx_profile_slot(alx_device *dev, const char *kernel)
{
    alx_profile *profile = dev->profile;

    if (profile == NULL)
        return NULL;
    if (profile->pending_count == MAX_PENDING && profile_fold(dev) != 0)
        return NULL; /* the queue is broken: the command that follows says so itself */
    profile_record *record = &profile->pending[profile->pending_count++];

    snprintf(record->label, sizeof record->label, "%s", dev->label);
    snprintf(record->kernel, sizeof record->kernel, "%s", kernel);
    record->event = NULL;
    return &record->event;
}

void alx_profile_free(alx_profile *profile)
{
    if (profile == NULL)
        return;
    for (size_t i = 0; i < profile->pending_count; ++i)
        if (profile->pending[i].event != NULL)
            clReleaseEvent(profile->pending[i].event);
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
