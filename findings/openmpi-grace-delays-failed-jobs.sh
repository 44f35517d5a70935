#!/usr/bin/env bash
# openmpi-grace-delays-failed-jobs.sh - Open MPI 4.1.4 of Debian 12
#
# odls_base_sigkill_timeout is the time between SIGTERM and SIGKILL for processes that mpirun ends. It
# is not only an upper limit: where a process ends with a code other than 0, mpirun stays for that
# long, and longer, although all of its processes have ended by themselves at once. A job that needs
# seconds to save at SIGTERM, and is given 60, takes a minute and more to report any failure, and a
# test program that sets it for all jobs spends most of its time there. A job that ends well is not
# delayed.
#
# Seen: 1 s of grace: the failed job takes 1.4 s; 6 s: 11.3 s; a good one with 6 s: 0.4 s
set -euo pipefail
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
seconds() { # GRACE CODE
    local start=$EPOCHREALTIME
    OMPI_MCA_odls_base_sigkill_timeout=$1 mpirun --oversubscribe -n 2 sh -c "exit $2" >/dev/null 2>&1 || true
    awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $start }"
}
short=$(seconds 1 3)
long=$(seconds 6 3)
good=$(seconds 6 0)
echo "1 s of grace: the failed job takes $short s; 6 s: $long s; a good one with 6 s: $good s"
awk "BEGIN { exit !($long > 6 && $short < $long && $good < 6) }"
