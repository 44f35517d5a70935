/* ref.h - the reference twin of each operation: plain C on host memory, double accumulators, in the
 * order of the formula, as slow as it is clear. For tests, `alexnet check` and --check-every only.
 * Formulas, shapes and parameters are those of ops.h; NHWC throughout; outputs come first. */
#ifndef ALEXNET_DEV_REF_H
#define ALEXNET_DEV_REF_H

#include "alexnet/dev/ops.h"

ALX_BEGIN_DECLS

/* ---- convolution and fully connected (src/ref/conv2d.c, src/ref/fc.c) ------------------------ */

void alx_ref_conv2d_forward(float *y, const float *x, const float *w, const float *b, alx_shape out,
                            alx_shape in, const alx_conv2d_params *p);
void alx_ref_conv2d_grad_input(float *grad_x, const float *grad_y, const float *w, alx_shape out,
                               alx_shape in, const alx_conv2d_params *p);
void alx_ref_conv2d_grad_weight(float *grad_w, const float *x, const float *grad_y, alx_shape out,
                                alx_shape in, const alx_conv2d_params *p);
/** grad_y as rows x channels. */
void alx_ref_grad_bias(float *grad_b, const float *grad_y, size_t rows, int channels);

/** @param b  or NULL for 0 */
void alx_ref_fc_forward(float *y, const float *x, const float *w, const float *b, int batch, int in,
                        int out);
void alx_ref_fc_grad_input(float *grad_x, const float *grad_y, const float *w, int batch, int in,
                           int out);
void alx_ref_fc_grad_weight(float *grad_w, const float *x, const float *grad_y, int batch, int in,
                            int out);

/* ---- activations (src/ref/activation.c) ------------------------------------------------------ */

void alx_ref_activation_forward(float *y, const float *x, size_t count, alx_activation f,
                                float slope);
void alx_ref_activation_backward(float *grad_x, const float *grad_y, const float *y, size_t count,
                                 alx_activation f, float slope);

/* ---- normalisation (src/ref/lrn.c, src/ref/spatial_norm.c) ----------------------------------- */

void alx_ref_lrn_forward(float *y, const float *x, alx_shape shape, const alx_lrn_params *p);
void alx_ref_lrn_backward(float *grad_x, const float *grad_y, const float *x, alx_shape shape,
                          const alx_lrn_params *p);
void alx_ref_spatial_norm_forward(float *y, const float *x, alx_shape shape,
                                  const alx_lrn_params *p);
void alx_ref_spatial_norm_backward(float *grad_x, const float *grad_y, const float *x,
                                   alx_shape shape, const alx_lrn_params *p);

/* ---- pooling (src/ref/maxpool.c, src/ref/adaptive_pool.c) ------------------------------------ */

/** `index` may be NULL. */
void alx_ref_maxpool_forward(float *y, int32_t *index, const float *x, alx_shape out, alx_shape in,
                             const alx_pool_params *p);
/** Reads `index`, or with all_ties `x` and `y`; the other may be NULL. */
void alx_ref_maxpool_backward(float *grad_x, const float *grad_y, const int32_t *index,
                              const float *x, const float *y, alx_shape out, alx_shape in,
                              const alx_pool_params *p);
void alx_ref_adaptive_pool_forward(float *y, const float *x, alx_shape out, alx_shape in);
void alx_ref_adaptive_pool_backward(float *grad_x, const float *grad_y, alx_shape out,
                                    alx_shape in);

/* ---- dropout, scale (src/ref/dropout.c, src/ref/scale.c) ------------------------------------- */

void alx_ref_dropout(float *y, const float *x, alx_shape shape, const alx_dropout_params *p);
void alx_ref_scale(float *y, const float *x, size_t count, float factor);

/* ---- loss (src/ref/softmax_loss.c) ----------------------------------------------------------- */

void alx_ref_softmax_loss(float *prob, float *loss, int32_t *rank, const float *logits,
                          const int32_t *labels, int rows, int classes);
void alx_ref_softmax_loss_backward(float *grad_logits, const float *prob, const int32_t *labels,
                                   int rows, int classes, float scale);

/* ---- towers (src/ref/channels.c) ------------------------------------------------------------- */

/** The `channels` of x become those of y's `y_channels` from `first` on; pixels = N*H*W. */
void alx_ref_put_channels(float *y, int y_channels, int first, const float *x, int channels,
                          size_t pixels);
/** `channels` of y are set to, or increased by, those of x's `x_channels` from `first` on. */
void alx_ref_take_channels(float *y, int channels, const float *x, int x_channels, int first,
                           bool add, size_t pixels);

/* ---- input (src/ref/preprocess.c) ------------------------------------------------------------ */

/** `shape` of y (N,H,W,3). */
void alx_ref_preprocess(float *y, const uint8_t *images, const alx_crop *crops, const float *mean,
                        const float *inv_std, alx_shape shape, const alx_preprocess_params *p);

/* ---- update (src/ref/sgd.c, sum_squares.c, lars.c) ------------------------------------------- */

void alx_ref_sgd(float *w, float *v, const float *g, size_t count, float grad_scale,
                 const alx_sgd_params *p);
float alx_ref_sum_squares(const float *g, size_t count);
void alx_ref_clip_scale(float out[2], const float *sums, int count, float max_norm);

/** @param gradient_sum  sums of squares, as weight_sum */
float alx_ref_lars_rate(float gradient_sum, float weight_sum, float grad_scale, float eta,
                        float weight_decay);

/* ---- a pass by its twin (src/ref/pass.c) ----------------------------------------------------- */

/** What a pass reads; the rest may be NULL:
 *
 *     forward      x;  CONV, FC: w, and b or NULL for 0
 *     grad-input   grad_y;  CONV, FC: w;  ACTIVATION: y;  LRN, SPATIAL_NORM: x;
 *                  POOL: index, or with all_ties x and y
 *     grad-weight  x, grad_y */
typedef struct alx_ref_operands {
    const float *x, *w, *b, *y, *grad_y;
    const int32_t *index;
} alx_ref_operands;

/** Computes y, grad_x or grad_w.
 *  @return 0; ALX_E_USAGE for an operation that has no twin, or not this pass: it is never taken
 *          for another */
int alx_ref_pass(float *out, const alx_op_work *work, alx_pass pass,
                 const alx_ref_operands *operands) ALX_MUST_USE;

/* ---- cases (src/ref/cases.c) ----------------------------------------------------------------- */

/** A convolution or, with conv.kernel 0, a fully connected layer. */
typedef struct alx_ref_case {
    const char *what; /**< for messages */
    alx_shape in;
    int outputs; /**< filters or units */
    alx_conv2d_params conv;
} alx_ref_case;

typedef enum {
    ALX_REF_SMALL,  /**< a few of every kind, for every algorithm: what `alexnet check` runs */
    ALX_REF_ODD,    /**< sizes that divide nothing, and edges */
    ALX_REF_LAYERS, /**< the paper's layers, whole and of a tower, few images */
} alx_ref_set;

/** The cases of a set for CONV or FC; static. NULL where there are none. */
const alx_ref_case *alx_ref_cases(size_t *count, alx_node_kind kind, alx_ref_set set);
/** What a case computes.
 *  @return 0; ALX_E_USAGE where the kernel does not fit the image */
int alx_ref_case_work(alx_op_work *work, const alx_ref_case *c) ALX_MUST_USE;
/** Of CONV or FC (see alx_shape). */
alx_shape alx_ref_weight_shape(const alx_op_work *work);
/** Products that a number of the pass's result is the sum of, for alx_ref_sum_limit. */
size_t alx_ref_sum_terms(const alx_op_work *work, alx_pass pass);

/* ---- a part of a pass (src/ref/slice.c) ------------------------------------------------------ */

/** Some images of a batch, or filters of a layer. */
typedef struct alx_ref_slice {
    int picks[3], count; /**< ascending */
} alx_ref_slice;

/** The first, the middle and the last of `count` >= 1; fewer where they coincide. */
alx_ref_slice alx_ref_slice_ends(int count);
alx_ref_slice alx_ref_slice_one(int pick);
/** Images: rows of `width` floats. @param out  slice->count rows */
void alx_ref_take_rows(float *out, const float *data, const alx_ref_slice *slice, size_t width);
/** Channels or filters: of each of `rows` rows of `width` floats the same columns.
 *  @param out  rows x slice->count */
void alx_ref_take_columns(float *out, const float *data, const alx_ref_slice *slice, size_t rows,
                          int width);

/* ---- what numbers may differ by (src/ref/limits.c) ------------------------------------------- */

/** Limits of alx_ref_difference: relative to the largest number. */
#define ALX_REF_ROUND_LIMIT 2.5e-7 /**< a handful of roundings */
#define ALX_REF_EXP_LIMIT                                                                          \
    1e-6                         /**< in OpenCL an exponential is within 3 units in the last place
                                        (6e-8), a hyperbolic tangent within 5; and a sum of them */
#define ALX_REF_POWER_LIMIT 2e-6 /**< a power is within 16; and a few roundings */
/** Of a float32 sum of `terms` products of random signs: 4 sqrt(terms) 6e-8. */
double alx_ref_sum_limit(size_t terms);
/** Of a pass of a convolution or fully connected layer by any algorithm, Winograd's too: 3e-5
 *  forward, 5e-5 of gradients of inputs, 1e-4 of weights. */
double alx_ref_pass_limit(alx_pass pass);
/** Of a convolution by `algo`: that of sums of `terms` where it takes sums alone. */
double alx_ref_conv_limit(alx_conv_algo algo, alx_pass pass, size_t terms);

/* ---- comparison (src/ref/difference.c) ------------------------------------------------------- */

/** max|got - want| / scale; scale 0 = max|want|. NaN counts as infinite. */
double alx_ref_difference(const float *got, const float *want, size_t count, double scale);

ALX_END_DECLS

#endif
