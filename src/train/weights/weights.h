/* weights.h - a file of weights, of any program, seen from a network: which of its tensors is which
 * parameter, and what is done to the numbers on the way. */
#ifndef TRAIN_WEIGHTS_H
#define TRAIN_WEIGHTS_H

#include "alexnet/dev/train.h"
#include "alexnet/dev/weights_file.h"
#include "base/lookup.h"

/* What a parameter is made of. */
typedef struct weights_place {
    long tensor;            /* -1: the file has none */
    bool zero;              /* instead: the bias of a layer that the file has without one */
    bool in_out, hwc_order; /* as of alx_weights_layer */
} weights_place;

/* Where safetensors without a checksum, ONNX and .npz carry a config: a key of their metadata. */
#define TRAIN_WEIGHTS_CONFIG "alexnet config"
#define TRAIN_WEIGHTS_NAME "alexnet name" /* of the config, as BASE_NAME_DATA */

typedef struct weights_file {
    const char *path; /* borrowed */
    alx_weights_file *file;
    size_t count;           /* tensors in it */
    char **plain;           /* their names without wrappers */
    base_lookup *lookup;    /* of these */
    const char *config;     /* that a conversion left in it; NULL: none */
    bool own;               /* names or metadata are this program's */
    bool bgr;               /* its first layer sees blue, green, red */
    bool turned;            /* names say that: it does, whatever its pixels are */
    alx_weights_file *text; /* owned; what describes its network beside it; NULL: nothing */

    /* since train_weights_fit */
    const alx_graph *graph; /* borrowed */
    const alx_param_info *params;
    size_t param_count;
    weights_place *place; /* of each parameter */
} weights_file;

/* ---- file.c: the file, and which tensor is which parameter ----------------------------------- */

/** Close it whatever happens. @return ALX_E_DATA naming the file; ALX_E_MEMORY */
int train_weights_open(weights_file *out, const char *path) ALX_MUST_USE;
/** The same, but a file that only describes a network is ALX_E_DATA too. */
int train_weights_open_numbers(weights_file *out, const char *path) ALX_MUST_USE;
void train_weights_close(weights_file *file);

bool train_weights_is_checkpoint(const weights_file *file);
/** Whether the file says what is computed of what, in which order: more than names. */
bool train_weights_describe(const weights_file *file);

/** Finds a place in the file for every parameter of a network: by our names, a checkpoint's,
 *  torchvision's, Caffe's, with or without what wrappers put into them; else, and where the file
 *  tells what is computed, by the order of the layers. May be called again, with another. */
int train_weights_fit(weights_file *file, const alx_graph *graph) ALX_MUST_USE;
/** Another tensor that a name with wrappers may stand for as well; -1 if there is none. */
long train_weights_twin(const weights_file *file, long tensor);

/** "a, b, ..." of the first tensors, for messages. */
void train_weights_names(const weights_file *file, char *out, size_t out_bytes);
/** One warning that names what no parameter took. */
void train_weights_warn_of_rest(const weights_file *file);

/* ---- load.c ---------------------------------------------------------------------------------- */

/** alx_weights_load. @param bgr  as of weights_file */
int train_weights_load(alx_net *net, const char *path, bool bgr) ALX_MUST_USE;

/* ---- order.c: by the order of the layers ----------------------------------------------------- */

void train_weights_fit_by_order(weights_file *file);

/* ---- dropout.c: the form of dropout that weights were trained with --------------------------- */

/* What weights of each layer are multiplied with. */
typedef struct weights_scales {
    double of[ALX_MAX_LAYERS];
} weights_scales;

/** Of a file's weights in a network that it may not have been trained for. Says in a line if any is
 *  not 1. */
int train_weights_scales(weights_scales *out, const weights_file *file,
                         const alx_net_config *config) ALX_MUST_USE;
/** What a layer's input is multiplied with when the network does not train. */
double train_weights_test_factor(const alx_net_config *config, int layer);

/* ---- put.c: numbers ---------------------------------------------------------------------------*/

/** Whether a tensor can be a parameter as it lies there. */
bool train_weights_shape_fits(const weights_file *file, size_t param);
/** How many classes the file's last layer has, where all others fit; 0: it is no network like the
 *  one that the file was fitted to. */
int train_weights_classes(const weights_file *file);
/** Red, green, blue become blue, green, red in weights of a first layer, and the reverse. */
void train_weights_turn_colours(float *weights, const alx_param_info *param);
/** Whether the file has numbers for a parameter.
 *  @return 0; ALX_E_DATA, without the file's path, if it has none, two that differ in wrappers
 *          alone, or one of another shape */
int train_weights_check(const weights_file *file, size_t param) ALX_MUST_USE;
/** The numbers of a parameter, which train_weights_check has seen.
 *  @param out  params[param].count
 *  @return ALX_E_DATA, without the file's path, for another type, or damage */
int train_weights_read(float *out, const weights_file *file, size_t param,
                       double scale) ALX_MUST_USE;
int train_weights_put(alx_net *net, const weights_file *file, size_t param,
                      double scale) ALX_MUST_USE;

#endif
