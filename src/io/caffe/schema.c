/* schema.c - tables of Caffe's fields: what a network's shape and weights need. */
#include "io/caffe/schema.h"

#include <string.h>

#include "alexnet/export.h"

const caffe_form io_caffe_layer = {
    .name = 1,
    .type = 2,
    .bottom = 3,
    .top = 4,
    .blobs = 7,
    .include = 8,
    .exclude = 9,
    .conv = 106,
    .pool = 121,
    .lrn = 118,
    .fc = 117,
    .dropout = 108,
    .concat = 104,
    .eltwise = 110,
    .relu = 123,
    .flatten = 135,
    .slice = 126,
    .input = 143,
    .transform = 100,
};

const caffe_form io_caffe_layers = {
    .name = 4,
    .type = 5,
    .bottom = 2,
    .top = 3,
    .blobs = 6,
    .include = 32,
    .exclude = 33,
    .conv = 10,
    .pool = 19,
    .lrn = 18,
    .fc = 17,
    .dropout = 12,
    .concat = 9,
    .eltwise = 24,
    .relu = 30,
    .slice = 31,
    .transform = 36,
};

static const struct {
    const char *word, *type; /* in the old and in the new form */
    int64_t number;
} types[] = {
    { "ABSVAL", "AbsVal", 35 },
    { "ACCURACY", "Accuracy", 1 },
    { "ARGMAX", "ArgMax", 30 },
    { "BNLL", "BNLL", 2 },
    { "CONCAT", "Concat", 3 },
    { "CONTRASTIVE_LOSS", "ContrastiveLoss", 37 },
    { "CONVOLUTION", "Convolution", 4 },
    { "DATA", "Data", 5 },
    { "DECONVOLUTION", "Deconvolution", 39 },
    { "DROPOUT", "Dropout", 6 },
    { "DUMMY_DATA", "DummyData", 32 },
    { "ELTWISE", "Eltwise", 25 },
    { "EUCLIDEAN_LOSS", "EuclideanLoss", 7 },
    { "EXP", "Exp", 38 },
    { "FLATTEN", "Flatten", 8 },
    { "HDF5_DATA", "HDF5Data", 9 },
    { "HDF5_OUTPUT", "HDF5Output", 10 },
    { "HINGE_LOSS", "HingeLoss", 28 },
    { "IM2COL", "Im2col", 11 },
    { "IMAGE_DATA", "ImageData", 12 },
    { "INFOGAIN_LOSS", "InfogainLoss", 13 },
    { "INNER_PRODUCT", "InnerProduct", 14 },
    { "LRN", "LRN", 15 },
    { "MEMORY_DATA", "MemoryData", 29 },
    { "MULTINOMIAL_LOGISTIC_LOSS", "MultinomialLogisticLoss", 16 },
    { "MVN", "MVN", 34 },
    { "POOLING", "Pooling", 17 },
    { "POWER", "Power", 26 },
    { "RELU", "ReLU", 18 },
    { "SIGMOID", "Sigmoid", 19 },
    { "SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss", 27 },
    { "SILENCE", "Silence", 36 },
    { "SLICE", "Slice", 33 },
    { "SOFTMAX", "Softmax", 20 },
    { "SOFTMAX_LOSS", "SoftmaxWithLoss", 21 },
    { "SPLIT", "Split", 22 },
    { "TANH", "TanH", 23 },
    { "THRESHOLD", "Threshold", 31 },
    { "WINDOW_DATA", "WindowData", 24 },
};

const char *io_caffe_type(int64_t number)
{
    for (size_t i = 0; i < ALX_COUNT(types); ++i)
        if (types[i].number == number)
            return types[i].type;
    return NULL;
}

/* ---- names --------------------------------------------------------------------------------- */

#define INT(name, number)                                                                          \
    {                                                                                              \
        name, number, CAFFE_INT, NULL                                                              \
    }
#define FLOAT(name, number)                                                                        \
    {                                                                                              \
        name, number, CAFFE_FLOAT, NULL                                                            \
    }
#define TEXT(name, number)                                                                         \
    {                                                                                              \
        name, number, CAFFE_TEXT, NULL                                                             \
    }
#define MESSAGE(name, number, inside)                                                              \
    {                                                                                              \
        name, number, CAFFE_MESSAGE, inside                                                        \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, 0, CAFFE_INT, NULL                                                                   \
    }

static const caffe_name shape[] = { INT("dim", SHAPE_DIM), END };
static const caffe_name rule[] = { INT("phase", RULE_PHASE), END };
static const caffe_name conv[] = {
    INT("num_output", CONV_OUTPUTS),
    INT("pad", CONV_PAD),
    INT("kernel_size", CONV_KERNEL),
    INT("group", CONV_GROUP),
    INT("stride", CONV_STRIDE),
    INT("pad_h", CONV_PAD_H),
    INT("pad_w", CONV_PAD_H + 1),
    INT("kernel_h", CONV_KERNEL_H),
    INT("kernel_w", CONV_KERNEL_H + 1),
    INT("stride_h", CONV_STRIDE_H),
    INT("stride_w", CONV_STRIDE_H + 1),
    INT("dilation", CONV_DILATION),
    END,
};
static const caffe_name pool[] = {
    INT("pool", POOL_METHOD),
    INT("kernel_size", POOL_KERNEL),
    INT("stride", POOL_STRIDE),
    INT("pad", POOL_PAD),
    INT("kernel_h", POOL_KERNEL_H),
    INT("kernel_w", POOL_KERNEL_H + 1),
    INT("stride_h", POOL_STRIDE_H),
    INT("stride_w", POOL_STRIDE_H + 1),
    INT("pad_h", POOL_PAD_H),
    INT("pad_w", POOL_PAD_H + 1),
    INT("global_pooling", POOL_GLOBAL),
    INT("round_mode", POOL_ROUND),
    END,
};
static const caffe_name lrn[] = {
    INT("local_size", LRN_SIZE),    FLOAT("alpha", LRN_ALPHA), FLOAT("beta", LRN_BETA),
    INT("norm_region", LRN_REGION), FLOAT("k", LRN_K),         END,
};
static const caffe_name fc[] = { INT("num_output", FC_OUTPUTS), INT("transpose", FC_TRANSPOSE),
                                 END };
static const caffe_name dropout[] = { FLOAT("dropout_ratio", DROPOUT_RATIO), END };
static const caffe_name relu[] = { FLOAT("negative_slope", RELU_SLOPE), END };
static const caffe_name eltwise[] = { INT("operation", ELTWISE_OPERATION), END };
static const caffe_name flatten[] = { INT("axis", FLATTEN_AXIS), END };
static const caffe_name concat[] = { INT("axis", CONCAT_AXIS), INT("concat_dim", CONCAT_DIM), END };
static const caffe_name slice[] = { INT("axis", SLICE_AXIS), INT("slice_dim", SLICE_DIM),
                                    INT("slice_point", SLICE_POINT), END };
static const caffe_name input[] = { MESSAGE("shape", INPUT_SHAPE, shape), END };
static const caffe_name transform[] = {
    FLOAT("scale", TRANSFORM_SCALE),
    INT("crop_size", TRANSFORM_CROP),
    TEXT("mean_file", TRANSFORM_MEAN_FILE),
    FLOAT("mean_value", TRANSFORM_MEAN),
    END,
};

static const caffe_name layer[] = {
    TEXT("name", 1),
    TEXT("type", 2),
    TEXT("bottom", 3),
    TEXT("top", 4),
    MESSAGE("include", 8, rule),
    MESSAGE("exclude", 9, rule),
    MESSAGE("transform_param", 100, transform),
    MESSAGE("concat_param", 104, concat),
    MESSAGE("convolution_param", 106, conv),
    MESSAGE("dropout_param", 108, dropout),
    MESSAGE("eltwise_param", 110, eltwise),
    MESSAGE("inner_product_param", 117, fc),
    MESSAGE("lrn_param", 118, lrn),
    MESSAGE("pooling_param", 121, pool),
    MESSAGE("relu_param", 123, relu),
    MESSAGE("slice_param", 126, slice),
    MESSAGE("flatten_param", 135, flatten),
    MESSAGE("input_param", 143, input),
    END,
};

static const caffe_name layers[] = {
    TEXT("bottom", 2),
    TEXT("top", 3),
    TEXT("name", 4),
    INT("type", 5),
    MESSAGE("concat_param", 9, concat),
    MESSAGE("convolution_param", 10, conv),
    MESSAGE("dropout_param", 12, dropout),
    MESSAGE("inner_product_param", 17, fc),
    MESSAGE("lrn_param", 18, lrn),
    MESSAGE("pooling_param", 19, pool),
    MESSAGE("eltwise_param", 24, eltwise),
    MESSAGE("relu_param", 30, relu),
    MESSAGE("slice_param", 31, slice),
    MESSAGE("include", 32, rule),
    MESSAGE("exclude", 33, rule),
    MESSAGE("transform_param", 36, transform),
    END,
};

const caffe_name io_caffe_net[] = {
    TEXT("name", NET_NAME),
    TEXT("input", NET_INPUT),
    INT("input_dim", NET_INPUT_DIM),
    MESSAGE("input_shape", NET_INPUT_SHAPE, shape),
    MESSAGE("layers", NET_LAYERS, layers),
    MESSAGE("layer", NET_LAYER, layer),
    END,
};

bool io_caffe_word(int64_t *out, const char *word)
{
    static const struct {
        const char *word;
        int64_t number;
    } words[] = {
        { "false", 0 },
        { "true", 1 },
        { "MAX", 0 },
        { "AVE", 1 },
        { "STOCHASTIC", 2 },
        { "ACROSS_CHANNELS", 0 },
        { "WITHIN_CHANNEL", 1 },
        { "TRAIN", 0 },
        { "TEST", 1 },
        { "CEIL", 0 },
        { "FLOOR", 1 },
        { "PROD", 0 },
        { "SUM", 1 },
    };

    for (size_t i = 0; i < ALX_COUNT(words); ++i)
        if (strcmp(words[i].word, word) == 0) {
            *out = words[i].number;
            return true;
        }
    for (size_t i = 0; i < ALX_COUNT(types); ++i)
        if (strcmp(types[i].word, word) == 0) {
            *out = types[i].number;
            return true;
        }
    return false;
}
