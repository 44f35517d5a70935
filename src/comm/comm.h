/* comm.h - what the parts of a job are to each other: messages between two ranks, on MPI or without
 * it; all else is made of them. */
#ifndef COMM_COMM_H
#define COMM_COMM_H

#include "alexnet/dev/comm.h"

#define COMM_WHO_BYTES 160

typedef struct comm_transport comm_transport; /* MPI's own */

struct alx_comm {
    int rank, size;
    int place, places; /* among the ranks of this host */
    double timeout;
    char (*who)[COMM_WHO_BYTES]; /* by rank */
    char *room, *memory;         /* of what arrives, and is sent */
    size_t room_bytes, memory_bytes;
    comm_transport *transport;
};

typedef struct comm_message {
    int peer;
    void *data;
    size_t bytes;
} comm_message;

/* Sends and receives; between two ranks in the order of the lists. Waits for all of them. What is
 * received lies in the room. */
int comm_exchange(alx_comm *comm, const comm_message *sends, int send_count,
                  const comm_message *receives, int receive_count) ALX_MUST_USE;
/* At least so many bytes, which stay until the next call. */
int comm_room(char **out, alx_comm *comm, size_t bytes) ALX_MUST_USE;

#endif
