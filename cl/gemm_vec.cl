/* gemm_vec.cl - matrix product on CPU devices, on a register tile (tile.clh)
 *     c (M,N) = a (M,K) * b (K,N), + c with `accumulate`
 * Layout   a packed by gemm_vec_pack.cl; b and c by rows
 * Work     an item makes PANELS * NR columns of c: it copies BLOCK rows of them from b to private
 *          memory at a time and runs all tiles of a over them
 * Launch   global {ceil(N / (PANELS * NR))}; local {1}
 * -D       BLOCK   PANELS   MR NV: tile.clh
 * Traffic  reads b once, a once per item, c K/BLOCK times; sums run over blocks of k
 * Checked  against src/ref/fc.c, 4*sqrt(K)*6e-8 of the maximum */
#ifndef BLOCK
#define BLOCK 128 /* rows of b that are multiplied at a time */
#endif
#ifndef PANELS
#define PANELS 8 /* of an item: long runs of b and c, fewer items */
#endif
#define B_SPACE __private
#include "tile.clh"

/* block [PANELS][BLOCK][NV] from `count` rows at b, of which `columns` are left. */
static void copy_block(float16 *block, __global const float *b, const int n_size, const int count,
                       const int columns)
{
    for (int k = 0; k < count; ++k, b += n_size)
        for (int panel = 0; panel < PANELS; ++panel)
            EACH_VECTOR
                block[(panel * BLOCK + k) * NV + j] = load_lanes(b + panel * NR + 16 * j,
                                                                 columns - panel * NR - 16 * j);
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec(__global float *restrict c, __global const float *restrict a,
              __global const float *restrict b, const int m_size, const int n_size,
              const int k_size, const int accumulate)
{
    const int n = get_global_id(0) * (PANELS * NR), columns = n_size - n;
    float16 block[PANELS * BLOCK * NV];

    b += n;
    c += n;
    for (int k = 0; k < k_size; k += BLOCK) {
        const int count = min(BLOCK, k_size - k);

        copy_block(block, b + (size_t)k * n_size, n_size, count, columns);
        for (int row = 0; row < m_size; row += MR)
            for (int panel = 0; panel < PANELS && panel * NR < columns; ++panel)
                tile_multiply(c + (size_t)row * n_size + panel * NR, n_size,
                              a + (size_t)row * k_size + k * MR,
                              (const float *)(block + panel * BLOCK * NV), count, m_size - row,
                              columns - panel * NR, k > 0 || accumulate);
    }
}
