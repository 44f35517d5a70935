/* gemm_vec_pack.cl - operands of gemm_vec.cl and gemm_vec_update.cl, packed for their register tile
 * Layout   rows: a (M,K), m_step = K, k_step = 1, or a (K,M), m_step = 1, k_step = M, to
 *          [tiles][K][tile rows], zeros beyond M; columns: b (K,N) to [panels][K][panel columns],
 *          zeros beyond N
 * Work     rows: an item packs a tile; columns: a panel
 * Launch   global {tiles} or {panels}; local {1}
 * Traffic  reads and writes every element once, memory bound
 * Checked  exact; with gemm_vec.cl against src/ref/fc.c */

/* out begins out_vectors16 vectors of 16 into its buffer. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec_pack_rows(__global float *restrict out, __global const float *restrict a,
                        const int m_size, const int k_size, const int m_step, const int k_step,
                        const int tile_rows, const uint out_vectors16)
{
    const size_t first = get_global_id(0) * tile_rows;
    const int rows = min(tile_rows, (int)(m_size - first));

    a += first * m_step;
    out += (size_t)out_vectors16 * 16 + first * k_size;
    for (int k = 0; k < k_size; ++k, a += k_step, out += tile_rows)
        for (int i = 0; i < tile_rows; ++i)
            out[i] = i < rows ? a[(size_t)i * m_step] : 0.0f;
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec_pack_columns(__global float *restrict out, __global const float *restrict b,
                           const uint out_vectors16, const int n_size, const int k_size,
                           const int panel_columns)
{
    const int n = get_global_id(0) * panel_columns;

    b += n;
    out += (size_t)out_vectors16 * 16 + (size_t)n * k_size;
    for (int k = 0; k < k_size; ++k, b += n_size, out += panel_columns)
        for (int j = 0; j < panel_columns; ++j)
            out[j] = n + j < n_size ? b[j] : 0.0f;
}
