/* golden.h - what the files that read a folder of golden numbers share. The format is that of
 * tests/golden/README.md; "section" in these files means a section of it. */
#ifndef CHECK_GOLDEN_H
#define CHECK_GOLDEN_H

#include <cjson/cJSON.h>

#include "alexnet/dev/io.h"
#include "alexnet/net.h"
#include "check/check.h"

/* ---- files and attributes (golden.c, json.c) ------------------------------------------------ */

/** Parses a JSON file; the caller deletes it. */
int golden_json(cJSON **out, const char *path) ALX_MUST_USE;
/** An attribute by name; without it `fallback`, or ALX_E_DATA where that is NAN. */
int golden_number(double *out, const cJSON *attributes, const char *name,
                  double fallback) ALX_MUST_USE;
/** The same, a whole number that fits an int; `fallback` < 0 = must be there. */
int golden_int(int *out, const cJSON *attributes, const char *name, int fallback) ALX_MUST_USE;
bool golden_flag(const cJSON *attributes, const char *name);
/** An array of `count` numbers. */
int golden_numbers(double *out, size_t count, const cJSON *attributes,
                   const char *name) ALX_MUST_USE;
/** A member that is an object or array. @param what  named in the message */
int golden_member(const cJSON **out, const cJSON *parent, const char *name) ALX_MUST_USE;

/** True if --only leaves in what is called `group`, `name` or, unless NULL, "name/part". */
bool golden_wanted(const alx_check_options *options, const char *group, const char *name,
                   const char *part);

/* ---- numbers (numbers.c) -------------------------------------------------------------------- */

/** Section 2: 24 bits; uniform in [-a, a); integer in [0, bound). */
uint32_t golden_hash24(uint64_t seed, uint64_t index);
float golden_uniform(uint64_t seed, uint64_t index, float a);
int64_t golden_integer(uint64_t seed, uint64_t index, uint32_t bound);

/** out's axis i is in's axis order[i]; 32-bit elements. */
void golden_permute(void *out, const void *in, const int dims[4], const int order[4]);
extern const int golden_nchw_to_nhwc[4], golden_nhwc_to_nchw[4];
extern const int golden_oihw_to_rsio[4], golden_rsio_to_oihw[4];

/** Ten times what float32 PyTorch differs by (section 6); NAN if the class is not in the table.
 *  @param quantity  "conv2d.dw", "nets.grad", ... */
double golden_tolerance(const char *quantity);

/* ---- operations (case.c, ops*.c) ------------------------------------------------------------ */

/** Order of a tensor's elements on the device. */
typedef enum {
    GOLDEN_FLAT,   /**< as stored, a vector */
    GOLDEN_IMAGE,  /**< stored NCHW (or N,C), here NHWC */
    GOLDEN_FILTER, /**< stored OIHW, here RSIO */
} golden_layout;

typedef struct golden_case {
    const alx_check_options *options;
    check_report *report;
    const alx_safetensors *file;
    const char *op, *name;
    const cJSON *attributes;
    check_pool pool; /**< freed after the case */
} golden_case;

/** A stored tensor of the case and its place on the device. */
typedef struct golden_value {
    const char *name;
    const alx_st_tensor *stored;
    golden_layout layout;
    int dims[4]; /**< stored, filled up to four axes */
    alx_tensor *tensor;
} golden_value;

/** The stored tensor, or ALX_E_DATA if it is missing or of another type. */
int golden_find(const golden_case *c, const alx_st_tensor **out, const char *name,
                alx_dtype dtype) ALX_MUST_USE;
bool golden_has(const golden_case *c, const char *name);
/** An input on the device. */
int golden_load(golden_case *c, golden_value *out, const char *name,
                golden_layout layout) ALX_MUST_USE;
/** A place for an output of the stored tensor's shape; I64 and U8 ones hold int32 and float. */
int golden_make(golden_case *c, golden_value *out, const char *name,
                golden_layout layout) ALX_MUST_USE;
/** Adds the comparison of an output with what is stored to the line. */
int golden_check(golden_case *c, const golden_value *value) ALX_MUST_USE;
/** The same for numbers on the host in the stored order; stored integers must be equal. */
int golden_check_host(golden_case *c, const char *name, const float *got,
                      size_t count) ALX_MUST_USE;

/** Runs one case of an operation; by its name in ops.c's table. */
typedef int golden_op(golden_case *c);

golden_op golden_op_conv2d, golden_op_lrn, golden_op_maxpool, golden_op_relu, golden_op_tanh,
    golden_op_sigmoid, golden_op_fc, golden_op_softmax_xent, golden_op_sgd, golden_op_clip,
    golden_op_preprocess, golden_op_pca, golden_op_tencrop;

/** Every case of every operation in the folder. */
int golden_ops(check_report *report, const alx_check_options *options,
               const char *folder) ALX_MUST_USE;

/* ---- networks (net.c, config.c, kink.c, stored.c, full.c) -------------------------- */

typedef struct golden_net {
    const alx_check_options *options;
    check_report *report;
    const char *name;
    const cJSON *json;
    alx_net_config config;
    const struct golden_oracle *oracle;
    alx_lab lab;
    int batch, steps, all_steps; /**< updates to make, and that are stored */
    double margin;      /**< nearest kink: a rounding error above it may flip a ReLU or a maximum */
    float *losses;      /**< steps + 1 */
    const void *source; /**< what the functions below read */
} golden_net;

/** Where a network's numbers come from and what they are compared with. Values are in PyTorch's
 *  order; each function adds its comparisons to the current line. */
typedef struct golden_oracle {
    int (*input)(golden_net *run, const char *name, float *values, size_t count);
    int (*labels)(golden_net *run, int32_t *labels);
    int (*act)(golden_net *run, const char *layer, const float *values, size_t count);
    int (*outputs)(golden_net *run); /**< probabilities or logits; a line of its own */
    int (*grad)(golden_net *run, const char *name, const float *values, size_t count);
    int (*final)(golden_net *run, const char *name, const float *values,
                 size_t count); /**< NULL = not stored */
    const char *group;          /**< of tolerances: "nets", "full" */
} golden_oracle;

/** Reads how near to a kink the reference comes, relative to the layer; INFINITY = not known. */
int golden_read_margin(golden_net *run) ALX_MUST_USE;
/** Adds a comparison to the line: `error` within `quantity`'s tolerance; else, where the network is
 *  that near a kink, `jump` within what one flip does.
 *  @param jump  the error relative to what a flip moves: the l2 norm of a gradient, the way that
 *               the losses have gone; NAN where no flip comes in: activations, the last layer */
void golden_kink_add(golden_net *run, const char *quantity, const char *where, double error,
                     double jump);
/** A network as a config in memory: two towers where groups and LRN allow it. */
int golden_config(alx_net_config *out, const cJSON *json) ALX_MUST_USE;
/** Runs a network and compares: activations, outputs, gradients, losses, parameters. */
int golden_net_run(check_report *report, const alx_check_options *options, const cJSON *json,
                   const void *source, const golden_oracle *oracle) ALX_MUST_USE;

int golden_stored_nets(check_report *report, const alx_check_options *options,
                       const char *folder) ALX_MUST_USE;
int golden_full_nets(check_report *report, const alx_check_options *options,
                     const char *folder) ALX_MUST_USE;

#endif
