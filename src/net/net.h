/* net.h - what the net's own files share: values, nodes, parameters, the plan. */
#ifndef NET_NET_H
#define NET_NET_H

#include "alexnet/dev/net.h"
#include "net/chain.h"

#define NET_MAX_CHUNKS 4 /* of the batch, where towers meet before a convolution */

/* One activation of one part, with its gradient. Times count from the first forward node: node i
 * runs forward at i and backward at 2 * nodes + 1 - i; the loss takes nodes and nodes + 1. */
typedef struct net_value {
    alx_shape shape; /* n = batch */
    int dev;
    alx_tensor data, grad;
    int chunks;                       /* equal runs of images that it is made in; 1 = whole */
    alx_tensor chunk[NET_MAX_CHUNKS]; /* views of data where there are several */
    struct net_value *data_of;        /* shares the memory of this value's data, NULL = its own */
    struct net_value *grad_of;
    bool needs_grad;
    int first, last; /* data is written at `first` and read until `last` */
    int grad_first, grad_last;
} net_value;

typedef struct net_param {
    alx_shape shape; /* of one part */
    int parts;
    int dev[ALX_MAX_TOWERS];
    alx_tensor value[ALX_MAX_TOWERS], grad[ALX_MAX_TOWERS], momentum[ALX_MAX_TOWERS];
    alx_tensor kept[ALX_MAX_KEPT_GRADIENTS][ALX_MAX_TOWERS];
    int slot[ALX_MAX_TOWERS]; /* of its sum of squares */
    int kind;                 /* the first parameter that is updated with the same factors */
} net_param;

typedef struct net_node net_node;

/* The pass of a node that runs. */
typedef struct net_pass_context {
    alx_net *net;
    net_node *node;
    alx_pass pass;
    int part; /* tower; on the way back through a gather or sum, of its inputs */
    const alx_step *step;
} net_pass_context;

typedef int net_pass_function(const net_pass_context *at);

/* What a kind of node does; one file in layers/ has all of it. The needs_ flags say what its
 * backward pass reads: they decide how long the plan keeps a value, what may run in place, and what
 * the pass costs. */
typedef struct net_node_type {
    int (*add)(net_chain *chain); /* to the graph: shape, name, weights; NULL where it only runs */
    /* Elements that a pass of a part reads and writes, without weights; `in` and `out` are those of
     * its batch. NULL: both, going back also what is needed again. */
    double (*floats)(const alx_layer_info *node, alx_pass pass, double in, double out,
                     bool training);
    bool needs_input, needs_output;
    bool in_place; /* output may overwrite the input, gradient of input that of the output */
    alx_shape (*weights)(const net_node *node);       /* of a part, on the device; NULL without */
    void (*plan)(const alx_net *net, net_node *node); /* what else it keeps or needs; or NULL */
    void (*choose)(const alx_net *net, net_node *node, int dev); /* conv or gemm of it; or NULL */
    size_t (*scratch)(const alx_net *net, const net_node *node, int dev); /* elements; or NULL */
    net_pass_function *forward;   /* NULL: another node does it along with its own work */
    net_pass_function *backward;  /* gradient of the input; NULL as forward */
    net_pass_function *gradients; /* of the weights; NULL without */
    void (*show)(alx_observation *seen, const net_pass_context *at); /* what it computes; or NULL */
} net_node_type;

struct net_node {
    const net_node_type *type;
    const alx_layer_info *info;
    const alx_layer_config *config;
    net_node *source;              /* whose output it reads; NULL: the image */
    net_node *reader;              /* that reads its output; NULL: the loss */
    net_value *in[ALX_MAX_TOWERS]; /* of part t; of a gather: of tower t */
    net_value out[ALX_MAX_TOWERS];
    bool reads_input, reads_output;   /* in its backward pass */
    alx_shape saved_shape;            /* n = batch; empty where nothing is saved */
    alx_tensor saved[ALX_MAX_TOWERS]; /* pooling's winners */
    bool relu;                        /* conv, fc: its output is the ReLU's (fuse.c) */
    const net_node *norm;             /* a pool: whose work it does too (fuse.c); NULL = none */
    net_node *gather;                 /* that feeds this one, or NULL */

    /* a convolution's, where nothing is trained: weights as its passes read them (ops.h), how many
     * elements on each device, and what net->written was when they were made (0: not yet) */
    alx_tensor filters[ALX_MAX_TOWERS];
    size_t filter_count[ALX_MAX_TOWERS];
    unsigned filters_of[ALX_MAX_TOWERS];

    /* how its passes are computed on each device */
    alx_conv_choice conv[ALX_MAX_TOWERS][ALX_PASS_COUNT];
    alx_gemm_choice gemm[ALX_MAX_TOWERS][ALX_PASS_COUNT];

    /* of a gather or sum on two devices, by tower t: its half on its way to the other device; the
     * half of its gradient that is made there (half), on its way back */
    alx_transfer *forth[ALX_MAX_TOWERS], *back[ALX_MAX_TOWERS];
    alx_tensor half[ALX_MAX_TOWERS];

    char label[3][ALX_MAX_TOWERS][48]; /* by pass: "conv2.1 grad-input" */
};

struct alx_net {
    alx_graph *graph;
    alx_net_options options;
    alx_device *devs[ALX_MAX_TOWERS]; /* borrowed; NULL: none at hand */
    bool wide[ALX_MAX_TOWERS];        /* by device: alx_device_is_wide */
    int dev_count;
    alx_chooser choosers[ALX_MAX_TOWERS]; /* by device */
    net_value input[ALX_MAX_TOWERS];      /* the image, one copy per device */
    int node_count;
    net_node nodes[NET_MAX_NODES];
    size_t param_count;
    net_param params[ALX_MAX_LAYERS * 2];
    unsigned written; /* counts when parameters are set, from 1 on */

    alx_arena *parameter_arena[ALX_MAX_TOWERS], *filter_arena[ALX_MAX_TOWERS],
        *gradient_arena[ALX_MAX_TOWERS], *momentum_arena[ALX_MAX_TOWERS],
        *activation_arena[ALX_MAX_TOWERS];
    alx_arena *kept_arena[ALX_MAX_KEPT_GRADIENTS][ALX_MAX_TOWERS];
    alx_tensor scratch[ALX_MAX_TOWERS];
    alx_memory_plan plans[ALX_MAX_TOWERS];

    alx_tensor labels, prob, loss, rank; /* on device 0 */

    /* Norm of the gradients: each device has a vector with a slot for every part of a parameter,
     * zero where another holds the part. Clipping adds them up on device 0; clip: scale, norm. */
    alx_tensor square_sums[ALX_MAX_TOWERS], all_sums, clip;
    alx_transfer *sums_forth, *clip_back; /* NULL on one device */
    int slot_count;

    /* With layer_rates the same of the weights, and a factor of the rate for each slot. */
    alx_tensor weight_sums[ALX_MAX_TOWERS], all_weight_sums, rates, rate_slots;
    alx_transfer *weights_forth, *rates_back;
    alx_segments *weight_segments[ALX_MAX_TOWERS];

    alx_segments *segments[ALX_MAX_TOWERS]; /* what alx_net_update updates; NULL: nothing */

    alx_observer *observer; /* NULL: nobody looks */
    void *observer_user;
};

/* Device of part t. */
static inline int net_part_dev(const alx_net *net, int part)
{
    return part % net->dev_count;
}

static inline bool net_has_rates(const alx_net *net)
{
    return net->options.training && net->options.layer_rates;
}

static inline const net_value *net_output(const alx_net *net)
{
    return &net->nodes[net->node_count - 1].out[0];
}

static inline const alx_tensor *net_value_chunk(const net_value *value, int chunk)
{
    return value->chunks > 1 ? &value->chunk[chunk] : &value->data;
}

/* By part. */
static inline alx_tensor *net_param_tensors(net_param *param, alx_param_what what)
{
    return what == ALX_PARAM_VALUE      ? param->value
           : what == ALX_PARAM_GRADIENT ? param->grad
                                        : param->momentum;
}

/* transfers.c: between the devices of a net that has its memory. */
int net_open_transfers(alx_net *net) ALX_MUST_USE;
void net_close_transfers(alx_net *net);
/* After a wait: ALX_E_DEVICE if what has been computed rests on a transfer that failed. */
int net_check_transfers(alx_net *net) ALX_MUST_USE;

/* Sums of squares of each device to device 0, which adds them; nothing on one device. */
int net_add_sums(alx_net *net, const alx_tensor *all, const alx_tensor *own,
                 alx_transfer *forth) ALX_MUST_USE;
/* To the other device; where it arrives it stays until net_end_back. Nothing on one device. */
int net_send_back(alx_net *net, alx_transfer *back) ALX_MUST_USE;
/* Once it has been read. */
int net_end_back(alx_net *net, alx_transfer *back) ALX_MUST_USE;

/* params.c: neither frozen nor updated in the backward pass. */
bool net_param_is_left(const alx_net *net, size_t index);

/* update.c: for a net that has its memory. */
int net_open_update(alx_net *net) ALX_MUST_USE;
void net_close_update(alx_net *net);
/* What SGD makes of a parameter. */
alx_sgd_params net_sgd_params(const alx_net *net, size_t param, const alx_update_rule *rule);

/* rates.c: nothing without layer_rates. */
int net_open_rates(alx_net *net) ALX_MUST_USE;
void net_close_rates(alx_net *net);
/* After the sums of the gradients and the factor that clips; to all devices. */
int net_make_rates(alx_net *net, const alx_update_rule *rule) ALX_MUST_USE;

/* plan.c: lifetimes, then offsets; fills every tensor of the net. */
int net_plan_memory(alx_net *net, alx_memory_plan plans[ALX_MAX_TOWERS], size_t align_bytes,
                    size_t slab_bytes, bool allocate) ALX_MUST_USE;

/* nodes.c: nodes, values and parameters of a net without memory; chunks lie at multiples of
 * `align_bytes`. */
int net_build(alx_net *net, const alx_net_config *config, size_t align_bytes) ALX_MUST_USE;

/* fuse.c: nodes whose work others do along with their own, where all devices can. */
void net_fuse(alx_net *net);

/* lifetimes.c: from when until when each value is needed, and which lie in one place. */
void net_set_lifetimes(alx_net *net);

/* observe.c: what is done around each pass of a part, and of the loss. */
int net_observe_pass(const net_pass_context *at, bool before) ALX_MUST_USE;
int net_observe_loss(const alx_net *net, alx_pass pass, const alx_step *step,
                     bool before) ALX_MUST_USE;

/* inspect.c: looks at a node's output as it is in memory now. */
int net_output_is_finite(alx_net *net, size_t index, bool *finite) ALX_MUST_USE;

/* order.c: between PyTorch's order of a whole parameter and the device's order of one part.
 * A convolution's part is (R,S,C,K/parts), a fully connected one's (out/parts,1,1,H*W*C), or all
 * outputs of its share of the inputs, (out,1,1,H*W*C): where `in` is smaller than a row. */
void net_order_part(float *part_data, const float *whole, const alx_param_info *info, alx_shape in,
                    int part, int parts);
void net_order_whole(float *whole, const float *part_data, const alx_param_info *info, alx_shape in,
                     int part, int parts);

#endif
