/* alone.c - the job of a program that was built without MPI: one process. */
#include "comm/comm.h"

#include "alexnet/status.h"

int alx_comm_open(alx_comm **out, double timeout)
{
    const int launched = alx_comm_launched();

    (void)timeout;
    *out = NULL;
    if (launched == 1)
        return 0;
    return alx_fail(ALX_E_USAGE,
                    "started as one of %d processes, but this program was built without MPI: "
                    "build it where CMake finds MPI (libopenmpi-dev), or start it alone",
                    launched);
}

int alx_comm_close(alx_comm *comm, int rc)
{
    (void)comm;
    return rc;
}

/* Nobody is there to exchange with: never called. */
int comm_exchange(alx_comm *comm, const comm_message *sends, int send_count,
                  const comm_message *receives, int receive_count)
{
    (void)comm, (void)sends, (void)send_count, (void)receives, (void)receive_count;
    return alx_fail(ALX_E_USAGE, "this program was built without MPI");
}
