/* schema.c - every section and key that a config file may have. Parser, help, writer and overrides
 * read this table; a new key is a new row (and a field in config.h). */
#include "config/schema.h"

#include <string.h>

#define NET(field) offsetof(alx_net_config, field)
#define LAYER(field) offsetof(alx_layer_config, field)
#define DATA(field) offsetof(alx_data_config, field)
#define TRAIN(field) offsetof(alx_train_config, field)

#define YES_NO "no | yes"

/* Keys of what may follow the weights, in the order of alx_node_kind: the words of `order`. */
#define STAGES "activation | lrn | spatial-norm | pool | adaptive-pool"
_Static_assert((int)ALX_NODE_CONV == 5, "STAGES has a word for each alx_node_kind before CONV");
_Static_assert((int)ALX_NODE_CONV <= ALX_MAX_STAGES, "a layer's order has room for every stage");

const config_key config_keys[] = {
    /* ---- [net] ---- */
    { "net", "input", &config_input, 0, 0, 0, "HxWxC | 224-ceil | 224-pad2", NULL, CONFIG_REQUIRED,
      "height x width x channels; 224-ceil and 224-pad2 are 224x224x3 and set the first layer's "
      "rounding = ceil or pad = 2, which give 55x55 as 227 does" },
    { "net", "classes", &config_int, NET(classes), 1, 100000, NULL, NULL, CONFIG_REQUIRED,
      "outputs of the last layer" },
    { "net", "towers", &config_int, NET(towers), 1, ALX_MAX_TOWERS, NULL, "1", 0,
      "parts that a layer's channels are divided into, one per device of the paper" },
    { "net", "lrn-across-towers", &config_flag, NET(lrn_across_towers), 0, 0, YES_NO, "no", 0,
      "the window of lrn crosses the edge between towers; such a net needs one device" },
    { "net", "dropout-form", &config_flag, NET(dropout_inverted), 0, 0, "classic | inverted",
      "classic", 0, "scale by 1 - rate when testing (2012), or by 1 / (1 - rate) when training" },
    { "net", "dropout-place", &config_flag, NET(dropout_input), 0, 0, "output | input", "output", 0,
      "a layer's dropout drops what it gives, or what it reads" },
    { "net", "init", &config_word, 0, 0, 0, "paper | 2012 | caffe | modern | he | torch", "paper",
      0,
      "recipe for every layer's init and bias. paper: gauss 0.01, bias 1 in conv2, conv4, conv5, "
      "fc6, fc7. 2012: the same with gauss 0.03 in conv3 to conv5. caffe: bias 0.1 for 1, gauss "
      "0.005 in fc6, fc7. modern: gauss 0.01, bias 1 in every fc layer. he, torch: see a layer's "
      "init" },

    /* ---- a layer ---- */
    { "layer", "filters", &config_filters, 0, 1, 100000, NULL, NULL, 0,
      "makes the layer a convolution: maps over all towers" },
    { "layer", "units", &config_units, 0, 1, 100000, NULL, NULL, 0,
      "makes the layer fully connected: units over all towers" },
    { "layer", "kernel", &config_int, LAYER(kernel), 1, 64, NULL, NULL,
      CONFIG_REQUIRED | CONFIG_CONV_ONLY, "side of the square window" },
    { "layer", "stride", &config_int, LAYER(stride), 1, 64, NULL, "1", CONFIG_CONV_ONLY,
      "input pixels from one window to the next" },
    { "layer", "pad", &config_int, LAYER(pad), 0, 63, NULL, "0", CONFIG_CONV_ONLY,
      "zero pixels on every side" },
    { "layer", "rounding", &config_flag, LAYER(ceil), 0, 0, "floor | ceil", "floor",
      CONFIG_CONV_ONLY,
      "of the output's side; ceil takes missing pixels at right and bottom as 0" },
    { "layer", "groups", &config_int, LAYER(groups), 1, 1024, NULL, "1", CONFIG_CONV_ONLY,
      "divides channels in and out inside a tower; for nets of one tower (Caffe's files)" },
    { "layer", "sees", &config_choice, LAYER(sees), 0, 0, "own | both", NULL, 0,
      "what a tower reads: its own half or all channels; default own for convolutions, both for fc "
      "layers, and the first layer sees the input" },
    { "layer", "towers", &config_choice, LAYER(towers), 0, 0, "split | whole | input", NULL, 0,
      "whole: not divided, lives in the first tower; default for the last layer, else split. "
      "input: fully connected only; each tower multiplies its own inputs, the first adds up" },
    { "layer", "activation", &config_activation, 0, 0, 0,
      "none | relu | tanh | sigmoid | leaky [SLOPE]", "relu", CONFIG_NET_WIDE,
      "SLOPE (0.01) is for x < 0; the last layer has none unless it says so itself" },
    { "layer", "lrn", &config_norm, LAYER(lrn), 0, 0, "n=5 k=2 alpha=1e-4 beta=0.75", "off",
      CONFIG_CONV_ONLY,
      "response normalisation across n channels, x * (k + alpha * sum of squares)^-beta; what is "
      "not said is n=5 k=2 alpha=1e-4 beta=0.75; alpha-over-n divides alpha by n (2012, Caffe)" },
    { "layer", "spatial-norm", &config_norm, LAYER(spatial), 0, 0, "n=5 k=1 alpha=0.001 beta=0.75",
      "off", CONFIG_CONV_ONLY,
      "the same over n x n pixels of one map (2012); what is not said is n=5 k=1 alpha=0.001 "
      "beta=0.75; alpha-over-n divides alpha by n * n" },
    { "layer", "pool", &config_pool, LAYER(pool), 0, 0, "off | max KERNEL/STRIDE [ceil] [all-ties]",
      "off", CONFIG_CONV_ONLY,
      "maximum of a window; ceil rounds the output's side up; all-ties gives every tied maximum "
      "the whole gradient (2012), not the first only" },
    { "layer", "adaptive-pool", &config_int, LAYER(adaptive_pool), 0, 256, NULL, "0",
      CONFIG_CONV_ONLY, "side of the output of average pooling to a fixed size; 0 = none" },
    { "layer", "order", &config_order, 0, 0, 0, STAGES, NULL, 0,
      "of what follows the weights; default as just listed" },
    { "layer", "dropout", &config_real, LAYER(dropout), 0, 1, NULL, "0", CONFIG_BELOW,
      "share of units that a training step drops" },
    { "layer", "init", &config_init, 0, 0, 0, "gauss STD | he | torch", NULL, 0,
      "weights from N(0, STD); N(0, sqrt(2 / fan-in)); or, with the biases, uniform within 1 / "
      "sqrt(fan-in) of 0; default by the net's init" },
    { "layer", "bias", &config_real, LAYER(bias), -1000, 1000, NULL, NULL, 0,
      "initial value of the biases; default by the net's init" },
    { "layer", "weight-lr", &config_real, LAYER(weight_lr), 0, 1000, NULL, "1", 0,
      "factor on the rate for weights" },
    { "layer", "bias-lr", &config_real, LAYER(bias_lr), 0, 1000, NULL, "1", CONFIG_NET_WIDE,
      "factor on the rate for biases; 2 in 2012" },
    { "layer", "weight-decay", &config_real, LAYER(weight_decay), 0, 1000, NULL, "1", 0,
      "factor on [train] weight-decay for weights" },
    { "layer", "bias-decay", &config_real, LAYER(bias_decay), 0, 1000, NULL, "0", CONFIG_NET_WIDE,
      "factor on [train] weight-decay for biases; 0 in 2012, 1 in PyTorch" },
    { "layer", "freeze", &config_freeze, 0, 0, 0, YES_NO, "no", 0,
      "yes: the layer does not learn, as if weight-lr and bias-lr were 0" },

    /* ---- [data] ---- */
    { "data", "path", &config_path, DATA(path), 0, 0, NULL, "", 0,
      "folder, tar, list, LMDB or CIFAR-10 binaries; --data comes first" },
    { "data", "resize", &config_int, DATA(resize), 1, 4096, NULL, NULL, 0,
      "images are stored with this short side and cut to a square; default the input's longer "
      "side" },
    { "data", "pad", &config_int, DATA(pad), 0, 1024, NULL, "0", 0,
      "zero pixels around the stored image, which crops may reach into" },
    { "data", "random-crop", &config_flag, DATA(random_crop), 0, 0, YES_NO, "yes", 0,
      "train on a crop of the input's size anywhere in the image, else on the centre" },
    { "data", "mirror", &config_flag, DATA(mirror), 0, 0, YES_NO, "yes", 0,
      "mirror half of the training images" },
    { "data", "colour", &config_choice, DATA(colour), 0, 0, "off | sqrt | lambda", "off", 0,
      "shift colours along the principal axes, by a normal number times the root of the eigenvalue "
      "(2012), or times the eigenvalue of pixels in 0..1 (the paper to the letter)" },
    { "data", "colour-sigma", &config_real, DATA(colour_sigma), 0, 100, NULL, "0.1", 0,
      "standard deviation of that number" },
    { "data", "colour-clip", &config_flag, DATA(colour_clip), 0, 0, YES_NO, "no", 0,
      "clip pixels to 0..255 after the shift" },
    { "data", "divide", &config_real, DATA(divide), 0, 1000, NULL, "1", CONFIG_ABOVE,
      "divide shifted pixels by this; 1.1 in 2012" },
    { "data", "unit-scale", &config_flag, DATA(unit_scale), 0, 0, YES_NO, "no", 0,
      "divide pixels by 255, before mean and std" },
    { "data", "mean", &config_mean, 0, 0, 0, "none | image | channel | scalar | R G B", "channel",
      0,
      "what is subtracted: the training set's mean image, its mean per channel, one mean; or "
      "numbers, on the scale that unit-scale gives" },
    { "data", "mean-centre", &config_flag, DATA(mean_centre), 0, 0, YES_NO, "no", 0,
      "with mean = image: subtract its centre from every crop, not what is under the crop (2012)" },
    { "data", "std", &config_std, 0, 0, 0, "none | channel | R G B", "none", 0,
      "what pixels are then divided by: the training set's deviation per channel, or numbers" },
    { "data", "validation", &config_real, DATA(validation), 0, 1, NULL, "0", CONFIG_BELOW,
      "share of the training images that is kept for validation" },

    /* ---- [train] ---- */
    { "train", "epochs", &config_int, TRAIN(epochs), 1, 100000, NULL, "90", 0,
      "passes over the training images" },
    { "train", "batch-size", &config_int, TRAIN(batch_size), 1, 65536, NULL, "128", 0,
      "images of one forward and backward pass; with shards, of a pass for each shard" },
    { "train", "grad-accum", &config_int, TRAIN(grad_accum), 1, 65536, NULL, "1", 0,
      "batches of one update, which sees batch-size * grad-accum images" },
    { "train", "shards", &config_int, TRAIN(shards), 0, 65536, NULL, "0", 0,
      "equal parts of batch-size images, each a pass of its own; their gradients are added in a "
      "fixed tree, so that bits do not tell who computed which; 0 = one pass" },
    { "train", "lr", &config_real, TRAIN(lr), 0, 1000, NULL, "0.01", CONFIG_ABOVE,
      "learning rate at the start" },
    { "train", "momentum", &config_real, TRAIN(momentum), 0, 1, NULL, "0.9", CONFIG_BELOW,
      "share of the last update that goes on" },
    { "train", "weight-decay", &config_real, TRAIN(weight_decay), 0, 1, NULL, "0.0005", 0,
      "pull of the weights to 0; of biases see a layer's bias-decay" },
    { "train", "sgd", &config_flag, TRAIN(sgd_torch), 0, 0, "paper | torch", "paper", 0,
      "the rate is part of the velocity, or applied to it; the same until the rate changes" },
    { "train", "clip-norm", &config_real, TRAIN(clip_norm), 0, 1e9, NULL, "0", 0,
      "longest gradient of the whole net; 0 = no limit" },
    { "train", "lars", &config_real, TRAIN(lars), 0, 1000, NULL, "0", 0,
      "layer-wise rates for large batches: multiplies the rate of a layer's weights by this, times "
      "|weights| / (|gradient| + decay * |weights|), and leaves that of biases; 0.001 in LARS "
      "(You, Gitman, Ginsburg 2017), whose rates then are above 1; 0 = off" },
    { "train", "schedule", &config_choice, TRAIN(schedule), 0, 0,
      "constant | plateau | step | multistep | cosine", "constant", 0,
      "how the rate falls: never, when validation stalls, every step-epochs, at the milestones, or "
      "as half a cosine to min-lr" },
    { "train", "gamma", &config_real, TRAIN(gamma), 0, 1, NULL, "0.1", CONFIG_ABOVE,
      "factor of plateau, step and multistep" },
    { "train", "step-epochs", &config_int, TRAIN(step_epochs), 1, 100000, NULL, "30", 0,
      "of step" },
    { "train", "milestones", &config_milestones, 0, 1, 100000, NULL, "", 0,
      "of multistep: first epochs, counted from 1, at the next rate; 31 41 for example" },
    { "train", "plateau-signal", &config_flag, TRAIN(plateau_loss), 0, 0, "error | loss", "error",
      0, "of plateau: what must fall on the validation images" },
    { "train", "patience", &config_int, TRAIN(patience), 0, 100000, NULL, "5", 0,
      "of plateau: epochs without improvement that are borne; after one more the rate falls" },
    { "train", "max-drops", &config_int, TRAIN(max_drops), 1, 1000, NULL, "3", 0,
      "of plateau: the rate falls so many times" },
    { "train", "min-lr", &config_real, TRAIN(min_lr), 0, 1000, NULL, "0", 0,
      "of cosine: the last rate" },
    { "train", "warmup-epochs", &config_int, TRAIN(warmup_epochs), 0, 100000, NULL, "0", 0,
      "epochs in which the rate first rises, from 0 or, with scale-batch, from lr" },
    { "train", "scale-batch", &config_int, TRAIN(scale_batch), 0, 1000000, NULL, "0", 0,
      "linear scaling (Goyal and others 2017): lr and min-lr are for updates of so many images, "
      "and multiplied by how many times more an update has, batch-size * grad-accum; 0 = never" },
    { "train", "seed", &config_seed, TRAIN(seed), 0, UINT32_MAX, NULL, "0", 0,
      "of weights, split, shuffles, crops, colours and dropout" },
};

const size_t config_key_count = ALX_COUNT(config_keys);

bool config_is_layer(const char *section)
{
    return strcmp(section, "net") != 0 && strcmp(section, "data") != 0 &&
           strcmp(section, "train") != 0;
}

const config_key *config_find_key(const char *section, const char *name)
{
    const char *kind = config_is_layer(section) ? "layer" : section;

    for (size_t i = 0; i < config_key_count; ++i)
        if (strcmp(config_keys[i].section, kind) == 0 && strcmp(config_keys[i].name, name) == 0)
            return &config_keys[i];
    return NULL;
}
