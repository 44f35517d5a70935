/* net.h - looking at a step while it runs: a function that is called around each pass of each
 * node with the tensors that the pass reads and writes. */
#ifndef ALEXNET_DEV_NET_H
#define ALEXNET_DEV_NET_H

#include "alexnet/net.h"

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
    alx_node_kind kind;
    size_t node; /**< index in alx_graph_stages, for the loss their number */
    int part;
    alx_pass pass;
    const alx_step *step;
    alx_shape in, out; /**< of one image and one part (n = 1) */
    bool in_place;     /**< y may lie over x, grad_x over grad_y: look at them before */
    const alx_tensor *x, *y, *grad_x, *grad_y;
    const alx_tensor *saved; /**< a pool's winners: alx_op_maxpool_forward's index, of a fused pool
                                  alx_op_norm_pool_forward's bytes */
    const alx_tensor *w, *b, *grad_w, *grad_b; /**< b NULL for 0: only one part adds it */
    const alx_tensor *labels;

    /* what is computed, by kind */
    alx_conv2d_params conv;
    bool relu;   /**< CONV: y is the ReLU of the convolution */
    bool fused;  /**< POOL: x is a ReLU's output, grad_x the gradient before that ReLU */
    bool normed; /**< POOL, fused: it pools x normalised by `norm` */
    alx_pool_params pool;
    alx_lrn_params norm;        /**< LRN, SPATIAL_NORM */
    alx_dropout_params dropout; /**< forward where step->training, and backward */
    alx_activation activation;
    float slope; /**< of LEAKY */
} alx_observation;

/** @return 0, or an error, which ends the step */
typedef int alx_observer(const alx_observation *seen, void *user);

/** From now on `observer` is called before and after each pass of alx_net_forward and
 *  alx_net_backward; not for a node whose work another does, nor while kernels are built. NULL ends
 *  it. It changes no number of the step; what it reads, it waits for. */
void alx_net_observe(alx_net *net, alx_observer *observer, void *user);

#endif
