/* clock.c - time and processors of the host. */
#define _GNU_SOURCE
#include "alexnet/base.h"

#include <sched.h>
#include <time.h>

double alx_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int alx_cpu_count(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}
