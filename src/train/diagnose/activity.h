/* activity.h - a row of diagnose.csv, and of it what a layer's units do over many images. */
#ifndef TRAIN_ACTIVITY_H
#define TRAIN_ACTIVITY_H

#include "alexnet/train.h"

/* See ALX_DIAGNOSIS_CSV; NAN is what does not exist. */
typedef struct layer_diagnosis {
    double weight_norm, grad_norm, output_grad_norm, update_ratio, weight_mean, velocity_mean;
    double mean, std, min, max;
    double zeros, dead_units, dead_maps, saturated;
} layer_diagnosis;

typedef struct layer_activity {
    alx_activation activation;
    size_t maps, pixels; /* units of an image: maps * pixels */
    size_t count, zeros, saturated;
    double sum, squares, min, max;
    bool *fired; /* of each unit: not 0 on some image; owned */
} layer_activity;

/** @param out  of one image */
int train_activity_create(layer_activity *a, alx_activation activation, alx_shape out) ALX_MUST_USE;
/** Forgets all images. */
void train_activity_clear(layer_activity *a);
/** @param nchw  `images` x maps x pixels */
void train_activity_add(layer_activity *a, const float *nchw, size_t images);
/** Fills mean to saturated; NAN before the first image. */
void train_activity_sum_up(layer_diagnosis *out, const layer_activity *a);
void train_activity_free(layer_activity *a);

#endif
