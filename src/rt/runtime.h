/* runtime.h - what the files of src/rt share: the device handle, its programs and errors. */
#ifndef RT_RUNTIME_H
#define RT_RUNTIME_H

#include <CL/cl.h>
#include <sys/types.h>

#include "alexnet/dev/rt.h"

/* ---- devices.c ---- */

/* A device of the flat list with OpenCL's own handles. */
typedef struct rt_device_entry {
    alx_device_info info;
    cl_platform_id platform;
    cl_device_id id;
} rt_device_entry;

/* `*list` is the caller's (free). */
int rt_devices_enumerate(rt_device_entry **list, size_t *count) ALX_MUST_USE;

/* Fills what depends on the device alone, not on its place in the list. */
void rt_device_info_query(alx_device_info *info, cl_device_id id);
/* Whether it can compute what this program compiles for it. */
bool rt_device_usable(cl_device_id id);
/* The answer to a query, "?" if it failed; cut to `bytes`. */
void rt_platform_text(cl_platform_id id, cl_platform_info what, char *text, size_t bytes);

/* ---- loader.c ---- */

#define RT_MAX_PLATFORMS 64

/* Returns how many there are. */
cl_uint rt_platforms_find(cl_platform_id platforms[RT_MAX_PLATFORMS]);
/* Fails with what platforms there are and why none has a device. */
int rt_platforms_fail(void) ALX_MUST_USE;

/* ---- drivers.c ---- */

#define RT_INTEL_PLATFORM "Intel(R) OpenCL"
#define RT_POCL_PLATFORM "Portable Computing Language"
/* The standard's option against warnings. */
#define RT_SILENT_COMPILER "-w"

/* Sets what drivers read in the environment: before the first OpenCL call. What the user has set
 * stays. `threads`: cores that a CPU may use, 0 = all that this process may. */
void rt_drivers_prepare(int threads);
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

/* ---- fault.c ---- */

typedef enum {
    RT_FAULT_NONE,
    RT_FAULT_DEVICE,
    RT_FAULT_MEMORY,
    RT_FAULT_HANG,
    RT_FAULT_SKIP
} rt_fault_kind;

/* What ALEXNET_FAULT asks of a device. */
typedef struct rt_fault {
    rt_fault_kind kind;
    int launches; /* left until it strikes, of those that belong to `label` */
    char label[64];
} rt_fault;

int rt_fault_read(rt_fault *fault) ALX_MUST_USE;
/* Before a launch: fails, makes the queue hang, or says to leave it out, if it is the one. */
int rt_fault_strike(bool *skip, alx_device *dev, const char *subject) ALX_MUST_USE;

/* ---- watch.c ---- */

/* Around every call that waits for a device. */
void rt_wait_begin(const alx_device *dev);
void rt_wait_end(void);

/* ---- device.c ---- */

typedef struct rt_program rt_program;
typedef struct rt_profile rt_profile;

struct alx_device {
    alx_device_info info;
    char description[1024];
    cl_platform_id platform;
    cl_device_id id;
    rt_context *context;
    cl_command_queue queue;           /* in order, of all that computes */
    cl_command_queue sends, receives; /* in order, of transfers; NULL until one needs them */
    const char *label;                /* borrowed from the caller; never NULL */
    bool sync, collecting, clblast_ready;
    bool builds_on; /* a build that was left still runs: nothing may be freed */
    rt_fault fault;
    rt_program *programs; /* list; owned */
    rt_profile *profile;  /* NULL = off */
    alx_tuning *tuning;   /* owned */
};

/* An in-order queue, with profiling if the device has it on. */
int rt_queue_create(cl_command_queue *out, const alx_device *dev) ALX_MUST_USE;

/* ---- clerror.c ---- */

/* "CL_OUT_OF_RESOURCES"; never NULL. */
const char *rt_cl_code(cl_int code);

/* 0 for CL_SUCCESS; else records call, subject ("kernel lrn_forward"), label, device and code.
 * ALX_E_MEMORY if the code is one of memory, else ALX_E_DEVICE. */
int rt_cl(const alx_device *dev, cl_int code, const char *call, const char *subject) ALX_MUST_USE;

/* Waits for `event` and reports how it ended; does not release it. */
int rt_cl_wait(const alx_device *dev, cl_event event, const char *call,
               const char *subject) ALX_MUST_USE;

/* ---- bridge.c ---- */

/* `event`, of `from`'s context, as one that commands of `to` can wait for: itself or a user event,
 * the caller's; NULL for NULL, and where there is no need to wait. `failure` gets the code if the
 * event fails, before `*out` completes; it must live until then. */
int rt_event_bridge(cl_event *out, const alx_device *to, const alx_device *from, cl_event event,
                    _Atomic cl_int *failure) ALX_MUST_USE;

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

/* ---- source.c ---- */

/* Text of cl/<file>.cl with its includes expanded; the caller's (free). */
int rt_source_read(char **text, const char *file) ALX_MUST_USE;

/* 16 hexadecimal digits over the sources, includes expanded, whose names begin with one of
 * `prefixes` (NULL at the end). */
int rt_source_hash(char hex[17], const char *const *prefixes) ALX_MUST_USE;

/* ---- tuning_file.c ---- */

/* A row as a line of a file has it. */
typedef struct rt_tuning_line {
    char device[256], driver[128], kernels[17];
    alx_tuning_row row;
} rt_tuning_line;

/* False if `text`, of `length` bytes, is no row. */
bool rt_tuning_line_parse(rt_tuning_line *out, const char *text, size_t length);
/* One line of JSON with its end; the caller's (free). NULL = out of memory. */
char *rt_tuning_line_text(const rt_tuning_line *line);
/* Appends whole lines in one write; begins a new line where the last one was torn. */
int rt_tuning_append(const char *path, const char *text) ALX_MUST_USE;

/* ---- program.c ---- */

typedef struct rt_kernel {
    char *name;
    cl_kernel cl;
    cl_uint arg_count;
    size_t max_group, required[3]; /* required: reqd_work_group_size, or zeros */
    struct rt_kernel *next;
} rt_kernel;

struct rt_program {
    char *file, *options;
    cl_program cl; /* NULL = not yet built */
    bool noted;    /* alx_device_build is to build it */
    rt_kernel *kernels;
    rt_program *next;
};

/* Finds or adds the entry; does not build. */
int rt_program_note(rt_program **out, alx_device *dev, const char *file,
                    const char *options) ALX_MUST_USE;
/* Builds if not yet built. Threads may build different programs of one device side by side. */
int rt_program_build(alx_device *dev, rt_program *program) ALX_MUST_USE;
/* The same for one that is needed now; it can be stopped as alx_device_build. */
int rt_program_build_now(alx_device *dev, rt_program *program) ALX_MUST_USE;
int rt_program_kernel(rt_kernel **out, alx_device *dev, rt_program *program,
                      const char *name) ALX_MUST_USE;
void rt_program_free(rt_program *program);
/* Whether a build would find the program in the disk cache. */
bool rt_program_cached(const alx_device *dev, const rt_program *program);

/* ---- cache.c ---- */

/* A built program from the disk cache, or NULL: then build from source. */
cl_program rt_cache_load(const alx_device *dev, const char *source, const char *options);
/* Whether its file is there. */
bool rt_cache_has(const alx_device *dev, const char *source, const char *options);
/* Keeps a built program's binary; a failure only costs the next run's time. */
void rt_cache_store(const alx_device *dev, const char *source, const char *options,
                    cl_program program);

/* ---- compiler.c ---- */

/* A process that builds programs; one thread's. */
typedef struct rt_compiler {
    bool started;
    int socket; /* 0 = none, or no longer */
    pid_t pid;
} rt_compiler;

/* Whether there are such processes and this device's library gains from them. */
bool rt_compilers_help(const alx_device *dev);
/* Starts the process; the calls after the first do nothing. */
void rt_compiler_start(rt_compiler *compiler, const alx_device *dev);
/* Has it build a program into the cache; waits for it. If that fails, the program is not there.
 * Returns false if the process is of no more use: stop it. */
bool rt_compiler_build(const rt_compiler *compiler, const alx_device *dev,
                       const rt_program *program);
void rt_compiler_stop(rt_compiler *compiler);

/* ---- clblast.c ---- */

/* Frees CLBlast's programs: it finds them by their context's address, which the next context may
 * get again. */
void rt_clblast_forget(void);
/* Around every call of CLBlast: its caches are not safe when two threads call it (1.5.3). */
void rt_clblast_lock(void);
void rt_clblast_unlock(void);

/* ---- clblast_sets.c ---- */

/* Before the first product of a device: its tuning rows' parameters. */
void rt_clblast_use_rows(alx_device *dev);

/* ---- profile.c ---- */

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
/* alx_seconds() minus the device's clock, in milliseconds; needs a queue with profiling. */
int rt_clock_measure(double *offset_ms, const alx_device *dev) ALX_MUST_USE;

#endif
