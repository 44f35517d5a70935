/* comm.h - the processes of a job that a launcher of MPI (mpirun, srun) has started: who they are,
 * what they tell each other, and sums whose bits do not depend on how many they are.
 *
 * A rank is a process of the job. All calls but alx_comm_launched come from the thread that opened;
 * all ranks make them in the same order. A failure of one rank reaches the others in the call in
 * which they wait: they fail with its code. NULL stands for a process that is alone. */
#ifndef ALEXNET_DEV_COMM_H
#define ALEXNET_DEV_COMM_H

#include <stdbool.h>
#include <stddef.h>

#include "alexnet/status.h"

ALX_BEGIN_DECLS

typedef struct alx_comm alx_comm;

/** Processes that a launcher says it has started for this job; 1 without a launcher. */
int alx_comm_launched(void);

/**
 * Joins the job. `*out` is NULL where the process is alone.
 *
 * @param timeout  seconds without a word from a rank that is waited for, then it counts as hung;
 *                 0 = no limit
 * @return 0; ALX_E_USAGE if a launcher started several processes and this program was built without
 *         MPI; ALX_E_DEVICE; ALX_E_MEMORY
 */
int alx_comm_open(alx_comm **out, double timeout) ALX_MUST_USE;

/**
 * Leaves the job with how this rank's work ended; waits for all others, after a failure 2 seconds.
 *
 * @return rc, or if that is 0 the code of a rank that failed. Its text is that of rc, with this
 *         rank's name, on the first rank that failed by itself, and "" on all others. NULL is fine.
 */
int alx_comm_close(alx_comm *comm, int rc) ALX_MUST_USE;

int alx_comm_rank(const alx_comm *comm);
int alx_comm_size(const alx_comm *comm);
/** This rank's place, from 0, among those of its host, and how many they are: alone 0 and 1. */
int alx_comm_place(const alx_comm *comm);
int alx_comm_places(const alx_comm *comm);
/** "rank 2 (process 4711 on node7)"; borrowed. */
const char *alx_comm_who(const alx_comm *comm, int rank);

/** Of `count` things in a row the neighbouring ones that are a rank's: first to end - 1. */
void alx_comm_share(const alx_comm *comm, int rank, int count, int *first, int *end);

/** Every rank's `bytes` bytes, by rank, to all. */
int alx_comm_gather(alx_comm *comm, void *all, const void *own, size_t bytes) ALX_MUST_USE;
/** Rank 0's bytes to all. */
int alx_comm_spread(alx_comm *comm, void *data, size_t bytes) ALX_MUST_USE;

/** At least so many bytes for what is sent, valid until the next call; they stay until the end, as
 *  a message of a job that fails may be under way. */
int alx_comm_memory(void **out, alx_comm *comm, size_t bytes) ALX_MUST_USE;

/**
 * Sums of shards, added in the order of base/sum_tree.h whatever the number of ranks. Each rank
 * adds a slice of all, and sends it to the others: (ranks - 1) / ranks of the bytes twice, as a
 * ring has.
 *
 * @param out     count floats, the same bits on every rank
 * @param own     of alx_comm_memory: what this rank's shards come to, a sum for each that the tree
 *                has not added to another yet, from left to right
 * @param shards  of all ranks: the first of them, of `of` that alx_comm_share divides
 */
int alx_comm_sum(alx_comm *comm, float *out, const float *const *own, int shards, int of,
                 size_t count) ALX_MUST_USE;

ALX_END_DECLS

#endif
