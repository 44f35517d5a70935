/* device.h - the list of devices and what an open one holds. */
#ifndef RT_DEVICE_H
#define RT_DEVICE_H

#include <CL/cl.h>

#include "alexnet/dev/rt.h"
#include "rt/watch/watch.h"

/* ---- info.c ---- */

/* Fills what depends on the device alone, not on its place in the list. */
void rt_device_info_query(alx_device_info *info, cl_device_id id);
/* Whether it can compute what this program compiles for it. */
bool rt_device_usable(cl_device_id id);
/* The answer to a query, "?" if it failed; cut to `bytes`. */
void rt_platform_text(cl_platform_id id, cl_platform_info what, char *text, size_t bytes);

/* ---- list.c ---- */

/* A device of the flat list with OpenCL's own handles. */
typedef struct rt_device_entry {
    alx_device_info info;
    cl_platform_id platform;
    cl_device_id id;
} rt_device_entry;

/* `*list` is the caller's (free). */
int rt_devices_enumerate(rt_device_entry **list, size_t *count) ALX_MUST_USE;

/* ---- loader.c ---- */

#define RT_MAX_PLATFORMS 64

/* Returns how many there are. */
cl_uint rt_platforms_find(cl_platform_id platforms[RT_MAX_PLATFORMS]);
/* Fails with what platforms there are and why none has a device. */
int rt_platforms_fail(void) ALX_MUST_USE;

/* ---- quirks.c ---- */

/* What is special about a device's driver, by name, platform and version. */
unsigned rt_quirks_find(const alx_device_info *info);

/* ---- drivers.c ---- */

#define RT_INTEL_PLATFORM "Intel(R) OpenCL"
#define RT_POCL_PLATFORM "Portable Computing Language"
/* The standard's option against warnings. */
#define RT_SILENT_COMPILER "-w"

/* Fails if this platform's driver would end the process once a kernel is loaded. */
int rt_drivers_check(const alx_device_info *info) ALX_MUST_USE;
/* Why a platform of this name may list no device; "" = unknown. */
void rt_drivers_excuse(char *why, size_t why_bytes, const char *platform);

/* ---- choose.c ---- */

/* The entry that `which` names and, for "D.k", k in `*core` (else -1). */
int rt_devices_choose(const rt_device_entry **out, int *core, const rt_device_entry *list,
                      size_t count, const char *which) ALX_MUST_USE;

/* ---- part.c ---- */

/* Makes `dev`, a root device without a context, its core-th core or, for -1, `threads` of them. */
int rt_device_take_part(alx_device *dev, int core, int threads) ALX_MUST_USE;

/* ---- context.c ---- */

/* Shared by the devices of one platform that were opened together. */
typedef struct rt_context {
    cl_context cl;
    int users;
} rt_context;

/* One context for the devices of each platform. */
int rt_contexts_create(alx_device *const *devs, int dev_count) ALX_MUST_USE;
void rt_context_release(rt_context *context);

/* ---- open.c ---- */

struct alx_device {
    alx_device_info info;
    char description[1024];
    cl_platform_id platform;
    cl_device_id id;
    rt_context *context;
    cl_command_queue queue;           /* in order, of all that computes */
    cl_command_queue sends, receives; /* in order, of transfers; NULL until one needs them */
    const char *label;                /* borrowed from the caller; never NULL */
    const char *compiler;             /* of alx_device_options, borrowed; NULL: none */
    bool sync, collecting;
    bool builds_on; /* a build that was left still runs: nothing may be freed */
    rt_fault fault;
    struct rt_program *programs;          /* list; owned */
    rt_profile *profile;                  /* NULL = off */
    alx_clblast_params clblast;           /* that its products want */
    int clblast_refusal;                  /* the code, if CLBlast has just refused them */
    bool clblast_foreign, clblast_warned; /* others are in force; somebody has been told */
};

/* ---- queue.c ---- */

/* An in-order queue, with profiling if the device has it on. */
int rt_queue_create(cl_command_queue *out, const alx_device *dev) ALX_MUST_USE;
/* Waits for what is in it and frees it; NULL is fine. */
void rt_queue_release(cl_command_queue *queue);

/* ---- libraries.c ---- */

/* Frees CLBlast's programs: it finds them by their context's address, which the next context may
 * get again. */
void rt_clblast_forget(void);
/* Around every call of CLBlast: its caches are not safe when two threads call it (1.5.3). */
void rt_clblast_lock(void);
void rt_clblast_unlock(void);

/* ---- clblast_force.c ---- */

/* Around a product: locks, and puts the handle's parameters in force; then says what was amiss. */
void rt_clblast_begin(alx_device *dev);
void rt_clblast_end(alx_device *dev);

#endif
