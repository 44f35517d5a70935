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

/** A line of the table. */
typedef struct check_kernel {
    const char *name;
    int (*run)(check_case *t, int variant);
    int variant; /**< the algorithm, the function, or whether all ties count */
    /** Devices that take this way; CLBlast's kernels, two thirds of a check's building, only where
     *  they are asked for, or tuning rows may name them. */
    enum { CHECK_ANY, CHECK_WIDE, CHECK_NARROW, CHECK_CLBLAST } takes;
} check_kernel;

/* Lines in their order; the last one has no name. */
extern const check_kernel check_conv_kernels[], check_maps_kernels[], check_train_kernels[];

#endif
