/* schema.h - numbers of the fields of Caffe's messages, and of their names in prototxt files:
 * https://github.com/BVLC/caffe/blob/master/src/caffe/proto/caffe.proto */
#ifndef IO_CAFFE_SCHEMA_H
#define IO_CAFFE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NET_NAME = 1, NET_LAYERS = 2, NET_INPUT = 3, NET_INPUT_DIM = 4, NET_INPUT_SHAPE = 8 };
enum { NET_LAYER = 100 };
enum { BLOB_NUM = 1, BLOB_CHANNELS, BLOB_HEIGHT, BLOB_WIDTH, BLOB_DATA, BLOB_SHAPE = 7 };
enum { BLOB_DOUBLES = 8, SHAPE_DIM = 1 };
enum { CONV_OUTPUTS = 1, CONV_PAD = 3, CONV_KERNEL = 4, CONV_GROUP = 5, CONV_STRIDE = 6 };
enum { CONV_PAD_H = 9, CONV_KERNEL_H = 11, CONV_STRIDE_H = 13, CONV_DILATION = 18 }; /* _W: + 1 */
enum { POOL_METHOD = 1, POOL_KERNEL, POOL_STRIDE, POOL_PAD, POOL_KERNEL_H, POOL_STRIDE_H = 7 };
enum { POOL_PAD_H = 9, POOL_GLOBAL = 12, POOL_ROUND = 13 };
enum { LRN_SIZE = 1, LRN_ALPHA, LRN_BETA, LRN_REGION, LRN_K };
enum { FC_OUTPUTS = 1, FC_TRANSPOSE = 6 };
enum { DROPOUT_RATIO = 1, RELU_SLOPE = 1, ELTWISE_OPERATION = 1 };
enum { CONCAT_DIM = 1, CONCAT_AXIS = 2, FLATTEN_AXIS = 1, INPUT_SHAPE = 1, RULE_PHASE = 1 };
enum { SLICE_DIM = 1, SLICE_POINT = 2, SLICE_AXIS = 3 };
enum { TRANSFORM_SCALE = 1, TRANSFORM_CROP = 3, TRANSFORM_MEAN_FILE, TRANSFORM_MEAN };

/** Fields of a layer, in one of its two forms; 0: it has none such. */
typedef struct caffe_form {
    uint64_t name, type, bottom, top, blobs, include, exclude;
    uint64_t conv, pool, lrn, fc, dropout, concat, eltwise, relu, flatten, slice, input, transform;
} caffe_form;

extern const caffe_form io_caffe_layer;  /**< NET_LAYER: the type is a text */
extern const caffe_form io_caffe_layers; /**< NET_LAYERS, before 2015: the type is a number */

/** The text of a type that was a number; NULL: not known. */
const char *io_caffe_type(int64_t number);

/* ---- names --------------------------------------------------------------------------------- */

typedef enum { CAFFE_INT, CAFFE_FLOAT, CAFFE_TEXT, CAFFE_MESSAGE } caffe_kind;

/** A field by its name. */
typedef struct caffe_name {
    const char *name;
    uint64_t number;
    caffe_kind kind;
    const struct caffe_name *inside; /**< fields of a message; ended by one without a name */
} caffe_name;

extern const caffe_name io_caffe_net[];

/** The number of a word that stands for one: MAX, TRAIN, CONVOLUTION, true; false: none. */
bool io_caffe_word(int64_t *out, const char *word);

#endif
