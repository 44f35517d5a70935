/* bench.h - times work on a device: anything that can be queued; one pass of one layer with one
 * algorithm on tensors of its own; whole steps of a network, and the passes of which they
 * consist. */
#ifndef ALEXNET_DEV_BENCH_H
#define ALEXNET_DEV_BENCH_H

#include "alexnet/dev/net.h"
#include "alexnet/net.h"

ALX_BEGIN_DECLS

/* ---- any work ------------------------------------------------------------------------------ */

typedef struct alx_bench_times {
    double median_ms, min_ms, max_ms; /**< of one run of the work */
    int count;                        /**< measurements */
} alx_bench_times;

/** Queues the work once, without waiting. */
typedef int alx_bench_work(void *user);

/**
 * Wall clock from an idle queue to an idle queue, so that launches count. Work shorter than a few
 * milliseconds is queued several times in a measurement, and the time divided.
 *
 * @param runs  measurements, >= 1, after one that builds kernels and warms up
 */
int alx_bench_time(alx_bench_times *out, alx_device *dev, alx_bench_work *work, void *user,
                   int runs) ALX_MUST_USE;

/** Sorts `ms` and takes median, least and most of it. */
alx_bench_times alx_bench_summary(double *ms, int count);

/* ---- one pass of one layer ------------------------------------------------------------------- */

/** A pass of a convolution or fully connected layer. Inputs are uniform in [-1, 1), the same
 *  numbers for every algorithm; outputs are NaN until the first run. */
typedef struct alx_bench_case {
    alx_pass_info info;   /**< of alx_graph_passes; work is not ALX_WORK_OTHER */
    alx_conv_choice conv; /**< of the two, by `info.work`: how it is computed */
    alx_gemm_choice gemm;
    alx_tensor x, w, b, y; /**< of backward passes: gradients of x, w, y as the pass has it */
    alx_tensor scratch;    /**< as the choice needs */
} alx_bench_case;

/** Allocates and fills. Free it whatever happens.
 *  @param info  one of alx_graph_passes, or one made by hand (work, pass, in, out, conv)
 *  @return 0; ALX_E_USAGE if the pass has no algorithms to choose from; ALX_E_MEMORY */
int alx_bench_case_create(alx_bench_case *out, const alx_pass_info *info,
                          const alx_chooser *by) ALX_MUST_USE;
void alx_bench_case_free(alx_bench_case *c);

/** Computes it in another way from now on, "winograd tiles=12"; what it needs is allocated.
 *  @return 0; ALX_E_USAGE if there is no such algorithm; ALX_E_MEMORY */
int alx_bench_case_choose(alx_bench_case *c, const char *way) ALX_MUST_USE;

/** Queues it once. `user` is the alx_bench_case: an alx_bench_work. */
int alx_bench_case_run(void *user) ALX_MUST_USE;
/** y, x or w: what the pass writes. */
const alx_tensor *alx_bench_case_output(const alx_bench_case *c);

/** The three above: one pass with one algorithm. */
int alx_bench_pass(alx_bench_times *out, const alx_pass_info *info, const alx_chooser *by,
                   int runs) ALX_MUST_USE;

/* ---- the device itself (src/bench/peak.c, peak_memory.c) ------------------------------------- */

/** Fused multiply-adds from registers alone, 2 FLOP each: best of a few launches. Waits. */
int alx_bench_fma_peak(double *gflops, alx_device *dev) ALX_MUST_USE;
/** y += a * x over buffers beyond the caches, 12 bytes an element: best of a few. Waits. */
int alx_bench_memory_peak(double *gbytes_per_s, alx_device *dev) ALX_MUST_USE;
/** Reads of local memory, 16 bytes each; on CPU devices that is the cache. Waits. */
int alx_bench_local_peak(double *gbytes_per_s, alx_device *dev) ALX_MUST_USE;

/* ---- whole networks -------------------------------------------------------------------------- */

typedef struct alx_bench_setup {
    const alx_config *config; /**< train.batch_size images a step */
    alx_device *const *devs;
    int dev_count;
    alx_algorithms algorithms;
    alx_rows *const *rows; /**< tuning rows of each device, borrowed; NULL: none */
    int iterations;        /**< timed steps, >= 1, after those that warm up */
    double seconds;        /**< no step begins so long after the first timed one; 0 = no limit */
    const char *data_path; /**< images through the loader; NULL = made up, on the device already */
    const char *weights;   /**< to begin with, as alx_weights_load, or a run's folder for its
                                best; NULL: the config's init */
    int workers;           /**< of the loader; 0 = one per processor */
    bool skip_bad;
    alx_on_build *on_build; /**< may be NULL */
    void *user;             /**< of on_build */
} alx_bench_setup;

/** 2 FLOP for each MAC of the direct algorithm, of a step of train.batch_size images. */
int alx_bench_flops(double *flops, const alx_config *config, bool training) ALX_MUST_USE;

/** Whole steps by the clock, and what they take. */
typedef struct alx_bench_steps_result {
    alx_bench_times times;
    double wait_share;     /**< of the time, waiting for the loader */
    size_t device_bytes;   /**< of the network's plan, over all devices */
    size_t resident_bytes; /**< most RAM that the process has had so far */
} alx_bench_steps_result;

/** Training (forward, backward, update) or inference. */
int alx_bench_steps(alx_bench_steps_result *result, const alx_bench_setup *setup,
                    bool training) ALX_MUST_USE;

/** One pass of a layer, all its parts together. */
typedef struct alx_bench_op {
    char layer[48], pass[16]; /**< "conv2", "grad-weight"; what belongs to no layer: "norm", "" */
    char how[64];             /**< algorithm; in a step, the kernel that took the longest */
    alx_bench_times times;
    double flops, bytes; /**< as in alx_pass_info */
} alx_bench_op;

/** The passes inside training steps, by the devices' own clocks (events), in the order in which
 *  they run; one that another does along with its own work is left out.
 *  @param ops   the caller's (free)
 *  @param step  the steps by the host's clock: what is more than the sum of the passes are
 *               launches, and transfers that nothing hides */
int alx_bench_ops(alx_bench_op **ops, size_t *count, alx_bench_times *step,
                  const alx_bench_setup *setup) ALX_MUST_USE;

/** Each pass that has a choice, alone, on the first device, with every algorithm that runs there;
 *  times of all its parts together.
 *  @param only  "conv2" or "conv2 forward"; NULL = all
 *  @param on_pass  called before each of the `total` passes; may be NULL */
int alx_bench_algos(alx_bench_op **ops, size_t *count, const alx_bench_setup *setup,
                    const char *only, void (*on_pass)(size_t done, size_t total)) ALX_MUST_USE;

/** Whether `only` ("conv2" or "conv2 forward") names this pass; NULL names all. */
bool alx_bench_names(const char *only, const char *layer, const char *pass);
/** ALX_E_USAGE, with the nearest name, if `only` names no pass of a training step. */
int alx_bench_check_only(const char *only, const alx_config *config) ALX_MUST_USE;

/* ---- a network and one batch (src/bench/lab.c) ----------------------------------------------- */

/** A network that is looked at: what it consists of, and room for any of its tensors. */
typedef struct alx_lab {
    alx_net *net;
    const alx_layer_info *layers; /**< borrowed from net, as params */
    const alx_param_info *params;
    size_t layer_count, param_count;
    int batch;     /**< images */
    size_t most;   /**< elements of the largest tensor: images, outputs or a parameter, whole */
    float *values; /**< room for it */
} alx_lab;

/** Free it whatever happens. Parameters are not set. */
int alx_lab_create(alx_lab *lab, const alx_net_config *config, alx_device *const *devs,
                   int dev_count, const alx_net_options *options) ALX_MUST_USE;
void alx_lab_free(alx_lab *lab);
/** @param updates  kernels of the update too, in the paper's form
 *  @param on_build  may be NULL */
int alx_lab_build(alx_lab *lab, bool updates, alx_on_build *on_build, void *user) ALX_MUST_USE;
/** @param images  (N,H,W,C) */
int alx_lab_set_batch(alx_lab *lab, const float *images, const int32_t *labels) ALX_MUST_USE;
/** One pass over the batch, as in training. Takes `values`. @param loss  the mean */
int alx_lab_forward(alx_lab *lab, double *loss) ALX_MUST_USE;
int alx_lab_backward(alx_lab *lab) ALX_MUST_USE;

/** Updates on the same batch, and when to look. */
typedef struct alx_lab_plan {
    int updates;
    const double *rates; /**< of each */
    double momentum, weight_decay;
    int (*on_outputs)(void *user);   /**< after the first forward pass */
    int (*on_gradients)(void *user); /**< after the first backward pass */
    void *user;
} alx_lab_plan;

/** @param losses  updates + 1: before the first update, and after each */
int alx_lab_train(alx_lab *lab, float *losses, const alx_lab_plan *plan) ALX_MUST_USE;

ALX_END_DECLS

#endif
