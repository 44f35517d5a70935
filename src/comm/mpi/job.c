/* job.c - a job on MPI: starts, leaves, and waits, where others may fail, die or hang meanwhile.
 * Every rank says at its end how it ended, and whether that was by itself. */
#include "comm/mpi/job.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/try.h"

#define END_TAG 2
#define LAST_WORDS_SECONDS 2.0
#define LOOK_SECONDS 0.1 /* between looks at whether processes of this host still live */
#define BUSY_TURNS 2000  /* of a wait that yields the core, before it sleeps */
#define SLEEP_NANOSECONDS 50000

int comm_mpi(int code, const char *call)
{
    char text[MPI_MAX_ERROR_STRING + 1] = "";
    int length = 0;

    if (code == MPI_SUCCESS)
        return 0;
    MPI_Error_string(code, text, &length);
    return alx_fail(ALX_E_DEVICE, "%s: %s", call, text);
}

/* ---- what others say at their end ------------------------------------------------------------ */

static int expect_ends(comm_transport *t)
{
    return comm_mpi(MPI_Irecv(t->heard, 2, MPI_INT, MPI_ANY_SOURCE, END_TAG, t->world, &t->hearing),
                    "MPI_Irecv");
}

/* Notes who has ended since. */
static int hear(comm_transport *t)
{
    MPI_Status status;
    int there = 0;

    TRY(comm_mpi(MPI_Test(&t->hearing, &there, &status), "MPI_Test"));
    while (there) {
        t->ends[status.MPI_SOURCE] =
            (comm_end){ .ended = true, .rc = t->heard[0], .by_itself = t->heard[1] != 0 };
        TRY(expect_ends(t));
        TRY(comm_mpi(MPI_Test(&t->hearing, &there, &status), "MPI_Test"));
    }
    return 0;
}

/* The code of the first rank that has failed. */
static int failure_of_others(const alx_comm *comm)
{
    for (int rank = 0; rank < comm->size; ++rank)
        if (comm->transport->ends[rank].rc != 0)
            return comm->transport->ends[rank].rc;
    return 0;
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* A process of this host that has died, or been left as a zombie. */
static bool has_died(const comm_transport *t, int rank)
{
    char path[64], state = '\0';
    FILE *file = NULL;

    if (!t->here[rank])
        return false;
    if (kill(t->pids[rank], 0) != 0)
        return errno == ESRCH;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)t->pids[rank]);
    file = fopen(path, "r");
    if (file == NULL)
        return false;
    const bool read = fscanf(file, "%*d (%*[^)]) %c", &state) == 1;
    fclose(file);
    return read && state == 'Z';
}

/* Ranks that have sent what they had to are not waited for. */
static int find_lost(alx_comm *comm, const comm_wait *wait, double silent)
{
    comm_transport *t = comm->transport;

    for (int i = 0; i < wait->count; ++i) {
        const int peer = wait->peers[i];

        if (wait->requests[i] == MPI_REQUEST_NULL || t->ends[peer].ended)
            continue;
        const bool dead = has_died(t, peer);
        if (!dead && (comm->timeout <= 0.0 || silent < comm->timeout))
            continue;
        t->lost[peer] = true;
        if (dead)
            return alx_fail(ALX_E_DEVICE, "%s has died; checkpoints are those of before",
                            comm->who[peer]);
        return alx_fail(ALX_E_DEVICE,
                        "%s has not answered for %.0f s (--timeout): it hangs, or a rank that it "
                        "waits for does; checkpoints are those of before",
                        comm->who[peer], silent);
    }
    return 0;
}

/* One look at what a wait is for; `*done`: all is there. */
static int look(alx_comm *comm, comm_wait *wait, bool *done)
{
    int finished = 0;

    TRY(comm_mpi(
        MPI_Testsome(wait->count, wait->requests, &finished, wait->indices, MPI_STATUSES_IGNORE),
        "MPI_Testsome"));
    *done = finished == MPI_UNDEFINED;
    if (finished > 0) {
        wait->heard_at = base_seconds();
        wait->turns = 0;
    }
    return hear(comm->transport);
}

static void pause_a_little(comm_wait *wait)
{
    if (++wait->turns < BUSY_TURNS)
        sched_yield();
    else
        nanosleep(&(struct timespec){ .tv_nsec = SLEEP_NANOSECONDS }, NULL);
}

int comm_wait_all(alx_comm *comm, comm_wait *wait)
{
    double looked_at = wait->heard_at = base_seconds();
    bool done = false;

    while (true) {
        TRY(look(comm, wait, &done));
        if (done)
            return 0;
        const int failure = failure_of_others(comm);
        if (failure != 0) {
            comm->transport->told = true;
            return alx_fail(failure, "another rank has failed");
        }
        const double now = base_seconds();
        if (now - looked_at > LOOK_SECONDS) {
            TRY(find_lost(comm, wait, now - wait->heard_at));
            looked_at = now;
        }
        pause_a_little(wait);
    }
}

/* ---- leaving --------------------------------------------------------------------------------- */

static int say_end(alx_comm *comm, int rc)
{
    comm_transport *t = comm->transport;

    t->said[0] = rc;
    t->said[1] = rc != 0 && !t->told;
    for (int peer = 0; peer < comm->size; ++peer)
        if (peer != comm->rank)
            TRY(comm_mpi(MPI_Isend(t->said, 2, MPI_INT, peer, END_TAG, t->world, &t->saying[peer]),
                         "MPI_Isend"));
    return 0;
}

/* @param but_lost  no word is awaited of those that died or hang */
static bool all_have_ended(const alx_comm *comm, bool but_lost)
{
    const comm_transport *t = comm->transport;

    for (int rank = 0; rank < comm->size; ++rank)
        if (rank != comm->rank && !t->ends[rank].ended && !(but_lost && t->lost[rank]))
            return false;
    return true;
}

static int find_dead(const alx_comm *comm)
{
    for (int rank = 0; rank < comm->size; ++rank)
        if (!comm->transport->ends[rank].ended && has_died(comm->transport, rank))
            return alx_fail(ALX_E_DEVICE, "%s has died", comm->who[rank]);
    return 0;
}

/* Until all have said how they ended; of a job that fails, for a while. */
static int hear_ends(alx_comm *comm, int rc)
{
    const double start = base_seconds();
    comm_wait wait = { .turns = BUSY_TURNS };

    while (!all_have_ended(comm, true)) {
        TRY(hear(comm->transport));
        if (rc == 0)
            rc = failure_of_others(comm);
        if (rc == 0)
            TRY(find_dead(comm));
        if (rc != 0 && base_seconds() - start > LAST_WORDS_SECONDS)
            break;
        pause_a_little(&wait);
    }
    return 0;
}

static bool is_first_to_fail(const alx_comm *comm)
{
    for (int rank = 0; rank < comm->rank; ++rank)
        if (comm->transport->ends[rank].by_itself)
            return false;
    return !comm->transport->told;
}

/* Of a job that ended well: MPI_Finalize waits for all, and a launcher that has begun to end a job
 * leaves no time for it. Whoever is still at work or lost is ended by the launcher too. */
static void finalize(alx_comm *comm)
{
    comm_transport *t = comm->transport;

    MPI_Cancel(&t->hearing);
    MPI_Wait(&t->hearing, MPI_STATUS_IGNORE);
    MPI_Waitall(comm->size, t->saying, MPI_STATUSES_IGNORE);
    MPI_Finalize();
}

static void free_comm(alx_comm *comm)
{
    if (comm->transport != NULL) {
        free(comm->transport->ends);
        free(comm->transport->saying);
        free(comm->transport->lost);
        free(comm->transport->pids);
        free(comm->transport->here);
    }
    free(comm->transport);
    free(comm->who);
    free(comm->room);
    free(comm->memory);
    free(comm);
}

/* The text of how the job ended, on one rank alone. */
static int tell(const alx_comm *comm, int rc, const char *why)
{
    const bool by_itself = rc != 0;

    if (rc == 0)
        rc = failure_of_others(comm);
    if (rc == 0)
        return 0;
    if (!by_itself || !is_first_to_fail(comm))
        return alx_fail(rc, "%s", "");
    if (comm->rank == 0 || strncmp(why, "rank ", 5) == 0) /* which it names already */
        return alx_fail(rc, "%s", why);
    return alx_fail(rc, "%s: %s", comm->who[comm->rank], why);
}

int alx_comm_close(alx_comm *comm, int rc)
{
    char why[1024];

    if (comm == NULL)
        return rc;
    snprintf(why, sizeof why, "%s", alx_status_text(rc));
    int failed = say_end(comm, rc);
    if (failed == 0)
        failed = hear_ends(comm, rc);
    if (failed == 0)
        failed = tell(comm, rc, why);
    if (failed == 0) {
        finalize(comm);
        free_comm(comm);
    }
    return failed;
}

/* ---- starting -------------------------------------------------------------------------------- */

typedef struct introduction {
    char host[MPI_MAX_PROCESSOR_NAME];
    int pid;
} introduction;

static int introduce(alx_comm *comm)
{
    comm_transport *t = comm->transport;
    introduction *all = calloc((size_t)comm->size, sizeof *all), own = { .pid = (int)getpid() };
    int length = 0, rc = 0;

    if (all == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d ranks", comm->size);
    TRY_DONE(comm_mpi(MPI_Get_processor_name(own.host, &length), "MPI_Get_processor_name"));
    TRY_DONE(
        comm_mpi(MPI_Allgather(&own, sizeof own, MPI_BYTE, all, sizeof own, MPI_BYTE, t->world),
                 "MPI_Allgather"));
    for (int rank = 0; rank < comm->size; ++rank) {
        snprintf(comm->who[rank], sizeof comm->who[rank], "rank %d (process %d on %.100s)", rank,
                 all[rank].pid, all[rank].host);
        t->pids[rank] = (pid_t)all[rank].pid;
        t->here[rank] = rank != comm->rank && strcmp(all[rank].host, own.host) == 0 &&
                        kill(t->pids[rank], 0) == 0;
    }
done:
    free(all);
    return rc;
}

/* The ranks that share memory with this one, in the order of all. */
static int find_place(alx_comm *comm)
{
    MPI_Comm host = MPI_COMM_NULL;

    TRY(comm_mpi(MPI_Comm_split_type(comm->transport->world, MPI_COMM_TYPE_SHARED, comm->rank,
                                     MPI_INFO_NULL, &host),
                 "MPI_Comm_split_type"));
    TRY(comm_mpi(MPI_Comm_rank(host, &comm->place), "MPI_Comm_rank"));
    TRY(comm_mpi(MPI_Comm_size(host, &comm->places), "MPI_Comm_size"));
    return comm_mpi(MPI_Comm_free(&host), "MPI_Comm_free");
}

static int allocate(alx_comm *comm)
{
    const size_t size = (size_t)comm->size;
    comm_transport *t = comm->transport;

    t->ends = calloc(size, sizeof *t->ends);
    t->saying = calloc(size, sizeof *t->saying);
    t->lost = calloc(size, sizeof *t->lost);
    t->pids = calloc(size, sizeof *t->pids);
    t->here = calloc(size, sizeof *t->here);
    comm->who = calloc(size, sizeof *comm->who);
    if (t->ends == NULL || t->saying == NULL || t->lost == NULL || t->pids == NULL ||
        t->here == NULL || comm->who == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d ranks", comm->size);
    for (size_t i = 0; i < size; ++i)
        t->saying[i] = MPI_REQUEST_NULL;
    return 0;
}

static int start(alx_comm *comm, double timeout)
{
    comm_transport *t = comm->transport;

    t->world = MPI_COMM_WORLD;
    comm->timeout = timeout;
    TRY(comm_mpi(MPI_Comm_set_errhandler(t->world, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler"));
    TRY(comm_mpi(MPI_Comm_rank(t->world, &comm->rank), "MPI_Comm_rank"));
    TRY(comm_mpi(MPI_Comm_size(t->world, &comm->size), "MPI_Comm_size"));
    TRY(allocate(comm));
    TRY(introduce(comm));
    TRY(find_place(comm));
    return expect_ends(t);
}

int alx_comm_open(alx_comm **out, double timeout)
{
    alx_comm *comm = NULL;
    int provided = 0, rc = 0;

    *out = NULL;
    if (alx_comm_launched() == 1)
        return 0;
    TRY(comm_mpi(MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread"));
    if (provided < MPI_THREAD_FUNNELED)
        return alx_fail(ALX_E_DEVICE, "this MPI takes no calls from a program with threads");
    comm = calloc(1, sizeof *comm);
    if (comm != NULL)
        comm->transport = calloc(1, sizeof *comm->transport);
    if (comm == NULL || comm->transport == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for the ranks of a job");
        goto done;
    }
    TRY_DONE(start(comm, timeout));
    *out = comm;
    comm = NULL;
done:
    if (comm != NULL)
        free_comm(comm);
    return rc;
}
