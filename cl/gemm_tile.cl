/* gemm_tile.cl - matrix products on GPUs: C = A B for dense matrices, `parts` of k side by side
 * Layout   a (m,k) with A_ALONG_K, else (k,m); b (n,k) with B_ALONG_K, else (k,n); c (m,n); with
 *          several products (batch) each operand's matrices follow one another
 * Work     a group makes a block of BM x BN of one product, or of one part of it
 * Launch   global {ITEMS * blocks of n, blocks of m, batch * parts}   local {ITEMS, 1, 1}
 * -D       RELU   A_ALIGNED B_ALIGNED C_ALIGNED: gemm_operands.clh
 *          A_ALONG_K B_ALONG_K BM BN BK TM TN: block.clh
 * Flops    2 per m, n, k; reads (1/BM + 1/BN) floats of global memory for each m, n, k; sums run
 *          over k, then over the parts (sum_parts.cl)
 * Checked  through the passes of fc and the Winograd tiles, 4*sqrt(k)*6e-8 of the maximum */
#include "gemm_operands.clh"

#ifndef RELU
#define RELU 0 /* 1: negative sums become 0 */
#endif

/* Each operand begins so many vectors of 4 into its buffer; a part is part_k, a multiple of BK, of
 * k. */
__kernel BLOCK_GROUP
void gemm_tile(__global float *restrict c, __global const float *restrict a,
               __global const float *restrict b, __global const float *restrict bias,
               const uint c_vectors4, const uint a_vectors4, const uint b_vectors4, const int m,
               const int n, const int k, const int parts, const int part_k, const int accumulate)
{
    __local float4 tiles[BLOCK_LOCAL];
    const uint z = get_group_id(2), product = z / (uint)parts;
    const int row = get_group_id(1) * BM, column = get_group_id(0) * BN;
    const int begin = z % (uint)parts * part_k;
    const struct operands o = { a + (size_t)a_vectors4 * 4 + (size_t)product * m * k,
                         b + (size_t)b_vectors4 * 4 + (size_t)product * k * n, m, n, k };
    block_sums sums;

    block_product(sums, tiles, &o, row, column, begin, min(begin + part_k, k));
    block_store(sums, c + (size_t)c_vectors4 * 4 + ((size_t)z * m + row) * n + column, n, m - row,
                n - column, bias != 0 ? bias + column : 0, accumulate, RELU, C_ALIGNED);
}
