/* share.c - who is who, who does what, and small data that all ranks get. */
#include "comm/comm.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

int alx_comm_rank(const alx_comm *comm)
{
    return comm != NULL ? comm->rank : 0;
}

int alx_comm_size(const alx_comm *comm)
{
    return comm != NULL ? comm->size : 1;
}

int alx_comm_place(const alx_comm *comm)
{
    return comm != NULL ? comm->place : 0;
}

int alx_comm_places(const alx_comm *comm)
{
    return comm != NULL ? comm->places : 1;
}

const char *alx_comm_who(const alx_comm *comm, int rank)
{
    return comm != NULL ? comm->who[rank] : "";
}

void alx_comm_share(const alx_comm *comm, int rank, int count, int *first, int *end)
{
    const int64_t size = alx_comm_size(comm);

    *first = (int)(count * (int64_t)rank / size);
    *end = (int)(count * ((int64_t)rank + 1) / size);
}

static int grow(char **memory, size_t *has, size_t bytes, int ranks)
{
    if (bytes <= *has)
        return 0;
    free(*memory);
    *memory = calloc(1, bytes);
    *has = *memory != NULL ? bytes : 0;
    if (*memory == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for what %d ranks send", ranks);
    return 0;
}

int comm_room(char **out, alx_comm *comm, size_t bytes)
{
    TRY(grow(&comm->room, &comm->room_bytes, bytes, comm->size));
    *out = comm->room;
    return 0;
}

int alx_comm_memory(void **out, alx_comm *comm, size_t bytes)
{
    TRY(grow(&comm->memory, &comm->memory_bytes, bytes, comm->size));
    *out = comm->memory;
    return 0;
}

/* Room for a message to and from each rank. */
static int make_messages(comm_message **sends, comm_message **receives, int count)
{
    *sends = calloc((size_t)count, sizeof **sends);
    *receives = calloc((size_t)count, sizeof **receives);
    if (*sends == NULL || *receives == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for messages between %d ranks", count);
    return 0;
}

int alx_comm_gather(alx_comm *comm, void *all, const void *own, size_t bytes)
{
    const int size = alx_comm_size(comm);
    comm_message *sends = NULL, *receives = NULL;
    char *room = NULL;
    int count = 0, rc = 0;

    if (comm == NULL) {
        memcpy(all, own, bytes);
        return 0;
    }
    TRY_DONE(make_messages(&sends, &receives, size));
    TRY_DONE(comm_room(&room, comm, bytes * ((size_t)size + 1)));
    char *sent = room + bytes * (size_t)size;
    memcpy(sent, own, bytes);
    memcpy(room + bytes * (size_t)comm->rank, own, bytes);
    for (int peer = 0; peer < size; ++peer) {
        if (peer == comm->rank)
            continue;
        sends[count] = (comm_message){ peer, sent, bytes };
        receives[count++] = (comm_message){ peer, room + bytes * (size_t)peer, bytes };
    }
    TRY_DONE(comm_exchange(comm, sends, count, receives, count));
    memcpy(all, room, bytes * (size_t)size);
done:
    free(sends);
    free(receives);
    return rc;
}

/* Down a binary tree of ranks: rank r has it from (r - 1) / 2. */
int alx_comm_spread(alx_comm *comm, void *data, size_t bytes)
{
    const int rank = alx_comm_rank(comm), size = alx_comm_size(comm);
    comm_message sends[2], receive = { .peer = (rank - 1) / 2, .bytes = bytes };
    int count = 0;
    char *room = NULL;

    if (comm == NULL)
        return 0;
    TRY(comm_room(&room, comm, bytes));
    receive.data = room;
    if (rank > 0)
        TRY(comm_exchange(comm, NULL, 0, &receive, 1));
    else
        memcpy(room, data, bytes);
    for (int peer = 2 * rank + 1; peer <= 2 * rank + 2 && peer < size; ++peer)
        sends[count++] = (comm_message){ peer, room, bytes };
    TRY(comm_exchange(comm, sends, count, NULL, 0));
    memcpy(data, room, bytes);
    return 0;
}
