/* net.h - the network: graph from a config, static plan of shapes and memory, forward, backward,
 * update. Towers are separate tensors from the input of conv1 to fc7's output; a tower lives on one
 * device, and one device runs both towers one after the other with the same kernels. */
#ifndef ALEXNET_NET_H
#define ALEXNET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alexnet/algorithms.h"
#include "alexnet/config.h"
#include "alexnet/device.h"

ALX_BEGIN_DECLS

/* ---- what follows from the config alone ----------------------------------------------------- */

/** A node of the network: a learned layer, or what comes before or after it. It runs once for each
 *  part; part t belongs to tower t. It reads the node before it in the list, the first one the
 *  image, which every tower sees whole. Shapes are those of one image (n = 1). */
typedef struct alx_layer_info {
    alx_node_kind kind;
    char name[ALX_NAME_BYTES]; /**< conv1, relu1, norm1, pool1, ..., drop6, fc8 */
    char what[64];             /**< "96 11x11/4", "max 3/2", "towers meet" */
    int layer;                 /**< index in the config */
    int parts, in_parts;       /**< tensors that it makes and reads: 1 or the number of towers */
    alx_shape in, out;         /**< of one part */
    alx_shape whole;           /**< the output, channels over all towers */
    int groups;                /**< CONV: inside one part */
    bool by_input;         /**< FC: its parts add up; each has its inputs' weights, the first the
                                    biases */
    int ranges;            /**< LRN: inside one part */
    int weight;            /**< in alx_graph_params, the bias follows; -1 without weights */
    bool trains;           /**< has weights that are not frozen */
    bool input_needs_grad; /**< something before it trains */
    size_t parameters, weights, macs; /**< over all parts; MACs of an image, forward */
} alx_layer_info;

/** A learned tensor as the outside sees it: PyTorch's order, towers put together. */
typedef struct alx_param_info {
    char name[ALX_NAME_BYTES + 8]; /**< "conv1.weight" */
    int layer;
    bool bias;
    int dims[4], dim_count; /**< OIHW, (out,in) or (out) */
    size_t count;
} alx_param_info;

typedef struct alx_graph alx_graph;

/** Shapes, parameters and cost, without a device. @return 0; ALX_E_USAGE with the layer's name and
 *  line if shapes are impossible; ALX_E_MEMORY */
int alx_graph_create(alx_graph **out, const alx_net_config *config) ALX_MUST_USE;
void alx_graph_free(alx_graph *graph);
/** Borrowed until the graph is freed. */
const alx_layer_info *alx_graph_layers(const alx_graph *graph, size_t *count);
const alx_param_info *alx_graph_params(const alx_graph *graph, size_t *count);
/** What it was made from. */
const alx_net_config *alx_graph_config(const alx_graph *graph);

/* ---- the network on devices ---------------------------------------------------------------- */

typedef struct alx_net alx_net;

#define ALX_MAX_KEPT_GRADIENTS 32 /* twice the levels of a tree over 65536 passes */

typedef struct alx_net_options {
    int batch;          /**< images of one forward pass */
    bool training;      /**< with gradients and momentum */
    bool keep_outputs;  /**< every node keeps an output of its own (dump --stages, check) */
    bool no_dropout;    /**< dropout is the identity, without scaling (dump, check) */
    bool fuse_update;   /**< the backward pass updates the fully connected weights that it can: same
                           bits, and no gradient of theirs in memory */
    bool layer_rates;   /**< updates may ask for them (alx_update_rule.lars) */
    int kept_gradients; /**< sets of all gradients that can be kept beside those of the last
                             backward pass, at most ALX_MAX_KEPT_GRADIENTS */
    alx_algorithms algorithms; /**< AUTO is resolved per device */
    alx_rows *const *rows;     /**< of each device, until alx_net_free; NULL: none */
} alx_net_options;

/** Bytes by family on one device. */
typedef struct alx_memory_plan {
    size_t parameters, gradients, momentum, activations, scratch;
    size_t
        filters; /**< convolutions' weights as their passes read them, where nothing is trained */
    size_t arrivals; /**< where the other device's tensors arrive */
    size_t total;
} alx_memory_plan;

/**
 * Plans and allocates; parameters are zero until alx_net_init or alx_net_set_param.
 *
 * @param devs  one device, or one per tower (of alx_devices_open); borrowed until alx_net_free
 * @return 0; ALX_E_USAGE, with the layer's name if it cannot be divided; ALX_E_MEMORY with the
 *         largest batch that fits; ALX_E_DEVICE
 */
int alx_net_create(alx_net **out, const alx_net_config *config, alx_device *const *devs,
                   int dev_count, const alx_net_options *options) ALX_MUST_USE;
void alx_net_free(alx_net *net);

/** What alx_net_create would allocate on each device.
 *  @param devs  NULL = none at hand; then options->algorithms must be resolved */
int alx_net_memory(alx_memory_plan plans[ALX_MAX_TOWERS], const alx_net_config *config,
                   alx_device *const *devs, int dev_count,
                   const alx_net_options *options) ALX_MUST_USE;

const alx_graph *alx_net_graph(const alx_net *net);
const alx_net_options *alx_net_get_options(const alx_net *net);
/** AUTO where two devices run different ones. */
alx_algorithms alx_net_algorithms(const alx_net *net);

/** 32 digits over what tuning rows say of the network's passes, "" where they say nothing: other
 *  digits mean other bits. */
int alx_net_tuning(char hex[33], const alx_net *net) ALX_MUST_USE;

/** What the net takes on one of its devices. */
alx_memory_plan alx_net_plan(const alx_net *net, int dev);
/** What the plan takes, over all devices. */
size_t alx_net_device_bytes(const alx_net *net);

/** Initial weights by each layer's `init`; a function of seed and parameter alone. */
int alx_net_init(alx_net *net, uint32_t seed) ALX_MUST_USE;

/* ---- a step -------------------------------------------------------------------------------- */

/** Where the input of device `dev` is written before forward: (N,H,W,C). */
const alx_tensor *alx_net_input(alx_net *net, int dev);
/** Where the labels are written before forward, on the device that computes the loss: `batch`
 *  32-bit integers, -1 for an image that does not count. */
const alx_tensor *alx_net_labels(alx_net *net);
int alx_net_dev_count(const alx_net *net);
alx_device *alx_net_device(const alx_net *net, int dev);

/** Labels of the batch, -1 for an image that does not count (a short last batch). Borrowed only
 *  during the call. */
int alx_net_set_labels(alx_net *net, const int32_t *labels) ALX_MUST_USE;

/** One SGD update of every parameter that is not frozen; factors of the layers apply. */
typedef struct alx_update_rule {
    double lr, momentum, weight_decay;
    bool torch_form;
    double clip_norm; /**< 0 = off */
    double lars;      /**< 0 = off; else the eta of layer-wise rates, with layer_rates */
} alx_update_rule;

/** What a config asks for at a rate. */
alx_update_rule alx_update_rule_of(const alx_train_config *config, double lr);
/** Whether training by a config can fuse updates: not with clipping, layer-wise rates or
 *  several passes. */
bool alx_update_can_fuse(const alx_train_config *config);

/** Builds every kernel that a step needs, and evaluating between steps, side by side.
 *  @param rule      of the updates to come: its form, and whether it clips; NULL: there are none
 *                   (not with fuse_update)
 *  @param on_build  may be NULL */
int alx_net_build_kernels(alx_net *net, const alx_update_rule *rule, alx_on_build *on_build,
                          void *user) ALX_MUST_USE;

typedef struct alx_step {
    bool training;       /**< dropout drops; else it scales (classic) or does nothing (inverted) */
    uint32_t seed, step; /**< of the dropout masks */
    int image0;          /**< index of this pass's first image in the step's batch */
    int images;          /**< images of the whole step that count (the mean's divisor) */
    bool accumulate;     /**< add to the gradients: passes after the first of a step */
    const alx_update_rule *rule; /**< of the update that follows; read where updates are fused */
} alx_step;

/** Input to logits, probabilities, losses and ranks. */
int alx_net_forward(alx_net *net, const alx_step *step) ALX_MUST_USE;
/** Gradients of the mean loss over `step->images`. With fuse_update weights change: look at the
 *  loss before. */
int alx_net_backward(alx_net *net, const alx_step *step) ALX_MUST_USE;
/** Keeps the gradients as set `set` < options.kept_gradients. Not with fuse_update, as the next. */
int alx_net_keep_gradients(alx_net *net, int set) ALX_MUST_USE;
/** Adds set `set` to the gradients. */
int alx_net_add_gradients(alx_net *net, int set) ALX_MUST_USE;

/** Floats of all gradients that alx_net_update uses, in an order that all nets of a config have. */
size_t alx_net_gradient_count(const alx_net *net);
#define ALX_LAST_GRADIENTS (-1) /* not a kept set: those of the last backward pass */
/** Of a set; waits. */
int alx_net_read_gradients(alx_net *net, int set, float *data) ALX_MUST_USE;
/** Takes the place of the last backward pass's. */
int alx_net_write_gradients(alx_net *net, const float *data) ALX_MUST_USE;

/** Updates what the backward pass has not. */
int alx_net_update(alx_net *net, const alx_update_rule *rule) ALX_MUST_USE;

/** Of the last forward pass, batch entries each; either may be NULL. Waits.
 *  @param loss  -ln of the label's probability; 0 without a label
 *  @param rank  how many classes come before the label, those with a higher score, or an equal one
 *               and a lower index; all of them without a label, or if a score is NaN */
int alx_net_read_loss(alx_net *net, float *loss, int32_t *rank) ALX_MUST_USE;
/** Probabilities or logits, (batch, classes). */
int alx_net_read_prob(alx_net *net, float *prob) ALX_MUST_USE;
int alx_net_read_logits(alx_net *net, float *logits) ALX_MUST_USE;
/** L2 norm of the last update's gradients, without those of frozen parameters, and the layer that
 *  is not finite: NULL if all are. Waits. */
int alx_net_read_grad_norm(alx_net *net, double *norm, const char **bad_layer) ALX_MUST_USE;
/** After a loss that is not finite: the first node whose output is not, or NULL. Needs
 *  keep_outputs or the outputs that the plan kept. */
int alx_net_find_not_finite(alx_net *net, const char **name) ALX_MUST_USE;

/* ---- looking inside ------------------------------------------------------------------------ */

/** True if the plan kept the output of a node (index in alx_graph_layers) of the last forward pass,
 *  which a backward pass may overwrite. */
bool alx_net_has_output(const alx_net *net, size_t node);
/** Output of a node, all towers, in PyTorch's order (N,C,H,W); batch * count of one image. */
int alx_net_read_output(alx_net *net, size_t node, float *nchw) ALX_MUST_USE;

typedef enum { ALX_PARAM_VALUE, ALX_PARAM_GRADIENT, ALX_PARAM_MOMENTUM } alx_param_what;

/** A parameter in PyTorch's order, towers put together: alx_graph_params()[index].count floats.
 *  ALX_E_USAGE for the gradient where the update is fused. */
int alx_net_get_param(alx_net *net, size_t index, alx_param_what what, float *data) ALX_MUST_USE;
int alx_net_set_param(alx_net *net, size_t index, alx_param_what what,
                      const float *data) ALX_MUST_USE;

/** Gives elements `first` to `first + count` of a parameter in PyTorch's order: puts them into
 *  `room`, or points *out, which begins as that, to where they are. */
typedef int alx_param_read(const float **out, float *room, size_t first, size_t count, void *user);
/** alx_net_set_param from a reader, which is asked for a few megabytes at a time, in order: rows of
 *  a fully connected layer, a whole parameter else. A failure of it is returned as it is. */
int alx_net_fill_param(alx_net *net, size_t index, alx_param_what what, alx_param_read *read,
                       void *user) ALX_MUST_USE;

ALX_END_DECLS

#endif
