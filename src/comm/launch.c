/* launch.c - whether a launcher has started this process, as one of how many. */
#include "alexnet/dev/comm.h"

#include <stdlib.h>

/* Of a process that is no launcher's none is set. Slurm sets its own also for a script of one
 * process, whose programs are alone: the step's count is that of srun. */
static const char *const counts[] = {
    "OMPI_COMM_WORLD_SIZE", /* Open MPI's mpirun */
    "PMI_SIZE",             /* MPICH's, Intel's, srun --mpi=pmi2 */
    "MPI_LOCALNRANKS",      /* MVAPICH's */
};

int alx_comm_launched(void)
{
    for (size_t i = 0; i < sizeof counts / sizeof *counts; ++i) {
        const char *value = getenv(counts[i]);

        if (value != NULL && atoi(value) > 1)
            return atoi(value);
    }
    if (getenv("PMIX_RANK") != NULL || getenv("PMI_RANK") != NULL) {
        const char *value = getenv("SLURM_STEP_NUM_TASKS");

        return value != NULL && atoi(value) > 1 ? atoi(value) : 1;
    }
    return 1;
}
