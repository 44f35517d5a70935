/* shared.h - what the operations share: checks of shapes, and the split of work over a device that
 * cl/vector.clh describes. */
#ifndef OPS_SHARED_H
#define OPS_SHARED_H

#include "alexnet/dev/ops.h"

/** ALX_E_USAGE "lrn: a is 1x2x3x4, b is ..." unless the shapes are equal. */
int ops_same_shape(const char *op, const alx_tensor *a, const alx_tensor *b) ALX_MUST_USE;

/** ALX_E_USAGE that names `what` unless `fits`. */
int ops_require(const char *op, bool fits, const char *what) ALX_MUST_USE;

/** Units of work over groups: few long runs on CPU devices, one unit per item elsewhere. */
typedef struct ops_split {
    alx_grid grid;
    uint32_t total, run;
    int group; /**< WG of the kernel */
} ops_split;

int ops_split_units(ops_split *out, const alx_device *dev, size_t units) ALX_MUST_USE;

/** The same for `count` elements in vectors; `total` counts elements, as the kernels want it. */
int ops_split_elements(ops_split *out, const alx_device *dev, size_t count) ALX_MUST_USE;

/** Elements of a group where tensors of `count` elements in all share a launch (cl/segments.clh): a
 *  multiple of VEC. */
uint32_t ops_chunk(const alx_device *dev, size_t count);

/** A CPU device that takes few long items. */
bool ops_is_cpu(const alx_device *dev);
/** WG of such kernels. */
int ops_group(const alx_device *dev);
/** VEC for elements anywhere: 16 on CPU devices, 4 elsewhere. */
int ops_vector(const alx_device *dev);
/** VEC that divides a row of `channels`: as above, or 4, or 1. */
int ops_channel_vector(const alx_device *dev, int channels);

/** How parts of a sum (rows, channels) end. */
typedef struct ops_sum {
    int count, channels;
    const alx_tensor *bias; /**< is added in every row; NULL: none */
    bool accumulate;        /**< + what is there */
    bool relu;              /**< then negative sums become 0 */
} ops_sum;

/** out = sum of the parts of it at the head of `parts`. */
int ops_sum_parts(const alx_tensor *out, const alx_tensor *parts, const ops_sum *sum) ALX_MUST_USE;

/** out[slot] = sum of the first `count` elements of `in`, in the order in which alx_op_sum_squares
 *  adds its partial sums. */
int ops_sum_to_slot(const alx_tensor *out, int slot, const alx_tensor *in,
                    size_t count) ALX_MUST_USE;

#endif
