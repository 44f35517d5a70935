/* gemm_vec_nt.cl - matrix product on CPU devices where both factors are stored by rows of k:
 *     ct (N,M) = b (N,K) * a (M,K)^T        forward: a = x, b = the weights
 * Layout   b is read in place, once, in long runs; a is packed and the product, which is made
 *          transposed, ct [TILES*MR][panels*NR], is turned by gemm_vec_turn.cl: rows of b are rows
 *          of the tile
 * Work     an item makes item_tiles tiles of MR rows of b, BLOCK columns k at a time, for all
 *          panels
 * Launch   global {ceil(tiles / item_tiles)}; local {1}
 * -D       K   BLOCK   MR NV: tile.clh
 * Traffic  reads b once and a once per item; its block of a stays in L2; sums run over blocks of k
 * Checked  against src/ref/fc.c, 4*sqrt(K)*6e-8 of the maximum */
#ifndef K
#define K 256 /* columns of b */
#endif
#ifndef BLOCK
#define BLOCK 512 /* columns of b that are multiplied at a time */
#endif
#define A_ROW K
#define A_COL 1
#include "tile.clh"

/* The last tile overlaps its neighbour in b, not in ct. */
#define TILES(n_size) (((n_size) + MR - 1) / MR)
#define TILE_FIRST(t, n_size) min((t) * MR, (n_size) - MR)

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec_nt(__global float *restrict ct, __global const float *restrict a,
                 __global const float *restrict b, const uint ct_vectors16, const int n_size,
                 const int panels, const int item_tiles)
{
    const int begin = get_global_id(0) * item_tiles;
    const int end = min(begin + item_tiles, TILES(n_size));

    ct += (size_t)ct_vectors16 * 16;
    for (int k = 0; k < K; k += BLOCK)
        for (int t = begin; t < end; ++t)
            for (int panel = 0; panel < panels; ++panel)
                tile_multiply(ct + ((size_t)t * MR * panels + panel) * NR, panels * NR,
                              b + (size_t)TILE_FIRST(t, n_size) * K + k,
                              a + ((size_t)panel * K + k) * NR, min(BLOCK, K - k), MR, NR, k > 0);
}
