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

/* ---- update (src/ref/sgd.c, src/ref/sum_squares.c) ------------------------------------------- */

void alx_ref_sgd(float *w, float *v, const float *g, size_t count, float grad_scale,
                 const alx_sgd_params *p);
float alx_ref_sum_squares(const float *g, size_t count);
void alx_ref_clip_scale(float out[2], const float *sums, int count, float max_norm);

/* ---- comparison (src/ref/difference.c) ------------------------------------------------------- */

/** max|got - want| / scale; scale 0 = max|want|. NaN counts as infinite. */
double alx_ref_difference(const float *got, const float *want, size_t count, double scale);

ALX_END_DECLS

#endif
