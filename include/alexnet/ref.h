/* ref.h - the reference twin of each operation: plain C on host memory, double accumulators, in the
 * order of the formula, as slow as it is clear. For tests and `alexnet check` only.
 * Formulas, shapes and parameters are those of ops.h; NHWC throughout; outputs come first. */
#ifndef ALEXNET_REF_H
#define ALEXNET_REF_H

#include "alexnet/ops.h"

/* ---- convolution and fully connected (src/ref/conv2d.c, src/ref/fc.c) ------------------------ */

void alx_ref_conv2d_forward(float *y, const float *x, const float *w, const float *b,
                            alx_shape out, alx_shape in, const alx_conv2d_params *p);
void alx_ref_conv2d_grad_input(float *grad_x, const float *grad_y, const float *w, alx_shape out,
                               alx_shape in, const alx_conv2d_params *p);
void alx_ref_conv2d_grad_weight(float *grad_w, const float *x, const float *grad_y, alx_shape out,
                                alx_shape in, const alx_conv2d_params *p);
/** grad_y as rows x channels. */
void alx_ref_grad_bias(float *grad_b, const float *grad_y, size_t rows, int channels);

void alx_ref_fc_forward(float *y, const float *x, const float *w, const float *b, int batch,
                        int in, int out);
void alx_ref_fc_grad_input(float *grad_x, const float *grad_y, const float *w, int batch, int in,
                           int out);
void alx_ref_fc_grad_weight(float *grad_w, const float *x, const float *grad_y, int batch, int in,
                            int out);

#endif
