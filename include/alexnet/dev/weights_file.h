/* weights_file.h - weights as other programs write them, of all formats seen alike: tensors, and
 * the layers that they belong to.
 *
 * Nothing that a file holds is executed, and nothing is asked of memory for what it merely
 * claims: a file is mapped, its description read and checked against its bytes; numbers are read
 * when they are asked for, and take no memory but the caller's. Every failure is one line that
 * begins with the file's path. One thread at a time uses a file. */
#ifndef ALEXNET_DEV_WEIGHTS_FILE_H
#define ALEXNET_DEV_WEIGHTS_FILE_H

#include "alexnet/dev/io.h"

ALX_BEGIN_DECLS

/** What a file was recognised as, by its content. */
typedef enum {
    ALX_WEIGHTS_SAFETENSORS,
    ALX_WEIGHTS_TORCH,    /**< torch.save: the ZIP of 1.6 and later, or the form before */
    ALX_WEIGHTS_ONNX,     /**< with its weights inside, or in files beside it */
    ALX_WEIGHTS_CAFFE,    /**< .caffemodel, or a mean image (.binaryproto): a tensor called mean */
    ALX_WEIGHTS_PROTOTXT, /**< Caffe's description of a network: layers, no tensors */
    ALX_WEIGHTS_NPZ,
    ALX_WEIGHTS_NPY,
} alx_weights_format;

typedef struct alx_weights_file alx_weights_file;

/** A tensor as the file describes it; borrowed from the file, with its texts. */
typedef struct alx_weights_tensor {
    const char *name;
    alx_dtype dtype;
    int dims[ALX_MAX_DIMS], dim_count;
    size_t count;                 /**< elements */
    size_t strides[ALX_MAX_DIMS]; /**< elements from one index to the next, as they lie there */
    const char *part; /**< what they lie in: an entry of a ZIP, a file beside; NULL: the file */
    size_t offset;    /**< bytes from the start of `part` to the first of them */
} alx_weights_tensor;

/** Opens and lists a file. @return 0; ALX_E_DATA; ALX_E_MEMORY */
int alx_weights_file_open(alx_weights_file **out, const char *path) ALX_MUST_USE;
void alx_weights_file_close(alx_weights_file *file);
alx_weights_format alx_weights_file_format(const alx_weights_file *file);
/** "a state dict of PyTorch (.pth)" */
const char *alx_weights_format_text(alx_weights_format format);

size_t alx_weights_file_count(const alx_weights_file *file);
const alx_weights_tensor *alx_weights_file_at(const alx_weights_file *file, size_t index);
/** By name; -1 if the file has none such. */
long alx_weights_file_find(const alx_weights_file *file, const char *name);
/** Its numbers in C order as float32: F16 and BF16 exactly, F64 rounded to the nearest.
 *  @param out  room for all of them
 *  @return 0; ALX_E_DATA for another type, for a finite F64 beyond float32's range, and for what
 *          shows only now: damage inside an entry of a ZIP */
int alx_weights_file_read(const alx_weights_file *file, size_t index, float *out) ALX_MUST_USE;
/** Whether its type is one that alx_weights_file_read takes. */
bool alx_weights_file_reads(const alx_weights_file *file, size_t index);
/** Whether its numbers lie in C order, so that a piece can be read without the others. */
bool alx_weights_file_has_pieces(const alx_weights_file *file, size_t index);
/** alx_weights_file_read of `count` numbers from element `first` on: of a tensor that has pieces;
 *  of others, of all. */
int alx_weights_file_read_piece(const alx_weights_file *file, size_t index, size_t first,
                                size_t count, float *out) ALX_MUST_USE;
/** What a file of safetensors, ONNX or NumPy (.npz) says by a key of its metadata; NULL: nothing.
 *  Borrowed.
 *  @return 0; ALX_E_MEMORY */
int alx_weights_file_metadata(const char **out, alx_weights_file *file,
                              const char *key) ALX_MUST_USE;
/** What else a safetensors file has. NULL for other formats; borrowed. */
const alx_safetensors *alx_weights_file_safetensors(const alx_weights_file *file);

/** A tensor's name without what DataParallel, torch.compile and Lightning put into it: the parts
 *  "module", "_orig_mod" and "model". The caller frees; NULL: out of memory. */
char *alx_weights_plain_name(const char *name);

/* ---- layers -------------------------------------------------------------------------------- */

/** What a layer computes. */
typedef enum {
    ALX_WEIGHTS_OTHER, /**< `type` says what */
    ALX_WEIGHTS_CONV,
    ALX_WEIGHTS_FC,
    ALX_WEIGHTS_RELU,
    ALX_WEIGHTS_LRN,
    ALX_WEIGHTS_MAX_POOL,
    ALX_WEIGHTS_AVERAGE_POOL,
    ALX_WEIGHTS_DROPOUT,
    ALX_WEIGHTS_FLATTEN,
    ALX_WEIGHTS_SOFTMAX,
    ALX_WEIGHTS_ADD,    /**< of two layers */
    ALX_WEIGHTS_CONCAT, /**< along the channels */
    ALX_WEIGHTS_SPLIT,  /**< of the channels, in order */
} alx_weights_op;

#define ALX_WEIGHTS_MAX_INPUTS 4

/** A layer, in the order of computation. What a format does not tell is 0; files that hold names
 *  and tensors alone (PyTorch, safetensors, NumPy) tell kinds and tensors of CONV and FC. */
typedef struct alx_weights_layer {
    const char *name, *type; /**< the file's own words, names without wrappers; type may be "" */
    alx_weights_op op;
    bool described;                      /**< inputs and all below are known, not only tensors */
    long inputs[ALX_WEIGHTS_MAX_INPUTS]; /**< layers; -1: what comes into the network */
    int from[ALX_WEIGHTS_MAX_INPUTS];    /**< which output of that layer each is, from 0 */
    int input_count;                     /**< may be larger than their room */
    long weight, bias;                   /**< tensors; -1: none. Without a bias it is zero */

    /** FC, which takes all of what comes: weight is (inputs, outputs), not (outputs, inputs) */
    bool in_out;
    bool hwc_order; /**< FC: inputs come as H, W, C, not as C, H, W */
    int outputs;    /**< CONV, FC, where no tensor tells it */
    int groups;
    int kernel[2], stride[2], dilation[2]; /**< height, width; pools: kernel 0 is the whole plane */
    int pad[4];                            /**< top, left, bottom, right */
    bool same_pad;   /**< instead: outputs are inputs / stride, rounded up; odd rows below, right */
    bool round_up;   /**< pools: the last window may hang over the edge */
    bool counts_pad; /**< average pool: divides by all of the window */
    int size;        /**< LRN: channels in a sum */
    double alpha, beta, k; /**< LRN: x / (k + alpha / size * sum)^beta */
    double ratio;          /**< DROPOUT */

    /** SPLIT: channels of each output; 0: as many as the other zeros have of what is left */
    int parts[ALX_WEIGHTS_MAX_INPUTS], part_count;
} alx_weights_layer;

size_t alx_weights_file_layer_count(const alx_weights_file *file);
const alx_weights_layer *alx_weights_file_layer(const alx_weights_file *file, size_t index);

/** What comes into the network, as far as the file says. */
typedef struct alx_weights_input {
    int channels, height, width; /**< 0: not said */
    bool hwc;                    /**< it comes as H, W, C */
    bool bgr;                    /**< Caffe: channels are blue, green, red, values 0 to 255 */
    double mean[3];              /**< subtracted from each channel */
    int mean_count;              /**< of these; 1: the same from all */
    const char *mean_file;       /**< or an image is: where the file says it lies; else NULL */
    double scale;                /**< what is left is multiplied by; 0: not said */
} alx_weights_input;

const alx_weights_input *alx_weights_file_input(const alx_weights_file *file);

ALX_END_DECLS

#endif
