/* gemm_vec_few.cl - matrix product on CPU devices with few rows of a, at the speed of memory:
 *     c (M,N) = a (M,K) * b (N,K)^T, + bias (N), where negative sums become 0 with `relu`
 * Layout   by rows, read in place
 * Work     an item makes item_columns columns of c, B_ROWS at a time: rows of b, which stream past
 *          A_ROWS rows of a in vectors of k
 * Launch   global {ceil(N / item_columns)}; local {1}
 * -D       A_ROWS   B_ROWS
 * Traffic  reads b once (from L2 for further rows of a), memory bound; a sum is 16 chains over
 *          every 16th k, then added in pairs
 * Checked  against src/ref/fc.c, 4*sqrt(K)*6e-8 of the maximum */
#include "tile.clh"

#ifndef A_ROWS
#define A_ROWS 1 /* rows of a in a tile */
#endif
#ifndef B_ROWS
#define B_ROWS 8 /* rows of b in a tile */
#endif

typedef float16 chains[A_ROWS][B_ROWS];

static inline void add_products(chains sum, const float16 a[A_ROWS], const float16 b[B_ROWS])
{
    EACH(i, A_ROWS)
        EACH(j, B_ROWS)
            sum[i][j] = fma(a[i], b[j], sum[i][j]);
}

static inline float sum_of_lanes(const float16 v)
{
    const float8 eight = v.lo + v.hi;
    const float4 four = eight.lo + eight.hi;
    const float2 two = four.lo + four.hi;

    return two.x + two.y;
}

/* The sums of the tile whose first rows these are. */
CALLED void multiply(float sums[A_ROWS][B_ROWS], __global const float *a, __global const float *b,
                     const int row, const int column, const int m_size, const int n_size,
                     const int k_size)
{
    __global const float *a_rows[A_ROWS], *b_rows[B_ROWS];
    const int whole = k_size / 16, rest = k_size % 16;
    float16 a_values[A_ROWS], b_values[B_ROWS];
    chains sum;

    EACH(i, A_ROWS) /* beyond the end the last row again */
        a_rows[i] = a + (size_t)min(row + i, m_size - 1) * k_size;
    EACH(j, B_ROWS)
        b_rows[j] = b + (size_t)min(column + j, n_size - 1) * k_size;
    EACH(i, A_ROWS)
        EACH(j, B_ROWS)
            sum[i][j] = 0.0f;
    for (int k = 0; k < whole; ++k) {
        EACH(i, A_ROWS)
            a_values[i] = vload16(k, a_rows[i]);
        EACH(j, B_ROWS)
            b_values[j] = vload16(k, b_rows[j]);
        add_products(sum, a_values, b_values);
    }
    if (rest > 0) {
        EACH(i, A_ROWS)
            a_values[i] = load_some_lanes(a_rows[i] + 16 * whole, rest);
        EACH(j, B_ROWS)
            b_values[j] = load_some_lanes(b_rows[j] + 16 * whole, rest);
        add_products(sum, a_values, b_values);
    }
    EACH(i, A_ROWS)
        EACH(j, B_ROWS)
            sums[i][j] = sum_of_lanes(sum[i][j]);
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec_few(__global float *restrict c, __global const float *restrict a,
                  __global const float *restrict b, __global const float *restrict bias,
                  const int m_size, const int n_size, const int k_size, const int item_columns,
                  const int relu)
{
    const int begin = get_global_id(0) * item_columns, end = min(begin + item_columns, n_size);
    float sums[A_ROWS][B_ROWS];

    for (int n = begin; n < end; n += B_ROWS)
        for (int m = 0; m < m_size; m += A_ROWS) {
            multiply(sums, a, b, m, n, m_size, n_size, k_size);
            for (int i = 0; i < A_ROWS && m + i < m_size; ++i)
                for (int j = 0; j < B_ROWS && n + j < end; ++j) {
                    const float sum = sums[i][j] + (bias != 0 ? bias[n + j] : 0.0f);

                    c[(size_t)(m + i) * n_size + n + j] = relu && sum < 0.0f ? 0.0f : sum;
                }
        }
}
