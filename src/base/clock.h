/* clock.h - time, and the memory taken. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>

/** Monotonic seconds. */
double base_seconds(void);

/** Most memory that this process has had in RAM at once, in bytes. */
size_t base_peak_resident_bytes(void);

#endif
