/* kernels.h - what the cases that compare kernels with their twins share. */
#ifndef CHECK_KERNELS_H
#define CHECK_KERNELS_H

#include "alexnet/dev/ref.h"
#include "check/check.h"

typedef struct twin {
    check_report *report;
    check_pool pool;
    bool quick;      /**< the cases that need the fewest programs */
    uint32_t stream; /**< of random numbers; each tensor has its own */
} twin;

/** A tensor of uniform values, on the device and on the host. */
int twin_random(twin *t, alx_tensor **tensor, float **host, alx_shape shape, float low,
                float high) ALX_MUST_USE;
int twin_scratch(twin *t, alx_tensor **out, size_t count) ALX_MUST_USE;
/** Adds the difference from the twin's result to the line. */
int twin_compare(twin *t, const alx_tensor *got, const float *want, double limit,
                 const char *what) ALX_MUST_USE;
/** The same for integers: the error is the share of those that differ, none may. */
int twin_compare_integers(twin *t, const alx_tensor *got, const int32_t *want,
                          const char *what) ALX_MUST_USE;
/** What a float32 sum of `terms` products of random signs may be off: 4 sqrt(terms) 6e-8. */
double twin_sum_limit(size_t terms);

/* check_twins_maps.c and check_twins_train.c; `variant` is the table's. */
int twin_grad_bias(twin *t, int variant);
int twin_activation(twin *t, int variant);
int twin_lrn(twin *t, int variant);
int twin_spatial_norm(twin *t, int variant);
int twin_maxpool(twin *t, int variant);
int twin_adaptive_pool(twin *t, int variant);
int twin_dropout(twin *t, int variant);
int twin_scale(twin *t, int variant);
int twin_softmax_loss(twin *t, int variant);
int twin_channels(twin *t, int variant);
int twin_preprocess(twin *t, int variant);
int twin_sgd(twin *t, int variant);
int twin_clip(twin *t, int variant);

#endif
