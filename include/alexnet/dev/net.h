/* net.h - what a network costs, what a step of it consists of, what crosses between two devices,
 * and a function that is called around each pass while a step runs. */
#ifndef ALEXNET_DEV_NET_H
#define ALEXNET_DEV_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "alexnet/dev/ops.h"
#include "alexnet/net.h"

ALX_BEGIN_DECLS

/* ---- what a network costs -------------------------------------------------------------------- */

/** Of all layers together. */
typedef struct alx_cost {
    size_t parameters;
    size_t macs; /**< of an image, forward */
} alx_cost;

alx_cost alx_graph_cost(const alx_graph *graph);
/** The same of a config. @return what alx_graph_create returns */
int alx_net_cost(alx_cost *out, const alx_net_config *config) ALX_MUST_USE;

/* ---- what crosses between two devices -------------------------------------------------------- */

/** A tensor that one device sends the other, once in a forward or backward pass. */
typedef struct alx_transfer_info {
    char name[ALX_NAME_BYTES + 16]; /**< "conv3 forward 0>1": layer that reads, pass, devices */
    int layer;                      /**< index in the config */
    size_t node;                    /**< where the towers meet */
    int tower;                      /**< whose output, or whose gradient, it is */
    bool backward;
    int from, to; /**< devices; tower t lives on device t */
    size_t bytes;
} alx_transfer_info;

#define ALX_MAX_TRANSFERS (ALX_MAX_LAYERS * 2 * ALX_MAX_TOWERS)

/** What crosses if the network lives on two devices, in the order of the layers, forward then
 *  backward of each (backward if `training`). Returns how many; 0 where the towers never meet or
 *  there is one. */
size_t alx_graph_transfers(alx_transfer_info list[ALX_MAX_TRANSFERS], const alx_graph *graph,
                           int batch, bool training);

/* ---- what a step consists of ----------------------------------------------------------------- */

typedef enum {
    ALX_WORK_CONV, /**< `pass` says which of alx_op_conv2d_* */
    ALX_WORK_FC,   /**< `pass` says which of alx_op_fc_* */
    ALX_WORK_OTHER,
} alx_work;

/** What one part of a node does in one direction, with what it costs at least. */
typedef struct alx_pass_info {
    char label[48]; /**< of the profile: "conv2.1 grad-weight", "fc6 update", "loss forward" */
    size_t node;    /**< the number of nodes where it belongs to none */
    int part;       /**< tower, of a node that has several parts */
    alx_work work;
    alx_pass pass;
    alx_shape in, out; /**< of one part, n = batch; empty where it belongs to no node */
    alx_conv2d_params conv;
    double flops; /**< 2 * MACs of the direct algorithm; 0 where there are no MACs */
    double bytes; /**< to read and write every tensor once */
} alx_pass_info;

/** In the order in which a step runs them; bias and what else a pass does besides belong to it.
 *  `*list` is the caller's (free). */
int alx_graph_passes(alx_pass_info **list, size_t *count, const alx_graph *graph, int batch,
                     bool training) ALX_MUST_USE;

/** What tuning rows call a pass; "" if it has no algorithms to choose from. */
void alx_pass_problem(char problem[ALX_PROBLEM_BYTES], const alx_pass_info *info);
/** The row that a pass follows, or NULL: it takes the default, or what the algorithms name.
 *  Borrowed as that of alx_rows_find. */
const alx_row *alx_pass_row(const alx_chooser *by, const alx_pass_info *info);
/** `*out`: whether no pass of a training step follows a row. */
int alx_net_is_untuned(bool *out, const alx_net_config *config, int batch,
                       const alx_chooser *by) ALX_MUST_USE;

/** ALX_E_USAGE with the layer's name if the network cannot be divided among so many devices. */
int alx_graph_check_devices(const alx_graph *graph, int dev_count) ALX_MUST_USE;

/* ---- looking at a step while it runs --------------------------------------------------------- */

/**
 * One pass of one part of a node, or of the loss. All is borrowed for the call. Tensors are whole
 * batches on the part's device; one that the pass neither reads nor writes is NULL:
 *
 *     forward      reads x, w, b            writes y, saved
 *     grad-input   reads grad_y, w, saved, x or y where it needs them    writes grad_x
 *     grad-weight  reads grad_y, x          writes grad_w, grad_b; both NULL where it updates w
 *     loss         reads x (logits) and labels, writes y (probabilities), backward grad_x
 *
 * Where towers meet (GATHER, SUM) x is NULL, backward grad_y too: they read one of each tower; on
 * two devices y of a gather is whole once its reader has run.
 */
typedef struct alx_observation {
    const char *label; /**< of the profile: "conv2.1 grad-weight" */
    bool before;       /**< the pass has not run yet; else what it wrote is there */
    size_t node;       /**< index in alx_graph_layers, for the loss their number */
    int part;
    alx_pass pass;
    const alx_step *step;
    bool in_place; /**< y may lie over x, grad_x over grad_y: look at them before */
    const alx_tensor *x, *y, *grad_x, *grad_y;
    const alx_tensor *saved; /**< a pool's winners: alx_op_maxpool_forward's index, of a fused pool
                                  alx_op_norm_pool_forward's bytes */
    const alx_tensor *w, *b, *grad_w, *grad_b; /**< b NULL for 0: only one part adds it */
    const alx_tensor *labels;

    alx_op_work work; /**< what is computed, on one image (n = 1) */
    bool relu;        /**< CONV, FC: y is the ReLU of what it computes */
    bool fused;       /**< POOL: x is a ReLU's output, grad_x the gradient before that ReLU */
    bool normed;      /**< POOL, fused: it pools x normalised by work.norm */
} alx_observation;

/** @return 0, or an error, which ends the step */
typedef int alx_observer(const alx_observation *seen, void *user);

/** From now on `observer` is called before and after each pass of alx_net_forward and
 *  alx_net_backward; not for a node whose work another does, nor while kernels are built. NULL ends
 *  it. It changes no number of the step; what it reads, it waits for. */
void alx_net_observe(alx_net *net, alx_observer *observer, void *user);

ALX_END_DECLS

#endif
