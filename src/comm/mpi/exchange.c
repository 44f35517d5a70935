/* exchange.c - messages, in pieces that MPI can count. */
#include "comm/mpi/job.h"

#include <stdlib.h>

#include "base/try.h"

#define MESSAGE_TAG 1
#define PIECE_BYTES ((size_t)1 << 28)

static int pieces(const comm_message *list, int count)
{
    size_t sum = 0;

    for (int i = 0; i < count; ++i)
        sum += (list[i].bytes + PIECE_BYTES - 1) / PIECE_BYTES;
    return (int)sum;
}

static int start(alx_comm *comm, comm_wait *wait, const comm_message *message, bool sends)
{
    char *data = message->data;

    for (size_t at = 0; at < message->bytes; at += PIECE_BYTES) {
        const size_t left = message->bytes - at;
        const int bytes = (int)(left < PIECE_BYTES ? left : PIECE_BYTES);
        MPI_Request *request = &wait->requests[wait->count];

        wait->peers[wait->count++] = message->peer;
        if (sends)
            TRY(comm_mpi(MPI_Isend(data + at, bytes, MPI_BYTE, message->peer, MESSAGE_TAG,
                                   comm->transport->world, request),
                         "MPI_Isend"));
        else
            TRY(comm_mpi(MPI_Irecv(data + at, bytes, MPI_BYTE, message->peer, MESSAGE_TAG,
                                   comm->transport->world, request),
                         "MPI_Irecv"));
    }
    return 0;
}

int comm_exchange(alx_comm *comm, const comm_message *sends, int send_count,
                  const comm_message *receives, int receive_count)
{
    const size_t most = (size_t)pieces(sends, send_count) +
                        (size_t)pieces(receives, receive_count) + 1;
    comm_wait wait = { .requests = calloc(most, sizeof *wait.requests),
                       .peers = calloc(most, sizeof *wait.peers),
                       .indices = calloc(most, sizeof *wait.indices) };
    int rc = 0;

    if (wait.requests == NULL || wait.peers == NULL || wait.indices == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for messages between %d ranks", comm->size);
        goto done;
    }
    for (int i = 0; i < receive_count; ++i)
        TRY_DONE(start(comm, &wait, &receives[i], false));
    for (int i = 0; i < send_count; ++i)
        TRY_DONE(start(comm, &wait, &sends[i], true));
    TRY_DONE(comm_wait_all(comm, &wait));
done:
    free(wait.requests);
    free(wait.peers);
    free(wait.indices);
    return rc;
}
