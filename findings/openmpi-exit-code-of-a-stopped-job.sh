#!/usr/bin/env bash
# openmpi-exit-code-of-a-stopped-job.sh - Open MPI 4.1.4 of Debian 12
#
# A program that saves at SIGTERM and ends with 130 cannot hand that code through mpirun: asked to end
# by a signal, mpirun passes SIGTERM on and ends with 1, whatever its processes return. They have
# one second (odls_base_sigkill_timeout), then they are killed, also in MPI_Finalize. Signalled itself,
# a process that ends with 130 is what mpirun returns; a process killed by signal 9 makes it 137,
# whatever the others, which notice and end with 3, return.
#
# Seen:
#   SIGTERM to mpirun, ranks end with 130: mpirun ends with 1
#   SIGTERM to a rank, ranks end with 130: mpirun ends with 130
#   SIGKILL to a rank, others end with 3:  mpirun ends with 137
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
cat >"$work/a.c" <<'C'
#include <mpi.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
static volatile sig_atomic_t asked;
static void ask(int number) { asked = number; }
int main(int argc, char **argv)
{
    int rank, stop = 0, all = 0, how = atoi(argv[argc - 1]);
    MPI_Init(&argc, &argv);
    signal(SIGTERM, ask);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    for (int i = 0; i < 30 && !all; ++i) {
        usleep(50000);
        if (i == 10 && rank == 1 && how != 0)
            kill(getpid(), how);
        if (how == SIGKILL && i > 12)
            _exit(3);
        stop = asked != 0;
        if (how != SIGKILL)
            MPI_Allreduce(&stop, &all, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    }
    _exit(all ? 130 : 0);
}
C
mpicc -o "$work/a" "$work/a.c"
code() { rc=0; "$@" >/dev/null 2>&1 || rc=$?; echo "$rc"; }
asked=$(code bash -c 'mpirun --oversubscribe -n 2 "$0" 0 & sleep 0.8; kill -TERM $!; wait $!' "$work/a")
signalled=$(code mpirun --oversubscribe -n 2 "$work/a" 15)
killed=$(code mpirun --oversubscribe -n 2 "$work/a" 9)
echo "SIGTERM to mpirun, ranks end with 130: mpirun ends with $asked"
echo "SIGTERM to a rank, ranks end with 130: mpirun ends with $signalled"
echo "SIGKILL to a rank, others end with 3:  mpirun ends with $killed"
[ "$asked $signalled $killed" = "1 130 137" ]
