/* watch.h - errors, waits, faults on request, and how long what took. */
#ifndef RT_WATCH_H
#define RT_WATCH_H

#include <CL/cl.h>

#include "alexnet/dev/rt.h"

/* ---- clerror.c ---- */

/* "CL_OUT_OF_RESOURCES"; never NULL. */
const char *rt_cl_code(cl_int code);

/* 0 for CL_SUCCESS; else records call, subject ("kernel lrn_forward"), label, device and code.
 * ALX_E_MEMORY if the code is one of memory, else ALX_E_DEVICE. */
int rt_cl(const alx_device *dev, cl_int code, const char *call, const char *subject) ALX_MUST_USE;

/* Waits for `event` and reports how it ended; does not release it. */
int rt_cl_wait(const alx_device *dev, cl_event event, const char *call,
               const char *subject) ALX_MUST_USE;

/* ---- watch.c ---- */

/* Around every call that waits for a device. */
void rt_wait_begin(const alx_device *dev);
void rt_wait_end(void);

/* ---- fault.c ---- */

typedef enum {
    RT_FAULT_NONE,
    RT_FAULT_DEVICE,
    RT_FAULT_MEMORY,
    RT_FAULT_HANG,
    RT_FAULT_SKIP,
    RT_FAULT_UPLOAD
} rt_fault_kind;

/* What ALEXNET_FAULT asks of a device. */
typedef struct rt_fault {
    rt_fault_kind kind;
    int launches; /* left until it strikes, of those that belong to `label`; of uploads, writes */
    char label[64];
    cl_event upload; /* of the write that fails, until it has; NULL: none */
    bool upload_ended;
} rt_fault;

int rt_fault_read(rt_fault *fault) ALX_MUST_USE;
/* Before a launch: fails, makes the queue hang, or says to leave it out, if it is the one. */
int rt_fault_strike(bool *skip, alx_device *dev, const char *subject) ALX_MUST_USE;
/* After a write of the upload `name`: notes its event, if it is the one. */
void rt_fault_mark_upload(alx_device *dev, cl_event written, const char *name);
/* When all of a batch is queued: what is noted fails from now on, and was under way before. */
void rt_fault_upload_ends(alx_device *dev);
/* The status of a write's event, as the fault wants it. */
cl_int rt_fault_upload_status(alx_device *dev, cl_event written, cl_int status);

/* ---- profile.c ---- */

typedef struct rt_profile rt_profile;

/* Where to put the event of a command that is about to be queued: NULL when not profiling. */
cl_event *rt_profile_slot(alx_device *dev, const char *kernel);
/* The same for a call that queues several kernels and gives the event of the last (CLBlast). */
cl_event *rt_profile_span(alx_device *dev, const char *kernel);
/* Notes a command that carries a transfer to `to` and was queued on a queue of `on`; `bytes` that
 * have arrived when it ends. Does nothing when not profiling. */
void rt_profile_transfer(alx_device *to, const alx_device *on, const char *name, const char *what,
                         size_t bytes, cl_event event);
void rt_profile_free(rt_profile *profile);

/* ---- timeline.c ---- */

typedef struct rt_timeline rt_timeline;

int rt_timeline_create(rt_timeline **out) ALX_MUST_USE;
void rt_timeline_free(rt_timeline *timeline);
void rt_timeline_add(rt_timeline *timeline, const alx_timeline_event *event);
const alx_timeline_event *rt_timeline_events(const rt_timeline *timeline, size_t *count,
                                             size_t *dropped);
/* base_seconds() minus the device's clock, in milliseconds; needs a queue with profiling. */
int rt_clock_measure(double *offset_ms, const alx_device *dev) ALX_MUST_USE;

#endif
