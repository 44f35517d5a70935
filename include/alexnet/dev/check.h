/* check.h - does a device compute right? Its numbers beside others: those of the reference twins,
 * differences of the loss, or a folder of golden numbers. Each line of the result is the worst of
 * many comparisons. Nothing is printed: lines and progress go to the caller's functions. */
#ifndef ALEXNET_DEV_CHECK_H
#define ALEXNET_DEV_CHECK_H

#include "alexnet/dev/bench.h"
#include "alexnet/train.h"

ALX_BEGIN_DECLS

/** One line: many comparisons of one kind. */
typedef struct alx_check_line {
    char name[64], worst[160]; /**< what is compared; where it is worst */
    double error, limit;       /**< of the worst comparison, relative to its limit */
    size_t count;              /**< comparisons */
    bool fails;                /**< one is over its limit, or there was none */
} alx_check_line;

typedef struct alx_check_options {
    alx_device *const *devs;   /**< borrowed */
    int dev_count;             /**< 1, or one per tower */
    alx_algorithms algorithms; /**< resolved where there is one device */
    alx_rows *const *rows;     /**< tuning rows of each device, borrowed; NULL: none */
    bool quick;       /**< one shape of each convolution and product, none of other devices' */
    const char *only; /**< name of a line; of a golden folder: "ops", "nets", "full", an operation,
                           "op/case", or a network; NULL = all */
    size_t max_macs;  /**< of a golden folder: leave out what costs more forward; 0 = no limit */
    int steps;        /**< of a golden network's training; 0 = all that are stored */
    /** Takes each line as it is finished; may be NULL. */
    void (*on_line)(const alx_check_line *line, void *user);
    /** Called as the check goes on; may be NULL. @param eta_seconds  negative = unknown */
    void (*on_task)(const char *task, size_t done, size_t total, double eta_seconds, void *user);
    void *user; /**< of both functions */
} alx_check_options;

/** What the functions below add to; start it zeroed, alx_check_total_free it whatever happens. */
typedef struct alx_check_total {
    size_t lines, failed; /**< finished lines */
    alx_check_line *list; /**< all of them; NULL where memory was out */
} alx_check_total;

void alx_check_total_free(alx_check_total *total);
/** Its lines for machines: indented; the caller's (free). */
int alx_check_json(char **text, const alx_check_total *total) ALX_MUST_USE;

#define ALX_CHECK_GRADIENT "gradient"

/** ALX_E_USAGE with their names unless `only` is a line of alx_check_kernels or alx_check_gradient.
 */
int alx_check_only(const char *only) ALX_MUST_USE;
/** Every kernel against its twin, on a fixed table of small cases.
 *  @return 0 also where lines fail; what else went wrong */
int alx_check_kernels(alx_check_total *total, const alx_check_options *options) ALX_MUST_USE;
/** Gradients of a tiny network against central differences of its loss. */
int alx_check_gradient(alx_check_total *total, const alx_check_options *options) ALX_MUST_USE;
/** Everything in a folder of golden numbers (format: tests/golden/README.md). */
int alx_check_golden(alx_check_total *total, const alx_check_options *options,
                     const char *folder) ALX_MUST_USE;

/* ---- a step of a network (src/check/step.c) -------------------------------------------------- */

/** Compares every operation of a step with its twin on the same input: forward and grad-input of
 *  image `turn`, grad-weight of filter `turn` of each part over the whole batch, which must not
 *  accumulate. Changes no number of the step; seconds for a large network. Not for nets with
 *  fuse_update, nor for what happens where towers meet. */
typedef struct alx_check_step alx_check_step;

/** How far a step is from the twins, by alx_pass: the largest difference relative to the largest
 *  number, and the pass where it is: "conv2.1 grad-weight". */
typedef struct alx_check_step_errors {
    double error[3];
    char where[3][48];
} alx_check_step_errors;

int alx_check_step_create(alx_check_step **out) ALX_MUST_USE;
void alx_check_step_free(alx_check_step *check);
/** Forgets what it has seen.
 *  @param turn  counts on from step to step: other images and filters */
void alx_check_step_begin(alx_check_step *check, size_t turn);
/** An alx_observer of the steps that follow. A layer that has no twin ends the step with
 *  ALX_E_USAGE.
 *  @param user  the alx_check_step */
int alx_check_step_look(const alx_observation *seen, void *user) ALX_MUST_USE;
/** Of the steps since alx_check_step_begin; borrowed. */
const alx_check_step_errors *alx_check_step_result(const alx_check_step *check);
/** ALX_E_NUMERIC, with the place, if one is over alx_ref_pass_limit. */
int alx_check_step_judge(const alx_check_step *check) ALX_MUST_USE;

/** What looks at updates of a run as above, judges each, and says how far it was off. */
alx_train_check alx_check_step_watch(alx_check_step *check);

/* ---- one pass at full size (src/check/pass.c) ------------------------------------------------ */

/** A part of what a pass must give: whole images, or gradients of whole filters, that the twin can
 *  compute in a moment. */
typedef struct alx_check_pass alx_check_pass;

int alx_check_pass_create(alx_check_pass **out, const alx_bench_case *c) ALX_MUST_USE;
/** How far the case's output is from it, relative to the largest element; alx_ref_pass_limit says
 *  what that may be. */
int alx_check_pass_error(double *error, const alx_check_pass *check,
                         const alx_bench_case *c) ALX_MUST_USE;
void alx_check_pass_free(alx_check_pass *check);

/* ---- a dump (src/check/dump) ----------------------------------------------------------------- */

/**
 * One batch through a net, and what it left: activations, loss, gradients, and the parameters after
 * some updates, as safetensors in PyTorch's order. To compare devices and programs: nothing of
 * [train] counts; the updates are the paper's rule with momentum 0.9 and decay 5e-4 on weights, the
 * same rate for all layers; dropout is the identity.
 */
typedef struct alx_dump_options {
    const alx_config *config;
    const char *batch;      /**< safetensors: x (N,C,H,W) float32, y (N) int64 */
    const char *weights;    /**< safetensors or checkpoint; NULL = the config's init and seed */
    const char *rates;      /**< of the updates: "0.01x5,0.001x5"; the last goes on; NULL = 0.01 */
    int steps;              /**< updates */
    bool stages;            /**< every stage's output too */
    alx_on_build *on_build; /**< may be NULL */
    void *user;             /**< of on_build */
} alx_dump_options;

typedef struct alx_dump alx_dump;

/** Reads rates and batch.
 *  @param options  borrowed until alx_dump_free; `weights` may be set until alx_dump_run
 *  @return 0; ALX_E_USAGE: no such rates; ALX_E_DATA: no such batch; ALX_E_MEMORY */
int alx_dump_create(alx_dump **out, const alx_dump_options *options) ALX_MUST_USE;
/** Makes the net on one device or one per tower, runs it and writes `path`. Once for a dump.
 *  @param rows  tuning rows of each device; NULL: none
 *  @return 0; ALX_E_NUMERIC if a loss is not finite, which is written all the same */
int alx_dump_run(alx_dump *dump, alx_device *const *devs, int dev_count, alx_algorithms algorithms,
                 alx_rows *const *rows, const char *path) ALX_MUST_USE;
/** NULL is fine. */
void alx_dump_free(alx_dump *dump);

ALX_END_DECLS

#endif
