/* device.h - OpenCL devices, and memory on them.
 *
 * One in-order queue per handle; handles on the one-core sub-devices of one device share a context.
 * A device handle is used from one thread at a time. */
#ifndef ALEXNET_DEVICE_H
#define ALEXNET_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "alexnet/shape.h"
#include "alexnet/status.h"

ALX_BEGIN_DECLS

typedef enum { ALX_DEVICE_CPU, ALX_DEVICE_GPU, ALX_DEVICE_OTHER } alx_device_type;

/** What is special about a driver (src/rt/quirks.c). */
typedef enum {
    ALX_QUIRK_CUTS_LOOPS = 1,        /**< only kernels of short items are right */
    ALX_QUIRK_ONE_BUILD = 2,         /**< programs are built one at a time in a process */
    ALX_QUIRK_KERNEL_FOLDER = 4,     /**< wants a folder that programs can be loaded from */
    ALX_QUIRK_FRAGILE_BUILDS = 8,    /**< only one thread may build */
    ALX_QUIRK_OWN_CACHE = 16,        /**< of programs, on disk */
    ALX_QUIRK_COUNTS_ALL_CORES = 32, /**< takes a limit of cores only from the environment */
    ALX_QUIRK_LARGE_HEADER = 64      /**< parses declarations of all functions for every program */
} alx_quirk;

/** What is known of a device before it is opened. */
typedef struct alx_device_info {
    int index; /**< in the one flat list over all platforms */
    int core;  /**< of an opened one-core sub-device, else -1 */
    alx_device_type type;
    char name[256], vendor[128], version[128], driver[128], platform[128], platform_version[256];
    unsigned compute_units;
    size_t global_bytes, max_alloc_bytes, local_bytes, max_group;
    size_t base_align_bytes;  /**< of a view into a buffer */
    unsigned vector_floats;   /**< lanes of the registers: 16 with AVX-512, 8 with AVX2 */
    unsigned least_sub_group; /**< of a GPU, items of the smallest sub-group that a kernel may ask
                                   for (cl_intel_required_subgroup_size); 0: it may not ask */
    unsigned quirks;          /**< alx_quirk of its driver, or-ed */
} alx_device_info;

/** True for a CPU whose driver vectorises the code inside a work-item. Mesa's llvmpipe is treated
 *  as a GPU: it cuts loops short. */
bool alx_device_is_wide(const alx_device_info *info);

/** An environment variable that OpenCL drivers read. */
typedef struct alx_driver_setting {
    char name[32], value[4096];
} alx_driver_setting;

#define ALX_MOST_SETTINGS 8

/**
 * What drivers should find in the environment (PoCL's folder for kernels, the cores that a CPU
 * device may use, ...), without what the user has set. They read it at the process's first OpenCL
 * call: a program sets these before, while no other thread looks at the environment. The library
 * does not. Without them all works, but kernels take longer to build, and more cores are used than
 * asked for.
 *
 * @param threads  cores that a CPU device may use, 0 = all that this process may
 * @return how many
 */
size_t alx_driver_settings(alx_driver_setting list[ALX_MOST_SETTINGS], int threads);

/** Lists every device of every platform. `*list` is the caller's (free). Zero devices is
 *  ALX_E_DEVICE with the reason as far as it is known. */
int alx_devices_list(alx_device_info **list, size_t *count) ALX_MUST_USE;

typedef struct alx_device alx_device;

#define ALX_MAX_DEVICES 8 /**< opened together */
#define ALX_COMPILER_COMMAND "compile-kernels"

/** How devices are opened; zeros are the defaults. */
typedef struct alx_device_options {
    int threads; /**< cores that a CPU device may use, 0 = all; Intel's runtime heeds only
                      alx_driver_settings */
    /** Where a driver builds one program at a time in a process (PoCL), processes beside this one
     *  build: `compiler ALX_COMPILER_COMMAND DEVICE`, whose main is to return
     *  alx_exit_code(alx_compiler_serve(DEVICE)). They need the cache of binaries. Borrowed, until
     *  the device is closed; NULL: none. */
    const char *compiler;
} alx_device_options;

/** What such a process does: builds what standard input asks for, into the cache, until it ends.
 *  @param device  its argument
 *  @return 0; what alx_device_open returns; ALX_E_MEMORY */
int alx_compiler_serve(const char *device) ALX_MUST_USE;

/**
 * Opens a device.
 *
 * @param which    index ("1"), type ("cpu", "gpu": the first one), a substring of name, platform or
 *                 platform version (case ignored), "D.k" for the k-th one-core sub-device of D;
 *                 NULL = $ALEXNET_DEVICE, else the first GPU, else the first device
 * @param options  NULL: the defaults
 * @return 0; ALX_E_DEVICE if nothing matches or more than one name does (never a silent fallback)
 */
int alx_device_open(alx_device **out, const char *which,
                    const alx_device_options *options) ALX_MUST_USE;
/** Opens `count` (at most ALX_MAX_DEVICES) devices together: those of one platform share a context,
 *  so that transfers between them need not go through the host. One device may be named twice.
 *  Close each. Closing, opening: one thread at a time.
 *  @return also ALX_E_USAGE for fewer than one, or more */
int alx_devices_open(alx_device **devs, const char *const *which, int count,
                     const alx_device_options *options) ALX_MUST_USE;
void alx_device_close(alx_device *dev);

/** Borrowed until the device is closed. */
const alx_device_info *alx_device_get_info(const alx_device *dev);
/** "PoCL 3.1 | AMD EPYC | ..." in one line, for the head of a run; borrowed. */
const char *alx_device_describe(const alx_device *dev);

/** Called as kernels are built, by the thread that waits for them; `built` grows up to `total`. */
typedef void alx_on_build(int built, int total, void *user);

/** Waits for the queue; reports what failed in it. */
int alx_device_finish(alx_device *dev) ALX_MUST_USE;

/* ---- memory -------------------------------------------------------------------------------- */

/** Device memory of float32 (or 32-bit integer) elements; a value type. `mem` belongs to an arena
 *  or, after alx_tensor_create, to this tensor. */
typedef struct alx_tensor {
    alx_device *dev;
    void *mem; /**< cl_mem; NULL = empty tensor */
    alx_shape shape;
} alx_tensor;

/** A tensor with memory of its own; contents undefined. Free with alx_tensor_free. */
int alx_tensor_create(alx_tensor *out, alx_device *dev, alx_shape shape) ALX_MUST_USE;
void alx_tensor_free(alx_tensor *tensor);

/** The same memory seen with another shape of the same number of elements. */
alx_tensor alx_tensor_as(alx_tensor tensor, alx_shape shape);

/** The memory of the buffer that a tensor is a view of, as a tensor that belongs to whom that one
 *  does and keeps the view's shape; `*first` is where in it the view begins, in elements.
 *  @return 0; ALX_E_DEVICE */
int alx_tensor_whole(alx_tensor *out, size_t *first, const alx_tensor *tensor) ALX_MUST_USE;

/** A family's memory: one or more buffers that hold tensors at planned offsets. */
typedef struct alx_arena alx_arena;

/** `bytes` in slabs of at most `slab_bytes` (a multiple of the device's base alignment); a tensor
 *  must not straddle a slab. Zero-filled. @return 0; ALX_E_MEMORY with the family's name. */
int alx_arena_create(alx_arena **out, alx_device *dev, const char *name, size_t bytes,
                     size_t slab_bytes) ALX_MUST_USE;
/** A view, valid until the arena is freed. Views may overlap where lifetimes do not. */
int alx_arena_tensor(alx_tensor *out, alx_arena *arena, size_t offset_bytes,
                     alx_shape shape) ALX_MUST_USE;
void alx_arena_free(alx_arena *arena);

/** Host to device and back, blocking, whole tensor. */
int alx_tensor_write(const alx_tensor *tensor, const void *data) ALX_MUST_USE;
int alx_tensor_read(void *data, const alx_tensor *tensor) ALX_MUST_USE;
/** `count` elements from `first` on. */
int alx_tensor_write_range(const alx_tensor *tensor, const void *data, size_t first,
                           size_t count) ALX_MUST_USE;
int alx_tensor_read_range(void *data, const alx_tensor *tensor, size_t first,
                          size_t count) ALX_MUST_USE;
/** The first `bytes` of a tensor, host to device, on the compute queue without waiting; `data` must
 *  stay until the queue has passed it. */
int alx_tensor_write_async(const alx_tensor *tensor, const void *data, size_t bytes) ALX_MUST_USE;
int alx_tensor_fill(const alx_tensor *tensor, float value) ALX_MUST_USE;
/** Same device, same element count. */
int alx_tensor_copy(const alx_tensor *out, const alx_tensor *in) ALX_MUST_USE;

ALX_END_DECLS

#endif
