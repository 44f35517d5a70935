/* tile.h - several dense matrix products of one size in one launch, for GPUs. */
#ifndef OPS_GEMM_TILE_H
#define OPS_GEMM_TILE_H

#include "ops/gemm/block.h"
#include "ops/gemm/gemm.h"

/** c = op(a) op(b), `batch` products; each operand's matrices follow one another. */
typedef struct gemm_batch {
    gemm_shape shape;
    int batch;
    size_t c_offset, a_offset, b_offset; /**< floats, multiples of 4 */
} gemm_batch;

int ops_gemm_tile_batch(const alx_tensor *c, const alx_tensor *a, const alx_tensor *b,
                        const gemm_batch *g, const ops_block *block) ALX_MUST_USE;

#endif
