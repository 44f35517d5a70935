/* transfer.h - what transfer.c and staging.c share. */
#ifndef RT_TRANSFER_H
#define RT_TRANSFER_H

#include "rt/memory/memory.h"

/* Host memory between two contexts: a ring of two slots of a piece each. */
typedef struct rt_staging {
    alx_device *from, *to;
    alx_pinned *pinned; /* by the driver of one of the two */
    size_t slot_bytes;
    int slot;            /* of the next piece */
    cl_event written[2]; /* of the last piece that left each slot, an event of `to`; or NULL */
} rt_staging;

/* One move of `bytes` from an offset of `source` to the start of `arrival`. */
typedef struct rt_move {
    const char *name; /* of the transfer */
    const alx_tensor *source, *arrival;
    size_t offset, bytes;
    cl_event produced, released; /* of `from`, of `to` (NULL: never used) */
    _Atomic cl_int *failure;
} rt_move;

int rt_staging_create(rt_staging **out, alx_device *from, alx_device *to,
                      size_t bytes) ALX_MUST_USE;
/* Both devices' transfer queues must be finished. */
void rt_staging_free(rt_staging *staging);
/* Events of the last piece read and written; the caller's, also after a failure. */
int rt_staging_move(cl_event *sent, cl_event *arrived, rt_staging *staging,
                    const rt_move *move) ALX_MUST_USE;

static inline void rt_event_drop(cl_event *event)
{
    if (*event != NULL)
        clReleaseEvent(*event);
    *event = NULL;
}

#endif
