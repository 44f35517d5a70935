/* net.h - what the net's own files share: values, nodes, parameters, the plan. */
#ifndef NET_NET_H
#define NET_NET_H

#include "net/graph.h"

/* One activation of one part, with its gradient. Times count from the first forward node: node i
 * runs forward at i and backward at 2 * nodes + 1 - i; the loss takes nodes and nodes + 1. */
typedef struct alx_value {
    alx_shape shape; /* n = batch */
    int dev;
    alx_tensor data, grad;
    struct alx_value *data_of; /* shares the memory of this value's data, NULL = its own */
    struct alx_value *grad_of;
    bool needs_grad;
    int first, last;           /* data is written at `first` and read until `last` */
    int grad_first, grad_last;
} alx_value;

typedef struct alx_param {
    alx_shape shape; /* of one part */
    int parts;
    int dev[ALX_MAX_TOWERS];
    alx_tensor value[ALX_MAX_TOWERS], grad[ALX_MAX_TOWERS], momentum[ALX_MAX_TOWERS];
    int slot[ALX_MAX_TOWERS]; /* of its sum of squares */
} alx_param;

typedef struct alx_node alx_node;

/* What a kind of node does. The needs_ flags say what its backward pass reads: they decide how long
 * the plan keeps a value and what may run in place. */
typedef struct alx_node_type {
    bool needs_input, needs_output;
    bool in_place; /* output may overwrite the input, gradient of input that of the output */
    size_t (*scratch)(const alx_net *net, const alx_node *node); /* elements; NULL = none */
    int (*forward)(alx_net *net, alx_node *node, int part, const alx_step *step);
    int (*backward)(alx_net *net, alx_node *node, int part, const alx_step *step);
} alx_node_type;

extern const alx_node_type alx_node_gather, alx_node_dropout, alx_node_conv, alx_node_fc,
    alx_node_activation, alx_node_lrn, alx_node_spatial_norm, alx_node_pool,
    alx_node_adaptive_pool;

struct alx_node {
    const alx_node_type *type;
    const alx_graph_node *graph;
    const alx_layer_config *config;
    const char *name;
    alx_value *in[ALX_MAX_TOWERS];  /* of part t; of a gather: of tower t */
    alx_value out[ALX_MAX_TOWERS];
    alx_tensor saved[ALX_MAX_TOWERS]; /* pooling's winners */
    char label[2][ALX_MAX_TOWERS][48]; /* "conv2.1 backward": of profile and messages */
};

struct alx_net {
    alx_graph *graph;
    alx_net_options options;
    alx_device *devs[ALX_MAX_TOWERS]; /* borrowed */
    int dev_count;
    alx_algorithms algorithms;
    alx_value input[ALX_MAX_TOWERS]; /* the image, one copy per device */
    int node_count;
    alx_node nodes[ALX_MAX_NODES];
    size_t param_count;
    alx_param params[ALX_MAX_LAYERS * 2];

    alx_arena *parameter_arena[ALX_MAX_TOWERS], *gradient_arena[ALX_MAX_TOWERS],
        *momentum_arena[ALX_MAX_TOWERS], *activation_arena[ALX_MAX_TOWERS];
    alx_tensor scratch[ALX_MAX_TOWERS];

    /* on device 0: the loss and the norm of the gradients */
    alx_tensor labels, prob, loss, rank;
    alx_tensor square_sums, clip; /* clip: scale, norm */
    int slot_count;
};

/* Device of part t. */
static inline int alx_net_part_dev(const alx_net *net, int part)
{
    return part % net->dev_count;
}

static inline alx_value *alx_net_output(alx_net *net)
{
    return &net->nodes[net->node_count - 1].out[0];
}

/* plan.c: lifetimes, then offsets; fills every tensor of the net. */
int alx_plan_memory(alx_net *net, alx_memory_plan plans[ALX_MAX_TOWERS], size_t align_bytes,
                    size_t slab_bytes, bool allocate) ALX_MUST_USE;

/* build.c: nodes, values and parameters of a net without memory. */
int alx_net_build(alx_net *net, const alx_net_config *config) ALX_MUST_USE;

/* layout.c: between PyTorch's order of a whole parameter and the device's order of one part.
 * A convolution's part is (R,S,C,K/parts), a fully connected one's (out/parts,1,1,H*W*C). */
void alx_layout_part(float *part_data, const float *whole, const alx_param_info *info,
                     alx_shape in, int part, int parts);
void alx_layout_whole(float *whole, const float *part_data, const alx_param_info *info,
                      alx_shape in, int part, int parts);

#endif
