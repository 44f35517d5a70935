/* gemm_vec.cl - matrix product on CPU devices, on a register tile (tile.clh)
 *     c (M,N) = a (M,K) * b (K,N), + bias (N) in every row, + c with `accumulate`
 * Layout   a packed as [tiles][K][MR] with zeros beyond M; b (K,N), or (N,K) with B_TRANSPOSED
 * Work     an item makes NR columns of c: it copies BLOCK rows of b at a time to private memory,
 *          transposed if need be, and runs all tiles of a over them
 * Launch   global {panels of N}; pack: global {tiles}; local {1}
 * -D       MR NV   BLOCK rows of b   B_TRANSPOSED
 * Traffic  reads b once, a once per panel, c K/BLOCK times; sums run over k
 * Checked  against src/ref/fc.c, 4*sqrt(K)*6e-8 of the maximum */
#ifndef BLOCK
#define BLOCK 256
#endif
#ifndef B_TRANSPOSED
#define B_TRANSPOSED 0
#endif
#define B_SPACE __private
#include "tile.clh"

#if B_TRANSPOSED
/* Rows i and i + step of m trade the lanes that lie across the diagonal of their 2 x 2 blocks. */
#define TRADE(step, low, high)                                                                     \
    _Pragma("unroll") for (int i = 0; i < 16; ++i)                                                 \
        if ((i & step) == 0) {                                                                     \
            const float16 a = m[i], b = m[i + step];                                               \
            m[i] = low;                                                                            \
            m[i + step] = high;                                                                    \
        }

static inline void transpose(float16 m[16])
{
    TRADE(8, (float16)(a.lo, b.lo), (float16)(a.hi, b.hi))
    TRADE(4, (float16)(a.s0123, b.s0123, a.s89ab, b.s89ab),
          (float16)(a.s4567, b.s4567, a.scdef, b.scdef))
    TRADE(2, (float16)(a.s01, b.s01, a.s45, b.s45, a.s89, b.s89, a.scd, b.scd),
          (float16)(a.s23, b.s23, a.s67, b.s67, a.sab, b.sab, a.sef, b.sef))
    TRADE(1, (float16)(a.even, b.even).s08192a3b4c5d6e7f,
          (float16)(a.odd, b.odd).s08192a3b4c5d6e7f)
}

/* block [count][NR] from b (N,K) at (n, k); n_left columns exist. */
static void copy_block(float16 *block, __global const float *b, const int k_size, const int count,
                       const int n_left)
{
    float16 m[16];

    for (int j = 0; j < NV; ++j)
        for (int k = 0; k < count; k += 16) {
            _Pragma("unroll") for (int i = 0; i < 16; ++i)
                m[i] = 16 * j + i < n_left
                           ? load_lanes(b + (size_t)(16 * j + i) * k_size + k, count - k)
                           : (float16)0.0f;
            transpose(m);
            _Pragma("unroll") for (int i = 0; i < 16; ++i)
                block[(k + i) * NV + j] = m[i];
        }
}
#else
/* block [count][NR] from b (K,N) at (k, n); n_left columns exist. */
static void copy_block(float16 *block, __global const float *b, const int n_size, const int count,
                       const int n_left)
{
    for (int k = 0; k < count; ++k, b += n_size, block += NV)
        EACH_VECTOR
            block[j] = load_lanes(b + 16 * j, n_left - 16 * j);
}
#endif

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec(__global float *restrict c, __global const float *restrict a,
              __global const float *restrict b, __global const float *restrict bias,
              const int m_size, const int n_size, const int k_size, const int accumulate)
{
    const int n = get_global_id(0) * NR, n_left = n_size - n;
    const int tiles = (m_size + MR - 1) / MR;
    const size_t b_row = B_TRANSPOSED ? k_size : n_size;
    float16 block[BLOCK * NV];
    tile sum;

    b += B_TRANSPOSED ? n * b_row : n;
    for (int k = 0; k < k_size; k += BLOCK) {
        const int count = min(BLOCK, k_size - k);

        copy_block(block, b + (B_TRANSPOSED ? k : k * b_row), b_row, count, n_left);
        for (int t = 0; t < tiles; ++t) {
            __global float *to = c + (size_t)t * MR * n_size + n;
            const int rows = m_size - t * MR;

            tile_clear(sum);
            if (k > 0 || accumulate)
                tile_load(sum, to, n_size, rows, n_left);
            tile_add(sum, a + ((size_t)t * k_size + k) * MR, (const float *)block, count);
            if (bias != 0 && k + count == k_size)
                tile_add_row(sum, bias + n, n_left);
            tile_store(sum, to, n_size, rows, n_left);
        }
    }
}

/* [tiles][K][MR] from a (M,K) with m_step = K, k_step = 1; from a (K,M) with m_step = 1,
 * k_step = M. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec_pack(__global float *restrict out, __global const float *restrict a,
                   const int m_size, const int k_size, const int m_step, const int k_step)
{
    const size_t first = get_global_id(0) * MR;
    const int rows = min(MR, (int)(m_size - first));

    a += first * m_step;
    out += first * k_size;
    for (int k = 0; k < k_size; ++k, a += k_step, out += MR)
        for (int i = 0; i < MR; ++i)
            out[i] = i < rows ? a[(size_t)i * m_step] : 0.0f;
}
