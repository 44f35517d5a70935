/* gemm_vec_turn.cl - what gemm_vec_nt.cl multiplies and makes, turned over its diagonal
 * Layout   in: a (M,K) to [panels of M][K][panel columns], zeros beyond M; out: ct [tiles * tile
 *          rows][panels * panel columns] to c (M,N), + bias (N), where negative sums become 0 with
 *          `relu`
 * Work     in: 16 columns k of a panel; out: 16 columns of c
 * Launch   in: global {ceil(K / 16), panels}; out: global {ceil(N / 16)}; local {1}
 * Traffic  reads and writes every element once, memory bound
 * Checked  exact; with gemm_vec_nt.cl against src/ref/fc.c */
#include "tile.clh"
#include "transpose.clh"

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec_turn_in(__global float *restrict out, __global const float *restrict a,
                      const int m_size, const int k_size, const int columns)
{
    const int k = get_global_id(0) * 16, panel = get_global_id(1);
    float16 m[16];

    out += ((size_t)panel * k_size + k) * columns;
    for (int j = 0; j < columns; j += 16) {
        const int row = panel * columns + j;

        for (int i = 0; i < 16; ++i)
            m[i] = row + i < m_size
                       ? load_lanes(a + (size_t)(row + i) * k_size + k, k_size - k)
                       : (float16)(0.0f);
        transpose(m);
        for (int i = 0; i < 16 && k + i < k_size; ++i)
            vstore16(m[i], 0, out + (size_t)i * columns + j);
    }
}

/* The last of the tiles overlaps its neighbour in N, not in ct. `row_floats` of a row of ct. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec_turn_out(__global float *restrict c, __global const float *restrict ct,
                       __global const float *restrict bias, const uint ct_vectors16,
                       const int m_size, const int n_size, const int row_floats,
                       const int tile_rows, const int relu)
{
    const float least = relu ? 0.0f : -INFINITY;
    const int n = get_global_id(0) * 16, tiles = (n_size + tile_rows - 1) / tile_rows;
    const float16 added = bias != 0 ? load_lanes(bias + n, n_size - n) : (float16)(0.0f);
    float16 m[16];

    ct += (size_t)ct_vectors16 * 16;
    for (int row = 0; row < m_size; row += 16) {
        for (int i = 0; i < 16; ++i) {
            const int last = min(n + i, n_size - 1);
            const int skipped = last < (tiles - 1) * tile_rows ? 0 : tiles * tile_rows - n_size;

            m[i] = vload16(0, ct + (size_t)(last + skipped) * row_floats + row);
        }
        transpose(m);
        for (int i = 0; i < 16 && row + i < m_size; ++i)
            store_lanes(at_least(m[i] + added, least), c + (size_t)(row + i) * n_size + n,
                        n_size - n);
    }
}
