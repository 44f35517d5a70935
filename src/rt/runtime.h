/* runtime.h - what the files of src/rt share: the device handle, its programs and errors. */
#ifndef RT_RUNTIME_H
#define RT_RUNTIME_H

#include <CL/cl.h>
#include <sys/types.h>

#include "alexnet/rt.h"

/* ---- devices.c ---- */

/* A device of the flat list with OpenCL's own handles. */
typedef struct alx_device_entry {
    alx_device_info info;
    cl_platform_id platform;
    cl_device_id id;
} alx_device_entry;

/* `*list` is the caller's (free). */
int alx_devices_enumerate(alx_device_entry **list, size_t *count) ALX_MUST_USE;

/* Fills what depends on the device alone, not on its place in the list. */
void alx_device_info_query(alx_device_info *info, cl_device_id id);
/* Whether it can compute what this program compiles for it. */
bool alx_device_usable(cl_device_id id);
/* The answer to a query, "?" if it failed; cut to `bytes`. */
void alx_platform_text(cl_platform_id id, cl_platform_info what, char *text, size_t bytes);

/* ---- loader.c ---- */

#define ALX_MAX_PLATFORMS 64

/* Returns how many there are. */
cl_uint alx_platforms_find(cl_platform_id platforms[ALX_MAX_PLATFORMS]);
/* Fails with what platforms there are and why none has a device. */
int alx_platforms_fail(void) ALX_MUST_USE;

/* ---- drivers.c ---- */

#define ALX_INTEL_PLATFORM "Intel(R) OpenCL"
#define ALX_POCL_PLATFORM "Portable Computing Language"
/* The standard's option against warnings. */
#define ALX_SILENT_COMPILER "-w"

/* Sets what drivers read in the environment: before the first OpenCL call. What the user has set
 * stays. `threads`: cores that a CPU may use, 0 = all that this process may. */
void alx_drivers_prepare(int threads);
/* Fails if this platform's driver would end the process once a kernel is loaded. */
int alx_drivers_check(const alx_device_info *info) ALX_MUST_USE;
/* Why a platform of this name may list no device; "" = unknown. */
void alx_drivers_excuse(char *why, size_t why_bytes, const char *platform);

/* ---- choose.c ---- */

/* The entry that `which` names and, for "D.k", k in `*core` (else -1). */
int alx_devices_choose(const alx_device_entry **out, int *core, const alx_device_entry *list,
                       size_t count, const char *which) ALX_MUST_USE;

/* ---- part.c ---- */

/* Makes `dev`, a root device without a context, its core-th core or, for -1, `threads` of them. */
int alx_device_take_part(alx_device *dev, int core, int threads) ALX_MUST_USE;

/* ---- context.c ---- */

/* Shared by the devices of one platform that were opened together. */
typedef struct alx_context {
    cl_context cl;
    int users;
} alx_context;

/* One context for the devices of each platform. */
int alx_contexts_create(alx_device *const *devs, int dev_count) ALX_MUST_USE;
void alx_context_release(alx_context *context);

/* ---- fault.c ---- */

typedef enum {
    ALX_FAULT_NONE, ALX_FAULT_DEVICE, ALX_FAULT_MEMORY, ALX_FAULT_HANG, ALX_FAULT_SKIP
} alx_fault_kind;

/* What ALEXNET_FAULT asks of a device. */
typedef struct alx_fault {
    alx_fault_kind kind;
    int launches;   /* left until it strikes, of those that belong to `label` */
    char label[64];
} alx_fault;

int alx_fault_read(alx_fault *fault) ALX_MUST_USE;
/* Before a launch: fails, makes the queue hang, or says to leave it out, if it is the one. */
int alx_fault_strike(bool *skip, alx_device *dev, const char *subject) ALX_MUST_USE;

/* ---- watch.c ---- */

/* Around every call that waits for a device. */
void alx_wait_begin(const alx_device *dev);
void alx_wait_end(void);

/* ---- device.c ---- */

typedef struct alx_program alx_program;
typedef struct alx_profile alx_profile;

struct alx_device {
    alx_device_info info;
    char description[1024];
    cl_platform_id platform;
    cl_device_id id;
    alx_context *context;
    cl_command_queue queue;     /* in order, of all that computes */
    cl_command_queue sends, receives; /* in order, of transfers; NULL until one needs them */
    const char *label;     /* borrowed from the caller; never NULL */
    bool sync, collecting, clblast_ready;
    bool builds_on; /* a build that was left still runs: nothing may be freed */
    alx_fault fault;
    alx_program *programs; /* list; owned */
    alx_profile *profile;  /* NULL = off */
    alx_tuning *tuning;    /* owned */
};

/* An in-order queue, with profiling if the device has it on. */
int alx_queue_create(cl_command_queue *out, const alx_device *dev) ALX_MUST_USE;

/* ---- clerror.c ---- */

/* "CL_OUT_OF_RESOURCES"; never NULL. */
const char *alx_cl_code(cl_int code);

/* 0 for CL_SUCCESS; else records call, subject ("kernel lrn_forward"), label, device and code.
 * ALX_E_MEMORY if the code is one of memory, else ALX_E_DEVICE. */
int alx_cl(const alx_device *dev, cl_int code, const char *call, const char *subject) ALX_MUST_USE;

/* Waits for `event` and reports how it ended; does not release it. */
int alx_cl_wait(const alx_device *dev, cl_event event, const char *call,
                const char *subject) ALX_MUST_USE;

/* ---- bridge.c ---- */

/* `event`, of `from`'s context, as one that commands of `to` can wait for: itself or a user event,
 * the caller's; NULL for NULL, and where there is no need to wait. `failure` gets the code if the
 * event fails, before `*out` completes; it must live until then. */
int alx_event_bridge(cl_event *out, const alx_device *to, const alx_device *from, cl_event event,
                     _Atomic cl_int *failure) ALX_MUST_USE;

/* ---- memory.c ---- */

/* A buffer on `dev`; `subject` is what a message calls it. */
int alx_buffer_create(cl_mem *out, const alx_device *dev, size_t bytes,
                      const char *subject) ALX_MUST_USE;

/* ---- host_pages.c ---- */

/* True where alx_buffer_create takes host pages: then the buffer is zero. */
bool alx_host_pages_wanted(const alx_device *dev, size_t bytes);
/* The pages live as long as the buffer and its views. */
int alx_host_pages_buffer(cl_mem *out, const alx_device *dev, size_t bytes,
                          const char *subject) ALX_MUST_USE;

/* ---- source.c ---- */

/* Text of cl/<file>.cl with its includes expanded; the caller's (free). */
int alx_source_read(char **text, const char *file) ALX_MUST_USE;

/* 16 hexadecimal digits over the sources, includes expanded, whose names begin with one of
 * `prefixes` (NULL at the end). */
int alx_source_hash(char hex[17], const char *const *prefixes) ALX_MUST_USE;

/* ---- tuning_file.c ---- */

/* A row as a line of a file has it. */
typedef struct alx_tuning_line {
    char device[256], driver[128], kernels[17];
    alx_tuning_row row;
} alx_tuning_line;

/* False if `text`, of `length` bytes, is no row. */
bool alx_tuning_line_parse(alx_tuning_line *out, const char *text, size_t length);
/* One line of JSON with its end; the caller's (free). NULL = out of memory. */
char *alx_tuning_line_text(const alx_tuning_line *line);
/* Appends whole lines in one write; begins a new line where the last one was torn. */
int alx_tuning_append(const char *path, const char *text) ALX_MUST_USE;

/* ---- program.c ---- */

typedef struct alx_kernel {
    char *name;
    cl_kernel cl;
    cl_uint arg_count;
    size_t max_group, required[3]; /* required: reqd_work_group_size, or zeros */
    struct alx_kernel *next;
} alx_kernel;

struct alx_program {
    char *file, *options;
    cl_program cl; /* NULL = not yet built */
    bool noted;    /* alx_device_build is to build it */
    alx_kernel *kernels;
    alx_program *next;
};

/* Finds or adds the entry; does not build. */
int alx_program_note(alx_program **out, alx_device *dev, const char *file,
                     const char *options) ALX_MUST_USE;
/* Builds if not yet built. Threads may build different programs of one device side by side. */
int alx_program_build(alx_device *dev, alx_program *program) ALX_MUST_USE;
/* The same for one that is needed now; it can be stopped as alx_device_build. */
int alx_program_build_now(alx_device *dev, alx_program *program) ALX_MUST_USE;
int alx_program_kernel(alx_kernel **out, alx_device *dev, alx_program *program,
                       const char *name) ALX_MUST_USE;
void alx_program_free(alx_program *program);
/* Whether a build would find the program in the disk cache. */
bool alx_program_cached(const alx_device *dev, const alx_program *program);

/* ---- cache.c ---- */

/* A built program from the disk cache, or NULL: then build from source. */
cl_program alx_cache_load(const alx_device *dev, const char *source, const char *options);
/* Whether its file is there. */
bool alx_cache_has(const alx_device *dev, const char *source, const char *options);
/* Keeps a built program's binary; a failure only costs the next run's time. */
void alx_cache_store(const alx_device *dev, const char *source, const char *options,
                     cl_program program);

/* ---- compiler.c ---- */

/* A process that builds programs; one thread's. */
typedef struct alx_compiler {
    bool started;
    int socket; /* 0 = none, or no longer */
    pid_t pid;
} alx_compiler;

/* Whether there are such processes and this device's library gains from them. */
bool alx_compilers_help(const alx_device *dev);
/* Starts the process; the calls after the first do nothing. */
void alx_compiler_start(alx_compiler *compiler, const alx_device *dev);
/* Has it build a program into the cache; waits for it. If that fails, the program is not there.
 * Returns false if the process is of no more use: stop it. */
bool alx_compiler_build(const alx_compiler *compiler, const alx_device *dev,
                        const alx_program *program);
void alx_compiler_stop(alx_compiler *compiler);

/* ---- clblast.c ---- */

/* Frees CLBlast's programs: it finds them by their context's address, which the next context may
 * get again. */
void alx_clblast_forget(void);
/* Around every call of CLBlast: its caches are not safe when two threads call it (1.5.3). */
void alx_clblast_lock(void);
void alx_clblast_unlock(void);

/* ---- clblast_sets.c ---- */

/* Before the first product of a device: its tuning rows' parameters. */
void alx_clblast_use_rows(alx_device *dev);

/* ---- profile.c ---- */

/* Where to put the event of a command that is about to be queued: NULL when not profiling. */
cl_event *alx_profile_slot(alx_device *dev, const char *kernel);
/* The same for a call that queues several kernels and gives the event of the last (CLBlast). */
cl_event *alx_profile_span(alx_device *dev, const char *kernel);
/* Notes a command that carries a transfer to `to` and was queued on a queue of `on`; `bytes` that
 * have arrived when it ends. Does nothing when not profiling. */
void alx_profile_transfer(alx_device *to, const alx_device *on, const char *name, const char *what,
                          size_t bytes, cl_event event);
void alx_profile_free(alx_profile *profile);

/* ---- timeline.c ---- */

typedef struct alx_timeline alx_timeline;

int alx_timeline_create(alx_timeline **out) ALX_MUST_USE;
void alx_timeline_free(alx_timeline *timeline);
void alx_timeline_add(alx_timeline *timeline, const alx_timeline_event *event);
const alx_timeline_event *alx_timeline_events(const alx_timeline *timeline, size_t *count,
                                              size_t *dropped);
/* alx_seconds() minus the device's clock, in milliseconds; needs a queue with profiling. */
int alx_clock_measure(double *offset_ms, const alx_device *dev) ALX_MUST_USE;

#endif
