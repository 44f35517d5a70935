/* trace.h - the timeline of a run as a file (--trace). */
#ifndef CLI_TRACE_H
#define CLI_TRACE_H

#include "alexnet/dev/rt.h"

/** Fails where the file could not be written at the end. */
int cli_trace_check(const char *path) ALX_MUST_USE;

/** Every kernel and transfer of the devices since alx_timeline_start, in Chrome's trace format,
 *  which Perfetto (ui.perfetto.dev) opens: a process for each device, a row for each queue. */
int cli_trace_write(const char *path, alx_device *const *devs, int count) ALX_MUST_USE;

#endif
