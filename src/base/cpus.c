/* cpus.c - the processors of the host, and how many of them this process may use. */
#define _GNU_SOURCE
#include "base/cpus.h"

#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/numbers.h"

/* ---- the affinity mask --------------------------------------------------------------------- */

int base_cpu_total(void)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);

    return online > 0 ? (int)online : 1;
}

/* 0 = unknown. The kernel refuses a mask that is smaller than its own. */
static int mask_count(void)
{
    int count = 0;

    for (size_t cpus = 1024; cpus <= 1 << 20 && count == 0; cpus *= 4) {
        const size_t bytes = CPU_ALLOC_SIZE(cpus);
        cpu_set_t *set = CPU_ALLOC(cpus);

        if (set != NULL && sched_getaffinity(0, bytes, set) == 0)
            count = CPU_COUNT_S(bytes, set);
        CPU_FREE(set);
    }
    return count;
}

/* ---- control groups ------------------------------------------------------------------------ */

/* The numbers of a file of one line; returns how many there are. "max" is none. */
static int read_numbers(double numbers[2], const char *folder, const char *name)
{
    char path[PATH_MAX], line[64] = "", *at = line;
    FILE *file = NULL;
    int count = 0;

    if (snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path)
        file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    fclose(file);
    for (char *end = NULL; count < 2; at = end, ++count) {
        numbers[count] = base_number_read(at, &end);
        if (end == at)
            break;
    }
    return count;
}

/* What one group allows; infinite where it sets no limit. */
static double group_cpus(const char *folder)
{
    double quota[2] = { 0 }, period[2] = { 0 };

    if (read_numbers(quota, folder, "cpu.max") != 2) { /* version 2: both in one line */
        if (read_numbers(quota, folder, "cpu.cfs_quota_us") != 1 ||
            read_numbers(period, folder, "cpu.cfs_period_us") != 1)
            return INFINITY;
        quota[1] = period[0];
    }
    return quota[0] > 0.0 && quota[1] > 0.0 ? quota[0] / quota[1] : INFINITY;
}

/* The least that a group and those above it allow. Folders that are not there, because a container
 * sees only its own group, say nothing. */
static double path_cpus(const char *root, const char *mount, const char *group)
{
    char folder[PATH_MAX];
    const int head = snprintf(folder, sizeof folder, "%s%s", root, mount);
    double least = INFINITY;

    if (head < 0 || snprintf(folder + head, sizeof folder - (size_t)head, "%s", group) >=
                        (int)sizeof folder - head)
        return least;
    for (;;) {
        char *slash = strrchr(folder + head, '/');

        least = fmin(least, group_cpus(folder));
        if (slash == NULL)
            return least;
        *slash = '\0';
    }
}

/* Whether a list like "cpuacct,cpu", whose order differs between kernels, has "cpu". */
static bool lists_cpu(const char *controllers)
{
    for (const char *at = controllers; *at != '\0'; at += *at == ',') {
        const size_t length = strcspn(at, ",");

        if (length == 3 && strncmp(at, "cpu", length) == 0)
            return true;
        at += length;
    }
    return false;
}

int base_cpu_quota(const char *proc, const char *root)
{
    char line[PATH_MAX + 256];
    FILE *file = fopen(proc, "re");
    double least = INFINITY;

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char controllers[256] = "", group[PATH_MAX] = "";

        line[strcspn(line, "\n")] = '\0';
        if (sscanf(line, "0::%4095[^\n]", group) == 1)
            least = fmin(least, path_cpus(root, "", group));
        else if (sscanf(line, "%*d:%255[^:]:%4095[^\n]", controllers, group) == 2 &&
                 lists_cpu(controllers))
            least = fmin(least, path_cpus(root, "/cpu", group));
    }
    if (file != NULL)
        fclose(file);
    return isinf(least) ? 0 : (int)fmax(1.0, fmin(ceil(least), INT_MAX));
}

int base_cpu_count(void)
{
    const int mask = mask_count();
    const int quota = base_cpu_quota("/proc/self/cgroup", "/sys/fs/cgroup");
    const int count = mask > 0 ? mask : 1;

    return quota > 0 && quota < count ? quota : count;
}
