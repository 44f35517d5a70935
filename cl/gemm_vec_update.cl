/* gemm_vec_update.cl - SGD of a fully connected layer's weights on CPU devices: the product that is
 * their gradient, a (M,K) * b (K,N), updates w and v (M,N) tile by tile and is never in memory
 * Layout   a and b packed by gemm_vec_pack.cl; w and v by rows
 * Work     an item updates MR rows from end to end: w and v are long runs, which the hardware
 *          fetches ahead of the sums
 * Launch   global {ceil(M / MR)}; local {1}
 * -D       BLOCK   TORCH_FORM: sgd.clh   MR NV: tile.clh
 * Traffic  reads and writes w and v once, reads b once per item, mostly from caches
 * Checked  against gemm_vec, sum_chunks and sgd_update: the same bits */
#ifndef BLOCK
#define BLOCK 128 /* as that of gemm_vec.cl, whose sums these are */
#endif
#define LANES 256 /* of sums of squares */
#include "sgd.clh"
#include "tile.clh"

/* gradient = the tile's sums over blocks of k, added up as gemm_vec does. */
static void make_gradient(float16 gradient[MR * NV], __global const float *a,
                          __global const float *b, const int k_size)
{
    tile sum;

    for (int k = 0; k < k_size; k += BLOCK) {
        tile_clear(sum);
        tile_add(sum, a + k * MR, b + k * NR, min(BLOCK, k_size - k));
        EACH_ROW
            EACH_VECTOR
                gradient[i * NV + j] = k > 0 ? sum[i][j] + gradient[i * NV + j] : sum[i][j];
    }
}

/* The SGD step of a row of the tile from column n on; lane n % LANES of squares gets that of the
 * gradient. */
static void update_row(__global float *w, __global float *v, const float16 gradient[NV],
                       float16 squares[LANES / 16], const int n, const int columns, const float lr,
                       const float momentum, const float decay)
{
    for (int j = 0; j < NV && 16 * j < columns; ++j) {
        const int count = columns - 16 * j;
        float16 weight = load_lanes(w + 16 * j, count), velocity = load_lanes(v + 16 * j, count);

        SGD_STEP(float16, weight, velocity, gradient[j], lr, momentum, decay);
        store_lanes(weight, w + 16 * j, count);
        store_lanes(velocity, v + 16 * j, count);
        const int at = (n / 16 + j) % (LANES / 16);

        squares[at] = fma(gradient[j], gradient[j], squares[at]);
    }
}

/* In pairs, as sum_squares.cl does. */
static float sum_of_lanes(const float16 squares[LANES / 16])
{
    float lanes[LANES];

    for (int i = 0; i < LANES / 16; ++i)
        vstore16(squares[i], i, lanes);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int lane = 0; lane < width; ++lane)
            lanes[lane] += lanes[lane + width];
    return lanes[0];
}

/* sums[m] = the sum of row m's squared gradients. a and b begin so many vectors of 16 into their
 * buffers. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_vec_update(__global float *restrict w, __global float *restrict v,
                     __global float *restrict sums, __global const float *restrict a,
                     __global const float *restrict b, const uint a_vectors16,
                     const uint b_vectors16, const int m_size, const int n_size, const int k_size,
                     const float lr, const float momentum, const float decay)
{
    const int row = get_global_id(0) * MR, rows = min(MR, m_size - row);
    float16 gradient[MR * NV], squares[MR * LANES / 16];

    for (int i = 0; i < MR * LANES / 16; ++i)
        squares[i] = 0.0f;
    a += (size_t)a_vectors16 * 16 + (size_t)row * k_size;
    b += (size_t)b_vectors16 * 16;
    for (int n = 0; n < n_size; n += NR, b += (size_t)k_size * NR) {
        make_gradient(gradient, a, b, k_size);
        for (int i = 0; i < rows; ++i) {
            const size_t at = (size_t)(row + i) * n_size + n;

            update_row(w + at, v + at, gradient + i * NV, squares + i * (LANES / 16), n,
                       n_size - n, lr, momentum, decay);
        }
    }
    for (int i = 0; i < rows; ++i)
        sums[row + i] = sum_of_lanes(squares + i * (LANES / 16));
}
