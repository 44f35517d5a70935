/* program.h - kernel sources, programs of a device, their binaries on disk. */
#ifndef RT_PROGRAM_H
#define RT_PROGRAM_H

#include <CL/cl.h>
#include <sys/types.h>

#include "alexnet/dev/rt.h"

/* ---- source.c ---- */

/* Text of cl/<file>.cl with its includes expanded, of its kernels only `kernel` (NULL: all); before
 * it, if `declared`, what kernels call of OpenCL C. The caller's (free). */
int rt_source_read(char **text, const char *file, const char *kernel, bool declared) ALX_MUST_USE;

/* ---- program.c ---- */

typedef struct rt_kernel {
    cl_kernel cl; /* NULL = not yet made */
    cl_uint arg_count;
    size_t max_group, required[3]; /* required: reqd_work_group_size, or zeros */
} rt_kernel;

/* Of one kernel: a file may have several, of which a run needs some, and each takes its time. */
typedef struct rt_program {
    char *file, *name, *options; /* name: the kernel's */
    cl_program cl;               /* NULL = not yet built */
    bool noted;                  /* alx_device_build is to build it */
    rt_kernel kernel;
    struct rt_program *next;
} rt_program;

/* Finds or adds the entry; does not build. */
int rt_program_note(rt_program **out, alx_device *dev, const char *file, const char *name,
                    const char *options) ALX_MUST_USE;
/* Builds if not yet built. Threads may build different programs of one device side by side. */
int rt_program_build(alx_device *dev, rt_program *program) ALX_MUST_USE;
/* The same for one that is needed now; it can be stopped as alx_device_build. */
int rt_program_build_now(alx_device *dev, rt_program *program) ALX_MUST_USE;
/* Its kernel, borrowed. */
int rt_program_kernel(rt_kernel **out, alx_device *dev, rt_program *program) ALX_MUST_USE;
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

#endif
