/* job.h - what MPI needs to know of a job. */
#ifndef COMM_MPI_JOB_H
#define COMM_MPI_JOB_H

#include <mpi.h>
#include <sys/types.h>

#include "comm/comm.h"

typedef struct comm_end {
    bool ended, by_itself;
    int rc;
} comm_end;

struct comm_transport {
    MPI_Comm world;
    comm_end *ends;      /* by rank, as the next */
    MPI_Request *saying; /* how this rank ended */
    bool *lost;          /* dead, or silent for too long */
    pid_t *pids;
    bool *here;            /* another process of this host */
    MPI_Request hearing;   /* how another ended */
    int heard[2], said[2]; /* code; whether by itself */
    bool told;             /* this rank fails because another has */
};

/* Requests that are waited for together. */
typedef struct comm_wait {
    MPI_Request *requests; /* `count`, as the next: with whom; room for MPI */
    int *peers, *indices;
    int count, turns; /* looks since something last arrived */
    double heard_at;
} comm_wait;

/* An MPI call's code as ours, with its text. */
int comm_mpi(int code, const char *call) ALX_MUST_USE;
int comm_wait_all(alx_comm *comm, comm_wait *wait) ALX_MUST_USE;

#endif
