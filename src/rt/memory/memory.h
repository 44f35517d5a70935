/* memory.h - buffers, and events that cross from one context to another. */
#ifndef RT_MEMORY_H
#define RT_MEMORY_H

#include <CL/cl.h>

#include "alexnet/dev/rt.h"

/* ---- memory.c ---- */

/* A buffer on `dev`; `subject` is what a message calls it. */
int rt_buffer_create(cl_mem *out, const alx_device *dev, size_t bytes,
                     const char *subject) ALX_MUST_USE;

/* ---- host_pages.c ---- */

/* True where rt_buffer_create takes host pages: then the buffer is zero. */
bool rt_host_pages_wanted(const alx_device *dev, size_t bytes);
/* The pages live as long as the buffer and its views. */
int rt_host_pages_buffer(cl_mem *out, const alx_device *dev, size_t bytes,
                         const char *subject) ALX_MUST_USE;

/* ---- bridge.c ---- */

/* `event`, of `from`'s context, as one that commands of `to` can wait for: itself or a user event,
 * the caller's; NULL for NULL, and where there is no need to wait. `failure` gets the code if the
 * event fails, before `*out` completes; it must live until then. */
int rt_event_bridge(cl_event *out, const alx_device *to, const alx_device *from, cl_event event,
                    _Atomic cl_int *failure) ALX_MUST_USE;

#endif
