/* kernels.h - what the cases that compare kernels with their twins share. */
#ifndef CHECK_KERNELS_H
#define CHECK_KERNELS_H

#include "check/check.h"

typedef struct check_case {
    check_report *report;
    check_pool pool;
    bool quick;      /**< the cases that need the fewest programs */
    uint32_t stream; /**< of random numbers; each tensor has its own */
} check_case;

/** A tensor of uniform values, on the device and on the host. */
int check_random(check_case *t, alx_tensor **tensor, float **host, alx_shape shape, float low,
                 float high) ALX_MUST_USE;
int check_scratch(check_case *t, alx_tensor **out, size_t count) ALX_MUST_USE;
/** Adds the difference from the twin's result to the line. */
int check_compare(check_case *t, const alx_tensor *got, const float *want, double limit,
                  const char *what) ALX_MUST_USE;
/** The same for integers: the error is the share of those that differ, none may. */
int check_compare_integers(check_case *t, const alx_tensor *got, const int32_t *want,
                           const char *what) ALX_MUST_USE;

/* conv.c, maps.c and train.c; `variant` is the table's: of the first two the algorithm. */
int check_conv2d(check_case *t, int variant);
int check_fc(check_case *t, int variant);
int check_grad_bias(check_case *t, int variant);
int check_activation(check_case *t, int variant);
int check_lrn(check_case *t, int variant);
int check_spatial_norm(check_case *t, int variant);
int check_maxpool(check_case *t, int variant);
int check_adaptive_pool(check_case *t, int variant);
int check_dropout(check_case *t, int variant);
int check_scale(check_case *t, int variant);
int check_softmax_loss(check_case *t, int variant);
int check_channels(check_case *t, int variant);
int check_preprocess(check_case *t, int variant);
int check_sgd(check_case *t, int variant);
int check_clip(check_case *t, int variant);

#endif
