/* cpus.h - processors. */
#ifndef BASE_CPUS_H
#define BASE_CPUS_H

/** Processors of the machine. */
int base_cpu_total(void);
/** Those of them that this process may use: no more than its affinity mask has, and no more than
 *  the processor time that its control groups allow, in whole processors, rounded up. */
int base_cpu_count(void);
/** The second of the two limits, from the files of Linux: `proc` is /proc/self/cgroup, `root` is
 *  /sys/fs/cgroup. 0 = none. */
int base_cpu_quota(const char *proc, const char *root);

#endif
