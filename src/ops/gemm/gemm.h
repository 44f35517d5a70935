/* gemm.h - matrix products for the operations: by CLBlast, and by our kernels for CPU devices (vec)
 * and for GPUs (tile). */
#ifndef OPS_GEMM_H
#define OPS_GEMM_H

#include "ops/shared.h"

/** c (m,n) = op(a) (m,k) * op(b) (k,n), + bias (n) in every row where there is one, + c with
 *  `accumulate`; row-major, whole tensors. */
typedef struct gemm_shape {
    int m, n, k;
    bool transpose_a; /**< a is (k,m) */
    bool transpose_b; /**< b is (n,k) */
    bool accumulate;
    bool relu; /**< then what is negative becomes 0 */
    alx_way_params params;
} gemm_shape;

/** What a product that is the gradient of w updates: w and v (m,n). */
typedef struct gemm_update {
    const alx_tensor *w, *v;
    const alx_sgd_params *sgd;
    const alx_tensor *sums; /**< its element `slot` gets the sum of the gradient's squares */
    int slot;
} gemm_update;

/** One way to compute it; `bias` may be NULL. */
typedef struct gemm_algorithm {
    bool makes_relu; /**< of a product with b^T; else it is done afterwards */
    /** Elements, on whatever device. */
    size_t (*scratch)(const gemm_shape *g);
    int (*run)(const alx_tensor *c, const alx_tensor *a, const alx_tensor *b,
               const alx_tensor *bias, const gemm_shape *g, const alx_tensor *scratch);
    /** Of the product that is a gradient (transpose_a): the bits of `run`, then alx_op_sgd. NULL:
     *  only these, as where `updates` says no. */
    int (*update)(const gemm_update *u, const alx_tensor *a, const alx_tensor *b,
                  const gemm_shape *g, const alx_tensor *scratch);
    bool (*updates)(const gemm_shape *g);
} gemm_algorithm;

extern const gemm_algorithm ops_gemm_clblast, ops_gemm_vec, ops_gemm_tile;

/** y seen as (rows, channels) = b in every row. */
int ops_bias_rows(const alx_tensor *y, const alx_tensor *b) ALX_MUST_USE;

#endif
