/* model.h - a trained network ready to look at images: from a checkpoint to probabilities in four
 * calls.
 *
 *     alx_model_open(&model, "run/checkpoint-best");
 *     alx_model_build(model, &dev, 1, NULL);
 *     alx_dataset_of_images(&set, (const char *[]){ "cat.jpg" }, 1);
 *     alx_model_predict(prob, model, set);           class with the largest prob[c]: its name is
 *                                                    alx_model_class_name(model, c)
 *
 * A model is used from one thread at a time; several models may run on several threads. */
#ifndef ALEXNET_MODEL_H
#define ALEXNET_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "alexnet/train.h"

ALX_BEGIN_DECLS

typedef struct alx_model alx_model;

/** How a model runs; zero is a good choice everywhere. */
typedef struct alx_model_options {
    int batch;                 /**< images of a forward pass; 0 = the config's */
    bool keep_outputs;         /**< alx_model_features is going to be called: more memory */
    alx_algorithms algorithms; /**< AUTO is resolved per device */
    alx_rows *const *rows;     /**< tuning rows of each device, borrowed; NULL: none */
    int workers;               /**< decoding threads; 0 = one per processor */
    bool skip_bad;             /**< leave out images that do not decode */
    alx_on_build *on_build;    /**< may be NULL */
    void *user;                /**< of on_build */
} alx_model_options;

/** Reads a checkpoint, all but its weights. Config and class names are known from now on.
 *  @param path  a file that alx_train_run or alx_checkpoint_write has written; or weights alone, as
 *               alx_model_open_weights takes them
 *  @return 0; what alx_checkpoint_read returns */
int alx_model_open(alx_model **out, const char *path) ALX_MUST_USE;

/** Weights without a checkpoint around them. */
typedef struct alx_model_weights {
    const char *path; /**< safetensors, PyTorch's .pth, ONNX, Caffe's, NumPy's .npz; by content */
    const alx_config *config; /**< the network; NULL: what the file describes, or the preset that it
                                   fits, which a message names */
    const char *preprocess;   /**< "torchvision", "caffe" or "paper"; NULL: by file and config */
} alx_model_weights;

/** A model of weights alone. Its checkpoint has no class names, and numbers for the mean that is
 *  subtracted, which a message says.
 *  @return 0; ALX_E_DATA if the file cannot be read or fits no network; ALX_E_USAGE: no such
 *          preprocessing */
int alx_model_open_weights(alx_model **out, const alx_model_weights *weights) ALX_MUST_USE;
/** Makes the network on devices, with the checkpoint's weights. Once for a model; it may be tried
 *  again after a failure.
 *  @param devs     one device, or one per tower; borrowed until alx_model_close
 *  @param options  copied; NULL = zero
 *  @return 0; ALX_E_DEVICE, ALX_E_BUILD, ALX_E_MEMORY; ALX_E_DATA: no such weights */
int alx_model_build(alx_model *model, alx_device *const *devs, int dev_count,
                    const alx_model_options *options) ALX_MUST_USE;
/** NULL is fine. */
void alx_model_close(alx_model *model);

/** Config, classes and statistics; borrowed until the model is closed. */
const alx_checkpoint *alx_model_checkpoint(const alx_model *model);
/** What alx_model_build has made, or NULL before; borrowed. */
alx_net *alx_model_net(const alx_model *model);
alx_feeder *alx_model_feeder(const alx_model *model);

/** How many probabilities an image gets. */
int alx_model_classes(const alx_model *model);
/** What class c, below alx_model_classes, is called; "class 7" where the network has more outputs
 *  than the data had classes. Borrowed until the model is closed. */
const char *alx_model_class_name(const alx_model *model, int c);

/** Softmax probabilities of every image of a set, seen through the centre crop.
 *  @param prob  (images, classes), in the order of the set; images left out (skip_bad) leave no
 *               row, so that what follows them moves up: alx_model_rows says which are there
 *  @return 0; ALX_E_DATA naming an image that cannot be read, or if none can; ALX_E_NUMERIC if a
 *          probability is not finite; ALX_E_DEVICE */
int alx_model_predict(float *prob, alx_model *model, const alx_dataset *set) ALX_MUST_USE;

/** How many numbers alx_model_features gives for an image.
 *  @param layer  a line of alx_graph_layers by its name: "relu7"; NULL = what the last layer sees,
 *                but for dropout
 *  @return 0; ALX_E_USAGE, with the names that there are */
int alx_model_feature_length(size_t *length, const alx_model *model,
                             const char *layer) ALX_MUST_USE;
/** What a layer says of every image of a set. Needs keep_outputs.
 *  @param values  (images, length), each PyTorch's (C,H,W); rows as of alx_model_predict
 *  @return 0; ALX_E_USAGE; what alx_model_predict returns */
int alx_model_features(float *values, alx_model *model, const alx_dataset *set,
                       const char *layer) ALX_MUST_USE;

/** Which images the rows of the last alx_model_predict or alx_model_features are of: indices in the
 *  set, rising. Fewer than the set has where some were left out (skip_bad), or the call failed.
 *  Borrowed until the next such call, or until the model is closed; NULL before the first. */
const size_t *alx_model_rows(const alx_model *model, size_t *count);

/** A set's images in their order, in batches of the network, their centres: for what is not
 *  foreseen above. `set` and `subset` are borrowed. */
int alx_model_loader(alx_loader **out, const alx_model *model, const alx_dataset *set,
                     const alx_subset *subset) ALX_MUST_USE;

ALX_END_DECLS

#endif
