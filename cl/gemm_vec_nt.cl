/* gemm_vec_nt.cl - matrix product on CPU devices where both factors are stored by rows of k:
 *     c (M,N) = a (M,K) * b (N,K)^T + bias (N)        forward: a = x, b = the weights
 * Layout   b is read in place, once, in long runs; a is packed as [panels of M][K][NR]; the result
 *          is first made transposed, ct [TILES*MR][panels*NR]: rows of b are rows of the tile
 * Work     gemm_vec_nt: an item makes item_tiles tiles of MR rows of b, BLOCK columns k at a time,
 *          for all panels. _pack: 16 columns k of a panel. _finish: 16 columns of c
 * Launch   global {ceil(tiles / item_tiles)}; _pack {ceil(K / 16), panels}; _finish {ceil(N / 16)};
 *          local {1}
 * -D       K   BLOCK   RELU   MR NV: tile.clh
 * Traffic  reads b once and a once per item; its block of a stays in L2; sums run over blocks of k
 * Checked  against src/ref/fc.c, 4*sqrt(K)*6e-8 of the maximum */
#ifndef K
#define K 256 /* columns of b */
#endif
#ifndef BLOCK
#define BLOCK 512 /* columns of b that are multiplied at a time */
#endif
#ifndef RELU
#define RELU 0 /* 1: negative sums become 0 */
#endif
#define A_ROW K
#define A_COL 1
#include "tile.clh"
#include "transpose.clh"

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
    tile sum;

    ct += (size_t)ct_vectors16 * 16;
    for (int k = 0; k < K; k += BLOCK)
        for (int t = begin; t < end; ++t)
            for (int panel = 0; panel < panels; ++panel) {
                __global float *to = ct + ((size_t)t * MR * panels + panel) * NR;

                tile_clear(sum);
                tile_add(sum, b + (size_t)TILE_FIRST(t, n_size) * K + k,
                         a + ((size_t)panel * K + k) * NR, min(BLOCK, K - k));
                if (k > 0)
                    tile_add_stored(sum, to, panels * NR, MR, NR);
                tile_store(sum, to, panels * NR, MR, NR);
            }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec_nt_pack(__global float *restrict out, __global const float *restrict a,
                      const int m_size)
{
    const int k = get_global_id(0) * 16, panel = get_global_id(1);
    float16 m[16];

    out += ((size_t)panel * K + k) * NR;
    for (int j = 0; j < NV; ++j) {
        const int row = panel * NR + 16 * j;

        for (int i = 0; i < 16; ++i)
            m[i] = row + i < m_size ? load_lanes(a + (size_t)(row + i) * K + k, K - k)
                                    : (float16)(0.0f);
        transpose(m);
        for (int i = 0; i < 16 && k + i < K; ++i)
            vstore16(m[i], j, out + (size_t)i * NR);
    }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec_nt_finish(__global float *restrict c, __global const float *restrict ct,
                        __global const float *restrict bias, const uint ct_vectors16,
                        const int m_size, const int n_size, const int panels)
{
    const int n = get_global_id(0) * 16, tiles = TILES(n_size);
    const float16 added = bias != 0 ? load_lanes(bias + n, n_size - n) : (float16)(0.0f);
    float16 m[16];

    ct += (size_t)ct_vectors16 * 16;
    for (int row = 0; row < m_size; row += 16) {
        for (int i = 0; i < 16; ++i) {
            const int last = min(n + i, n_size - 1);
            const int at = last + (last < (tiles - 1) * MR ? 0 : tiles * MR - n_size);

            m[i] = vload16(0, ct + (size_t)at * panels * NR + row);
        }
        transpose(m);
        for (int i = 0; i < 16 && row + i < m_size; ++i) {
            float16 sum = m[i] + added;

            if (RELU)
                sum = sum < 0.0f ? (float16)(0.0f) : sum;
            store_lanes(sum, c + (size_t)(row + i) * n_size + n, n_size - n);
        }
    }
}
