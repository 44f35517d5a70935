/* rt.h - the device runtime: the only code that calls OpenCL and CLBlast. Devices and their memory
 * are in device.h. */
#ifndef ALEXNET_DEV_RT_H
#define ALEXNET_DEV_RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alexnet/device.h"

ALX_BEGIN_DECLS

/** An implementation of OpenCL that the loader has found. */
typedef struct alx_platform {
    char name[128];
    size_t devices; /**< that can be used */
    char why[512];  /**< where there is none: "no device", and the reason if it is known */
} alx_platform;

/** `*list` is the caller's (free). None is no failure. */
int alx_platforms_list(alx_platform **list, size_t *count) ALX_MUST_USE;

/** "cpu", "gpu" or "other"; static. */
const char *alx_device_type_name(alx_device_type type);

/** A driver that OpenCL's loader is told of. */
typedef struct alx_driver {
    char file[256];    /**< path of the .icd, or the environment variable that names it */
    char library[256]; /**< "" = none is named */
    char problem[512]; /**< why the library is not used, as dlopen says; "" = it is used */
} alx_driver;

/** Those in the places where loaders look. `*list` is the caller's (free). None is no failure. */
int alx_drivers_list(alx_driver **list, size_t *count) ALX_MUST_USE;
/** The file that this process has loaded as libOpenCL; static. */
const char *alx_opencl_library(void);
/** The folder of .icd files. Borrowed. */
const char *alx_drivers_folder(void);

#define ALX_DEVICE_NAME_BYTES 256

/**
 * Of a list for a host, "A,B,...", the names that one of its processes takes: `count` that all
 * take, or `count` for each of them, in turn.
 *
 * @param names   what alx_devices_open takes
 * @param place   of the process among the `places` of its host that compute together; places 0: it
 *                is alone, and the list is its own
 * @return 0; ALX_E_USAGE: names are empty, too long, too few, or do not divide by `count`
 */
int alx_device_names(char (*names)[ALX_DEVICE_NAME_BYTES], int count, const char *list, int place,
                     int places) ALX_MUST_USE;

/** CLBlast's version and the OpenCL version that is used; static. */
const char *alx_rt_libraries(void);

/** From now on builds stop soon after `*interrupt` is not 0, with ALX_E_INTERRUPTED. OpenCL cannot
 *  cancel a build: one that runs in this process goes on in the background and keeps its device
 *  open, so the process must then end without its exit handlers (_exit). `interrupt` is borrowed
 *  for good; NULL, the default: never. */
void alx_builds_stop_at(const volatile int *interrupt);

/** Names what the launches that follow belong to ("conv2 forward"): profile and messages show it.
 *  The string is borrowed until the next call. */
void alx_device_set_label(alx_device *dev, const char *label);

/** Called once the host has waited `seconds` for a device; from a thread of its own, so that it can
 *  end the process. */
typedef void alx_on_hang(const alx_device_info *device, double seconds, void *user);

/** Watches every wait for a device from now on. Compiling kernels and loading data do not count.
 *  For programs in which one thread at a time waits: where several do, a hang may be missed. */
int alx_watch_start(double seconds, alx_on_hang *on_hang, void *user) ALX_MUST_USE;
void alx_watch_stop(void);

/* ---- pinned memory ------------------------------------------------------------------------- */

/** Host memory that the device's driver allocated; page-locked by a GPU's, so that an upload from
 *  it takes no copy on the way and no time of the host. Plain memory where the driver has none. */
typedef struct alx_pinned alx_pinned;

/** Contents undefined. @return 0; ALX_E_MEMORY */
int alx_pinned_create(alx_pinned **out, const alx_device *dev, size_t bytes) ALX_MUST_USE;
/** Borrowed until it is freed. */
void *alx_pinned_memory(const alx_pinned *pinned);
/** Nothing may still be under way from or to it. */
void alx_pinned_free(alx_pinned *pinned);

/* ---- uploads --------------------------------------------------------------------------------- */

/**
 * Host memory to tensors of a device, on a queue beside the one that computes, so that a batch
 * arrives while the step before it runs. The host never waits; events order everything.
 *
 *     write, write;  await, use;  release
 */
typedef struct alx_upload alx_upload;

/** @param name  for messages and the profile; copied */
int alx_upload_create(alx_upload **out, const char *name, alx_device *dev) ALX_MUST_USE;
/** Waits until nothing is under way. NULL is fine. */
void alx_upload_free(alx_upload *upload);
/** The first `bytes` of a tensor, once the device has passed the last release. `data` must stay
 *  until something waits for the device after `await`, or alx_upload_wait. */
int alx_upload_write(alx_upload *upload, const alx_tensor *to, const void *data,
                     size_t bytes) ALX_MUST_USE;
/** What the device is given from now on runs after everything written has arrived. */
int alx_upload_await(alx_upload *upload) ALX_MUST_USE;
/** What the device was given so far is the last to use what was written. */
int alx_upload_release(alx_upload *upload) ALX_MUST_USE;
/** How the writes ended that have ended by now, such as those before the last `await` once somebody
 *  has waited for the device. A failure is told once; the next write tells it too.
 *  @return 0; ALX_E_DEVICE, ALX_E_MEMORY */
int alx_upload_check(alx_upload *upload) ALX_MUST_USE;
/** Waits for what was written, and checks it. */
int alx_upload_wait(alx_upload *upload) ALX_MUST_USE;

/* ---- transfers between devices -------------------------------------------------------------- */

/**
 * Moves a tensor of one device to another, chunk by chunk, beside what both compute: through a copy
 * and a migration where they share a context, else through pinned host memory in pieces, double
 * buffered. The host never waits; events order everything.
 *
 *     produce on `from`, start(chunk);   its queue goes on at once
 *     await(chunk), consume on `to`, release(chunk);
 *     settle, overwrite what was sent
 */
typedef struct alx_transfer alx_transfer;

/**
 * @param name    for messages and the profile ("conv3 forward 0>1"); copied
 * @param to      where it goes; a device of the same or of another context
 * @param from    what moves: all of it, `chunks` equal runs of images; borrowed
 * @param chunks  divides from->shape.n
 */
int alx_transfer_create(alx_transfer **out, const char *name, alx_device *to,
                        const alx_tensor *from, int chunks) ALX_MUST_USE;
/** Waits until nothing is under way. */
void alx_transfer_free(alx_transfer *transfer);

/** Where a chunk arrives, on `to`; lives as long as the transfer. */
const alx_tensor *alx_transfer_arrival(const alx_transfer *transfer, int chunk);

/** Sends a chunk once `from`'s device has done all that it was given so far and the last arrival
 *  has been released. */
int alx_transfer_start(alx_transfer *transfer, int chunk) ALX_MUST_USE;
/** What `to` is given from now on runs after the chunk has arrived. */
int alx_transfer_await(alx_transfer *transfer, int chunk) ALX_MUST_USE;
/** What `to` was given so far is the last to read the arrival. */
int alx_transfer_release(alx_transfer *transfer, int chunk) ALX_MUST_USE;

/** What `from` is given from now on runs after everything started has left it. */
int alx_transfer_settle(alx_transfer *transfer) ALX_MUST_USE;

/** How what the caller has waited for ended. NULL is fine. @return 0; ALX_E_DEVICE that names the
 *  transfer: what was computed from it is worthless */
int alx_transfer_check(alx_transfer *transfer) ALX_MUST_USE;

/* ---- kernels ------------------------------------------------------------------------------- */

/** One kernel argument; build with the macros. */
typedef struct alx_arg {
    enum { ALX_ARG_TENSOR, ALX_ARG_I32, ALX_ARG_U32, ALX_ARG_F32, ALX_ARG_STRUCT } kind;
    size_t bytes; /**< of the structure */
    union {
        const alx_tensor *tensor;
        const void *structure;
        int32_t i32;
        uint32_t u32;
        float f32;
    } value;
} alx_arg;

#define ALX_BUF(t)                                                                                 \
    {                                                                                              \
        .kind = ALX_ARG_TENSOR, .value.tensor = (t)                                                \
    }
#define ALX_INT(v)                                                                                 \
    {                                                                                              \
        .kind = ALX_ARG_I32, .value.i32 = (v)                                                      \
    }
#define ALX_UINT(v)                                                                                \
    {                                                                                              \
        .kind = ALX_ARG_U32, .value.u32 = (v)                                                      \
    }
#define ALX_FLOAT(v)                                                                               \
    {                                                                                              \
        .kind = ALX_ARG_F32, .value.f32 = (v)                                                      \
    }
/** A structure of 32-bit numbers, the same as in the kernel; read while the kernel is queued. */
#define ALX_STRUCT(s)                                                                              \
    {                                                                                              \
        .kind = ALX_ARG_STRUCT, .bytes = sizeof *(s), .value.structure = (s)                       \
    }

typedef struct alx_grid {
    size_t global[3], local[3]; /**< unused dimensions are 1; global is a multiple of local */
} alx_grid;

/**
 * Queues a kernel of cl/FILE.cl, built with `options` ("-DA=1 -DB=2") on first use.
 * A tensor argument that is NULL or empty becomes a NULL buffer.
 *
 * @return 0; ALX_E_BUILD with options, log and where the source was dumped; ALX_E_DEVICE or
 *         ALX_E_MEMORY with call, kernel, device and OpenCL's code
 */
int alx_launch(alx_device *dev, const char *file, const char *kernel, const char *options,
               const alx_arg *args, size_t arg_count, const alx_grid *grid) ALX_MUST_USE;

static inline size_t alx_round_up(size_t value, size_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

/**
 * Builds programs side by side before they are needed. Between `collect(true)` and `build`,
 * launches are only noted, and GEMMs, fills, copies and asynchronous writes do nothing: a caller
 * walks its step once, then builds. (PoCL makes machine code only when a kernel first runs.)
 */
void alx_device_collect(alx_device *dev, bool on);
bool alx_device_collecting(const alx_device *dev);
/** Builds what was noted. @param on_build  called from the calling thread; NULL = silent */
int alx_device_build(alx_device *dev, alx_on_build *on_build, void *user) ALX_MUST_USE;

/** 16 hexadecimal digits over the kernel sources, includes expanded, whose names begin with one of
 *  `prefixes` (NULL at the end). */
int alx_kernels_hash(char hex[17], const char *const *prefixes) ALX_MUST_USE;

/* ---- CLBlast ------------------------------------------------------------------------------- */

/**
 * C = alpha * op(A) * op(B) + beta * C by CLBlast, row-major, in place in the tensors.
 *     op(A) is M x K, op(B) K x N, C M x N; offsets and leading dimensions in elements.
 * `batch` > 1 repeats it with the three strides (strided batched).
 */
typedef struct alx_gemm {
    bool transpose_a, transpose_b;
    int m, n, k;
    float alpha, beta;
    size_t a_offset, b_offset, c_offset;
    int lda, ldb, ldc;
    int batch; /**< 0 and 1 mean one */
    size_t a_stride, b_stride, c_stride;
} alx_gemm;

int alx_clblast_sgemm(alx_device *dev, const alx_tensor *c, const alx_tensor *a,
                      const alx_tensor *b, const alx_gemm *gemm) ALX_MUST_USE;

#define ALX_CLBLAST_KERNELS 2
#define ALX_CLBLAST_PACKAGED "packaged"
#define ALX_CLBLAST_SET_BYTES 256
#define ALX_MAX_SETS 16

/** CLBlast's kernels whose parameters are tuned, NULL at the end. */
extern const char *const alx_clblast_kernels[ALX_CLBLAST_KERNELS + 1];

/** A set of parameters for each of them; "" is ALX_CLBLAST_PACKAGED. */
typedef struct alx_clblast_params {
    char set[ALX_CLBLAST_KERNELS][ALX_CLBLAST_SET_BYTES];
} alx_clblast_params;

/** Sets of parameters of a kernel that fit a device. Of Xgemm, the first is ALX_CLBLAST_PACKAGED:
 *  those that come with CLBlast. Returns how many. */
size_t alx_clblast_sets(char list[ALX_MAX_SETS][ALX_CLBLAST_SET_BYTES], const alx_device_info *info,
                        const char *kernel);
/** The products of this handle that follow use these for one kernel. CLBlast keeps parameters by
 *  device, for the whole process: what other handles use is set again at their next product.
 *  @return 0; ALX_E_USAGE; ALX_E_DEVICE if CLBlast refuses them */
int alx_clblast_override(alx_device *dev, const char *kernel, const char *params) ALX_MUST_USE;
/** The same for all kernels, at the next product. Two things are warnings then: that CLBlast
 *  refuses a set, and that it has no way back to the packaged one, once the device has had another
 *  in this process. Copied. */
void alx_clblast_prefer(alx_device *dev, const alx_clblast_params *params);

/* ---- profile ------------------------------------------------------------------------------- */

/** Starts to record an event for every launch, GEMM and transfer (a queue property, so it waits and
 *  makes the queue anew); off by default. */
int alx_profile_start(alx_device *dev) ALX_MUST_USE;

typedef struct alx_profile_row {
    char label[64], kernel[64];
    size_t count;
    double total_ms;
    /* of a transfer, entered with the device that receives; its label is its name */
    bool transfer;
    size_t bytes;     /**< that arrived; 0 for the half of the way that ends on the host */
    double hidden_ms; /**< of total_ms, while the receiver computed */
} alx_profile_row;

/** Waits, then sums by (label, kernel), longest first; `*rows` is the caller's (free). Resets. */
int alx_profile_take(alx_device *dev, alx_profile_row **rows, size_t *count) ALX_MUST_USE;
/** Sums the commands of each transfer into one row; these come to the front, and what else the rows
 *  held is lost. Returns how many transfers there are. */
size_t alx_profile_transfers(alx_profile_row *rows, size_t count);

typedef enum { ALX_TIMELINE_COMPUTE, ALX_TIMELINE_SEND, ALX_TIMELINE_RECEIVE } alx_timeline_queue;

/** When a command ran. SEND: on the queue of the device that a transfer comes from. */
typedef struct alx_timeline_event {
    char label[64], kernel[64];
    alx_timeline_queue queue;
    double start_ms, end_ms; /**< on a monotonic clock, the same for all devices */
    size_t bytes;            /**< that arrived with it */
} alx_timeline_event;

/** Profiling that also keeps every command. */
int alx_timeline_start(alx_device *dev) ALX_MUST_USE;
/** Waits; `*events`, in the order of queueing, are borrowed until the next command.
 *  @param dropped  commands beyond the quarter million that is kept */
int alx_timeline_take(alx_device *dev, const alx_timeline_event **events, size_t *count,
                      size_t *dropped) ALX_MUST_USE;

ALX_END_DECLS

#endif
