/* test_cpus.c - how many processors this process may use. */
#define _GNU_SOURCE /* sched_setaffinity */
#include "base/cpus.h"
#include "support/folder.h"
#include "support/test.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

/* What the kernel documents: Documentation/admin-guide/cgroup-v2.rst (cpu.max) and
 * Documentation/scheduler/sched-bwc.rst (version 1). */
static const struct {
    const char *proc;        /* /proc/self/cgroup */
    const char *files[3][2]; /* below /sys/fs/cgroup: name, text */
    int want;
} groups[] = {
    { "0::/\n", { { "cpu.max", "max 100000\n" } }, 0 },
    { "0::/\n", { { "cpu.max", "200000 100000\n" } }, 2 },
    { "0::/\n", { { "cpu.max", "150000 100000\n" } }, 2 },
    { "0::/\n", { { "cpu.max", "10000 100000\n" } }, 1 },
    { "0::/\n", { { NULL, NULL } }, 0 },
    { "0::/a b/c\n",
      { { "a b/c/cpu.max", "max 100000\n" }, { "a b/cpu.max", "300000 100000\n" } },
      3 },
    { "0::/a/c\n", { { "a/c/cpu.max", "100000 50000\n" }, { "a/cpu.max", "300000 50000\n" } }, 2 },
    /* a container's own group, seen from inside as the root */
    { "0::/docker/0123\n", { { "cpu.max", "400000 100000\n" } }, 4 },
    { "9:name=systemd:/\n2:cpuacct:/x\n1:cpu:/x\n0::/\n",
      { { "cpu/x/cpu.cfs_quota_us", "250000\n" }, { "cpu/x/cpu.cfs_period_us", "100000\n" } },
      3 },
    { "4:cpu,cpuacct:/docker/0123\n",
      { { "cpu/cpu.cfs_quota_us", "100000\n" }, { "cpu/cpu.cfs_period_us", "100000\n" } },
      1 },
    { "4:cpuacct,cpu:/x\n",
      { { "cpu/x/cpu.cfs_quota_us", "150000\n" }, { "cpu/x/cpu.cfs_period_us", "50000\n" } },
      3 },
    { "4:cpuset,cpuacct:/x\n",
      { { "cpu/x/cpu.cfs_quota_us", "150000\n" }, { "cpu/x/cpu.cfs_period_us", "50000\n" } },
      0 },
    { "4:cpu,cpuacct:/\n",
      { { "cpu/cpu.cfs_quota_us", "-1\n" }, { "cpu/cpu.cfs_period_us", "100000\n" } },
      0 },
    { "1:cpuset:/x\n", { { "cpu/x/cpu.cfs_quota_us", "100000\n" } }, 0 },
    { "", { { "cpu.max", "100000 100000\n" } }, 0 },
    { "nonsense\n\n", { { NULL, NULL } }, 0 },
};

static void quotas_are_rounded_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(groups); ++i) {
        test_folder folder = test_folder_create();
        char proc[300];

        test_folder_write(&folder, "proc", groups[i].proc);
        for (size_t f = 0; f < 3 && groups[i].files[f][0] != NULL; ++f)
            test_folder_write_bytes(&folder, groups[i].files[f][0], groups[i].files[f][1],
                                    strlen(groups[i].files[f][1]));
        snprintf(proc, sizeof proc, "%s/proc", folder.path);
        print_message("%s", groups[i].proc);
        assert_int_equal(base_cpu_quota(proc, folder.path), groups[i].want);
        test_folder_remove(&folder);
    }
    assert_int_equal(base_cpu_quota("/nonexistent", "/nonexistent"), 0);
}

static void affinity_limits_the_count(void **state)
{
    cpu_set_t all, one;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    assert_true(base_cpu_count() >= 1);
    assert_true(base_cpu_count() <= CPU_COUNT(&all));
    assert_true(base_cpu_count() <= base_cpu_total());
    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(base_cpu_count(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotas_are_rounded_up),
        cmocka_unit_test(affinity_limits_the_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
