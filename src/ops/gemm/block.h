/* block.h - a work-group's block of a matrix product on GPUs (cl/block.clh): which size, and in how
 * many parts a long sum is made. */
#ifndef OPS_BLOCK_H
#define OPS_BLOCK_H

#include "ops/shared.h"

/** BM BN BK TM TN and SUB_GROUP of cl/block.clh. */
typedef struct ops_block {
    int m, n, k;
    int item_m, item_n;
    int sub_group; /**< 0: the device's smallest */
} ops_block;

/** Most items of a group, and bytes of local memory. */
#define OPS_BLOCK_GROUP 256
#define OPS_BLOCK_LOCAL_BYTES (32 << 10)
/** The smallest block's sides. */
#define OPS_BLOCK_LEAST_M 64
#define OPS_BLOCK_LEAST_N 32

/** All sizes, the largest first; the last has m = 0. */
const ops_block *ops_blocks(void);

/** The size that `params` name, if there is one of it, else the one that wastes least on `batch`
 *  products of m x n sums, each in `parts`. It never changes a sum's order. */
ops_block ops_block_choose(const alx_way_params *params, int m, int n, int batch, int parts);

/** How many parts of k are summed side by side, and how long each is (a multiple of every BK): a
 *  function of the sizes alone. */
typedef struct ops_parts_of_sum {
    int count, k;
} ops_parts_of_sum;

ops_parts_of_sum ops_block_parts(int m, int n, int k, int batch);

/** Items of a group. */
int ops_block_items(const ops_block *block);
/** Groups of ITEMS over the blocks of m x n, `depth` times. */
alx_grid ops_block_grid(const ops_block *block, int m, int n, int depth);
/** " -DSUB_GROUP=N" for kernels that keep large arrays in registers, or nothing; `tuned`: a tuning
 *  row's, or 0. */
enum { OPS_SUB_GROUP_OPTION = 32 };
void ops_sub_group_option(char option[OPS_SUB_GROUP_OPTION], const alx_device *dev, int tuned);

/** The block's -D options, with what the device's compiler wants. */
enum { OPS_BLOCK_OPTIONS = 96 };
void ops_block_options(char options[OPS_BLOCK_OPTIONS], const ops_block *block,
                       const alx_device *dev);

/** ALX_E_USAGE where the device's groups or local memory are too small for blocks. */
int ops_block_require(const alx_device *dev) ALX_MUST_USE;
/** Whether they are large enough. */
bool ops_block_fits(const alx_device *dev);

#endif
