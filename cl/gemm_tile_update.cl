/* gemm_tile_update.cl - SGD of a fully connected layer's weights on GPUs: the product that is their
 * gradient, a^T b, updates w and v block by block and is never in memory
 * Layout   a (k,m); b (k,n); w and v (m,n)
 * Work     a group updates a block of BM x BN
 * Launch   global {ITEMS * blocks of n, blocks of m, 1}   local {ITEMS, 1, 1}
 * -D       TORCH_FORM: sgd.clh   A_ALIGNED B_ALIGNED C_ALIGNED: gemm_operands.clh
 *          BM BN BK TM TN: block.clh
 * Traffic  reads and writes w and v once, reads (1/BM + 1/BN) floats for each m, n, k
 * Checked  against gemm_tile and sgd_update, the same bits; squares within 1e-6 of sum_chunks */
#define A_ALONG_K 0
#define B_ALONG_K 0
#include "gemm_operands.clh"
#include "sgd.clh"

#define LANES 256 /* no fewer than items */

/* w and v are at the block's first row and column, of which `rows` and `columns` are left. Returns
 * the sum of the item's squared gradients: they are 0 outside. */
static inline float update_block(block_sums sums, __global float *w, __global float *v,
                                 const size_t pitch, const int rows, const int columns,
                                 const float lr, const float momentum, const float decay)
{
    const int row = get_local_id(0) / ITEM_COLUMNS * 4;
    const int column = get_local_id(0) % ITEM_COLUMNS * 4;
    float4 squares = 0.0f;

    EACH(i, TM) {
        const int r = i / 4 * (BM / ROW_PIECES) + row + i % 4;

        EACH(j, COLUMN_PIECES) {
            const int at = column + j * (BN / COLUMN_PIECES), left = columns - at;
            const float4 gradient = sums[i][j];

            squares = fma(gradient, gradient, squares);
            if (r < rows) {
                float4 weight = load_quad(w + r * pitch + at, left, C_ALIGNED);
                float4 velocity = load_quad(v + r * pitch + at, left, C_ALIGNED);

                SGD_STEP(float4, weight, velocity, gradient, lr, momentum, decay);
                store_quad(weight, w + r * pitch + at, left, C_ALIGNED);
                store_quad(velocity, v + r * pitch + at, left, C_ALIGNED);
            }
        }
    }
    return squares.x + squares.y + squares.z + squares.w;
}

/* squares[block] = the sum of its squared gradients. */
__kernel BLOCK_GROUP
void gemm_tile_update(__global float *restrict w, __global float *restrict v,
                      __global float *restrict squares, __global const float *restrict a,
                      __global const float *restrict b, const int m, const int n, const int k,
                      const float lr, const float momentum, const float decay)
{
    __local float4 tiles[BLOCK_LOCAL];
    __local float lanes[LANES];
    const int row = get_group_id(1) * BM, column = get_group_id(0) * BN, item = get_local_id(0);
    const struct operands o = { a, b, m, n, k };
    const size_t first = (size_t)row * n + column;
    block_sums sums;

    block_product(sums, tiles, &o, row, column, 0, k);
    lanes[item] = update_block(sums, w + first, v + first, n, m - row, n - column, lr, momentum,
                               decay);
    for (int width = LANES / 2; width > 0; width /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < width && item + width < ITEMS)
            lanes[item] += lanes[item + width];
    }
    if (item == 0)
        squares[get_group_id(1) * get_num_groups(0) + get_group_id(0)] = lanes[0];
}
