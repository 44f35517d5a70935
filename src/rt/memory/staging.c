/* staging.c - from one context to another: pieces are read into pinned host memory and written from
 * there, so that a piece is read while the one before it is written. */
#include "rt/memory/transfer.h"

#include <stdlib.h>

#include "base/try.h"
#include "rt/device.h"

#define PIECE_BYTES ((size_t)1 << 20)

static bool device_is_gpu(const alx_device *dev)
{
    return dev->info.type == ALX_DEVICE_GPU;
}

int rt_staging_create(rt_staging **out, alx_device *from, alx_device *to, size_t bytes)
{
    rt_staging *staging = calloc(1, sizeof *staging);
    int rc = 0;

    *out = NULL;
    if (staging == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a transfer");
    staging->from = from;
    staging->to = to;
    staging->slot_bytes = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;
    TRY_DONE(alx_pinned_create(&staging->pinned,
                               device_is_gpu(to) && !device_is_gpu(from) ? to : from,
                               2 * staging->slot_bytes));
    *out = staging;
    staging = NULL;
done:
    rt_staging_free(staging);
    return rc;
}

void rt_staging_free(rt_staging *staging)
{
    if (staging == NULL)
        return;
    for (int i = 0; i < 2; ++i)
        rt_event_drop(&staging->written[i]);
    alx_pinned_free(staging->pinned);
    free(staging);
}

static char *slot_memory(const rt_staging *staging)
{
    char *memory = alx_pinned_memory(staging->pinned);

    return memory + (size_t)staging->slot * staging->slot_bytes;
}

/* Reads a piece once it is produced and the slot is empty. */
static int piece_read(cl_event *read, const rt_staging *staging, const rt_move *move, size_t at,
                      size_t bytes)
{
    cl_event waits[2] = { move->produced, NULL };
    int rc = 0;

    TRY_DONE(rt_event_bridge(&waits[1], staging->from, staging->to, staging->written[staging->slot],
                             move->failure));
    TRY_DONE(rt_cl(staging->from,
                   clEnqueueReadBuffer(staging->from->sends, move->source->mem, CL_FALSE,
                                       move->offset + at, bytes, slot_memory(staging),
                                       waits[1] != NULL ? 2 : 1, waits, read),
                   "clEnqueueReadBuffer", move->name));
done:
    rt_event_drop(&waits[1]);
    return rc;
}

/* Writes the slot once it is read and what was there before has been used. */
static int piece_write(cl_event *written, const rt_staging *staging, const rt_move *move,
                       cl_event read, size_t at, size_t bytes)
{
    cl_event waits[2] = { NULL, NULL }, bridged = NULL;
    cl_uint wait_count = 0;
    int rc = 0;

    TRY_DONE(rt_event_bridge(&bridged, staging->to, staging->from, read, move->failure));
    if (bridged != NULL)
        waits[wait_count++] = bridged;
    if (move->released != NULL)
        waits[wait_count++] = move->released;
    TRY_DONE(rt_cl(staging->to,
                   clEnqueueWriteBuffer(staging->to->receives, move->arrival->mem, CL_FALSE, at,
                                        bytes, slot_memory(staging), wait_count,
                                        wait_count > 0 ? waits : NULL, written),
                   "clEnqueueWriteBuffer", move->name));
done:
    rt_event_drop(&bridged);
    return rc;
}

/* A queue that is not flushed may never start, and the other one waits for it. */
static int queues_flush(const rt_staging *staging, const rt_move *move)
{
    TRY(rt_cl(staging->from, clFlush(staging->from->sends), "clFlush", move->name));
    return rt_cl(staging->to, clFlush(staging->to->receives), "clFlush", move->name);
}

int rt_staging_move(cl_event *sent, cl_event *arrived, rt_staging *staging, const rt_move *move)
{
    *sent = *arrived = NULL;
    for (size_t at = 0; at < move->bytes; at += staging->slot_bytes) {
        const size_t rest = move->bytes - at;
        const size_t bytes = rest < staging->slot_bytes ? rest : staging->slot_bytes;
        cl_event *written = &staging->written[staging->slot];

        rt_event_drop(sent);
        TRY(piece_read(sent, staging, move, at, bytes));
        rt_profile_transfer(staging->to, staging->from, move->name, "read", 0, *sent);
        rt_event_drop(written);
        TRY(piece_write(written, staging, move, *sent, at, bytes));
        rt_profile_transfer(staging->to, staging->to, move->name, "write", bytes, *written);
        TRY(queues_flush(staging, move));
        staging->slot = 1 - staging->slot;
    }
    *arrived = staging->written[1 - staging->slot];
    clRetainEvent(*arrived);
    return 0;
}
