/* block.h - a work-group's block of a matrix product on GPUs (cl/block.clh): which size, and in how
 * many parts a long sum is made. */
#ifndef OPS_BLOCK_H
#define OPS_BLOCK_H

#include "ops/shared.h"

/** BM BN BK TM TN of cl/block.clh. */
typedef struct alx_ops_block {
    int m, n, k;
    int item_m, item_n;
} alx_ops_block;

/** Most items of a group, and bytes of local memory. */
#define ALX_BLOCK_GROUP 256
#define ALX_BLOCK_LOCAL_BYTES (32 << 10)

/** All sizes, the largest first; the last has m = 0. */
const alx_ops_block *alx_ops_blocks(void);

/** The size that `params` name (" rows=128 columns=64", tuned.h), else the one that wastes least on
 *  `batch` products of m x n sums, each in `parts`. It never changes a sum's order. */
alx_ops_block alx_ops_block_choose(const char *params, int m, int n, int batch, int parts);

/** How many parts of k are summed side by side, and how long each is (a multiple of every BK): a
 *  function of the sizes alone. */
typedef struct alx_ops_parts_of_sum {
    int count, k;
} alx_ops_parts_of_sum;

alx_ops_parts_of_sum alx_ops_block_parts(int m, int n, int k, int batch);

/** Items of a group. */
int alx_ops_block_items(const alx_ops_block *block);
/** Groups of ITEMS over the blocks of m x n, `depth` times. */
alx_grid alx_ops_block_grid(const alx_ops_block *block, int m, int n, int depth);
/** The block's -D options. */
void alx_ops_block_options(char options[64], const alx_ops_block *block);

/** ALX_E_USAGE where the device's groups or local memory are too small for blocks. */
int alx_ops_block_require(const alx_device *dev) ALX_MUST_USE;
/** Whether they are large enough. */
bool alx_ops_block_fits(const alx_device *dev);

#endif
