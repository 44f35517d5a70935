/* transfer.c - tensors from one device to another, on queues of their own, ordered by events.
 *
 * Inside a context each chunk has a buffer of its own, which goes to and fro between the devices;
 * what the tensor is a part of stays where it is. */
#include "rt/memory/transfer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/try.h"
#include "rt/device.h"

typedef struct transfer_chunk {
    alx_tensor arrival;
    cl_event arrived, released; /* of the last time; NULL before the first */
} transfer_chunk;

struct alx_transfer {
    char name[64];
    alx_device *from, *to;
    alx_tensor source;
    transfer_chunk *chunks;
    int chunk_count;
    size_t chunk_bytes;
    cl_event sent;          /* of what was started last */
    rt_staging *staging;    /* NULL: one context */
    _Atomic cl_int failure; /* first code of what failed, CL_SUCCESS = nothing */
};

/* ---- life ---------------------------------------------------------------------------------- */

static int transfer_queues(alx_device *dev)
{
    if (dev->sends == NULL)
        TRY(rt_queue_create(&dev->sends, dev));
    if (dev->receives == NULL)
        TRY(rt_queue_create(&dev->receives, dev));
    return 0;
}

int alx_transfer_create(alx_transfer **out, const char *name, alx_device *to,
                        const alx_tensor *from, int chunks)
{
    alx_transfer *transfer = calloc(1, sizeof *transfer);
    alx_shape shape = from->shape;
    int rc = 0;

    *out = NULL;
    assert(chunks > 0 && shape.n % chunks == 0);
    if (transfer == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for transfer %s", name);
    snprintf(transfer->name, sizeof transfer->name, "%s", name);
    transfer->from = from->dev;
    transfer->to = to;
    transfer->source = *from;
    shape.n /= chunks;
    transfer->chunk_bytes = alx_shape_count(shape) * sizeof(float);
    transfer->chunks = calloc((size_t)chunks, sizeof *transfer->chunks);
    if (transfer->chunks == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for transfer %s", name);
        goto done;
    }
    TRY_DONE(transfer_queues(transfer->from));
    TRY_DONE(transfer_queues(to));
    for (; transfer->chunk_count < chunks; ++transfer->chunk_count)
        TRY_DONE(alx_tensor_create(&transfer->chunks[transfer->chunk_count].arrival, to, shape));
    if (from->dev->context != to->context)
        TRY_DONE(rt_staging_create(&transfer->staging, from->dev, to, transfer->chunk_bytes));
    *out = transfer;
    transfer = NULL;
done:
    alx_transfer_free(transfer);
    return rc;
}

void alx_transfer_free(alx_transfer *transfer)
{
    if (transfer == NULL)
        return;
    if (transfer->from->sends != NULL)
        clFinish(transfer->from->sends);
    if (transfer->to->receives != NULL)
        clFinish(transfer->to->receives);
    rt_event_drop(&transfer->sent);
    rt_staging_free(transfer->staging);
    for (int i = 0; i < transfer->chunk_count; ++i) {
        rt_event_drop(&transfer->chunks[i].arrived);
        rt_event_drop(&transfer->chunks[i].released);
        alx_tensor_free(&transfer->chunks[i].arrival);
    }
    free(transfer->chunks);
    free(transfer);
}

const alx_tensor *alx_transfer_arrival(const alx_transfer *transfer, int chunk)
{
    return &transfer->chunks[chunk].arrival;
}

/* ---- moving -------------------------------------------------------------------------------- */

static bool transfer_idle(const alx_transfer *transfer)
{
    return transfer->from->collecting || transfer->to->collecting;
}

/* The first command says that the buffer's old contents need not travel back. */
static int buffer_fetch(const alx_device *from, const rt_move *move)
{
    const cl_mem mem = move->arrival->mem;

    return rt_cl(from,
                 clEnqueueMigrateMemObjects(
                     from->sends, 1, &mem, CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED,
                     move->released != NULL, move->released != NULL ? &move->released : NULL, NULL),
                 "clEnqueueMigrateMemObjects", move->name);
}

static int context_move(cl_event *sent, cl_event *arrived, const alx_device *from, alx_device *to,
                        const rt_move *move)
{
    const cl_mem mem = move->arrival->mem;

    *sent = *arrived = NULL;
    TRY(buffer_fetch(from, move));
    TRY(rt_cl(from,
              clEnqueueCopyBuffer(from->sends, move->source->mem, mem, move->offset, 0, move->bytes,
                                  1, &move->produced, sent),
              "clEnqueueCopyBuffer", move->name));
    rt_profile_transfer(to, from, move->name, "copy", 0, *sent);
    TRY(rt_cl(from, clFlush(from->sends), "clFlush", move->name));
    TRY(rt_cl(to, clEnqueueMigrateMemObjects(to->receives, 1, &mem, 0, 1, sent, arrived),
              "clEnqueueMigrateMemObjects", move->name));
    rt_profile_transfer(to, to, move->name, "migrate", move->bytes, *arrived);
    return rt_cl(to, clFlush(to->receives), "clFlush", move->name);
}

/* Keeps the first failure of an event that is about to be forgotten or looked at. */
static void transfer_note(alx_transfer *transfer, cl_event event)
{
    cl_int status = CL_COMPLETE;

    if (event != NULL &&
        clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL) ==
            CL_SUCCESS &&
        status < 0 && transfer->failure == CL_SUCCESS)
        transfer->failure = status;
}

int alx_transfer_start(alx_transfer *transfer, int chunk)
{
    transfer_chunk *moved = &transfer->chunks[chunk];
    alx_device *from = transfer->from, *to = transfer->to;
    rt_move move = { .name = transfer->name,
                     .source = &transfer->source,
                     .arrival = &moved->arrival,
                     .offset = (size_t)chunk * transfer->chunk_bytes,
                     .bytes = transfer->chunk_bytes,
                     .released = moved->released,
                     .failure = &transfer->failure };
    int rc = 0;

    if (transfer_idle(transfer))
        return 0;
    transfer_note(transfer, moved->arrived);
    rt_event_drop(&moved->arrived);
    rt_event_drop(&transfer->sent);
    TRY_DONE(rt_cl(from, clEnqueueMarkerWithWaitList(from->queue, 0, NULL, &move.produced),
                   "clEnqueueMarkerWithWaitList", transfer->name));
    TRY_DONE(rt_cl(from, clFlush(from->queue), "clFlush", transfer->name));
    TRY_DONE(rt_cl(to, clFlush(to->queue), "clFlush", transfer->name));
    if (transfer->staging != NULL)
        TRY_DONE(rt_staging_move(&transfer->sent, &moved->arrived, transfer->staging, &move));
    else
        TRY_DONE(context_move(&transfer->sent, &moved->arrived, from, to, &move));
done:
    rt_event_drop(&move.produced);
    return rc;
}

/* What `dev` is given from now on runs after `event`. */
static int transfer_barrier(const alx_transfer *transfer, const alx_device *dev,
                            const cl_event *event)
{
    if (transfer_idle(transfer))
        return 0;
    assert(*event != NULL);
    return rt_cl(dev, clEnqueueBarrierWithWaitList(dev->queue, 1, event, NULL),
                 "clEnqueueBarrierWithWaitList", transfer->name);
}

int alx_transfer_await(alx_transfer *transfer, int chunk)
{
    return transfer_barrier(transfer, transfer->to, &transfer->chunks[chunk].arrived);
}

int alx_transfer_settle(alx_transfer *transfer)
{
    return transfer_barrier(transfer, transfer->from, &transfer->sent);
}

int alx_transfer_release(alx_transfer *transfer, int chunk)
{
    cl_event *released = &transfer->chunks[chunk].released;

    if (transfer_idle(transfer))
        return 0;
    rt_event_drop(released);
    return rt_cl(transfer->to, clEnqueueMarkerWithWaitList(transfer->to->queue, 0, NULL, released),
                 "clEnqueueMarkerWithWaitList", transfer->name);
}

int alx_transfer_check(alx_transfer *transfer)
{
    if (transfer == NULL)
        return 0;
    for (int i = 0; i < transfer->chunk_count; ++i)
        transfer_note(transfer, transfer->chunks[i].arrived);
    const cl_int failure = transfer->failure;

    if (failure == CL_SUCCESS)
        return 0;
    return alx_fail(ALX_E_DEVICE, "transfer %s from %s to %s failed: %s (%d)", transfer->name,
                    transfer->from->info.name, transfer->to->info.name, rt_cl_code(failure),
                    (int)failure);
}
