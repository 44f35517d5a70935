/* block.c - sizes of the blocks of matrix products on GPUs, sums in parts. */
#include "ops/gemm/block.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "ops/gemm/register_tile.h"

/* Multiprocessors of a large GPU (H200), and groups to split a sum into: a few for each. */
#define PROCESSORS 132.0
#define GROUPS 512
/* A part of a sum at least, and at most: long chains round more, and llvmpipe ends them. */
#define LEAST_PART 256
#define MOST_PART 16384
/* Parts begin at multiples of it; every BK divides it. */
#define PART_STEP 16
/* More floats of partial sums cost more time than they save. */
#define PART_FLOATS ((double)(16 << 20))

/* Items 64, 128, 192 or 256: whole wavefronts of 32 and of 64. Widths that divide the channels of
 * AlexNet's layers and towers: 48, 96, 128, 192, 256, 384. Longer steps of k take so much local
 * memory that half as many groups share an AMD's compute unit. */
static const ops_block blocks[] = {
    { 128, 128, 8, 8, 8, 0 },
    { 128, 96, 8, 8, 8, 0 },
    { 128, 64, 8, 8, 8, 0 },
    { 128, 48, 8, 8, 4, 0 },
    { 64, 64, 8, 8, 4, 0 },
    { 64, 32, 8, 4, 4, 0 },
    { 0 },
};

/* What a vendor's compilers want of cl/block.clh, by the beginning of the device's vendor, for
 * groups of so many items at least. NVIDIA's: with up to 135 registers only one group of 256 items
 * is on a multiprocessor, with 128 two. */
static const struct {
    const char *vendor, *options;
    int items;
} wishes[] = {
    { "Advanced Micro Devices", " -DLAST_IN_LOOP=1", 0 },
    { "AMD", " -DLAST_IN_LOOP=1", 0 },
    { "NVIDIA", " -DLAST_IN_LOOP=1", 256 },
};

const ops_block *ops_blocks(void)
{
    return blocks;
}

int ops_block_items(const ops_block *block)
{
    return block->m / block->item_m * (block->n / block->item_n);
}

/* What a product costs: itself, its floats of local memory (of which TM + TN make TM * TN
 * products), its floats of global memory. The first two as compilers and the lanes of local memory
 * have it, of the FP32 peak: items of 8 x 8 reach 85 % and more on all GPUs, 8 x 4 60 % (CDNA3,
 * RDNA3) to 79 %, 4 x 4 46 % to 63 %. */
static double product_cost(const ops_block *b)
{
    return 0.4 + 3.0 * (b->item_m + b->item_n) / (b->item_m * b->item_n) + 8.0 / b->m + 8.0 / b->n;
}

/* Of the processor that has most to do: on the average half a group more than the others. */
static double block_cost(const ops_block *b, int m, int n, int batch, int parts)
{
    const double groups = (double)ops_parts(m, b->m) * ops_parts(n, b->n) * batch * parts;

    return (groups / PROCESSORS + 0.5) * b->m * b->n * product_cost(b);
}

ops_block ops_block_choose(const alx_way_params *params, int m, int n, int batch, int parts)
{
    ops_block best = blocks[0];
    double least = DBL_MAX;

    for (const ops_block *b = blocks; b->m > 0; ++b) {
        const bool asked = b->m == params->rows && b->n == params->columns;
        const double cost = asked ? 0.0 : block_cost(b, m, n, batch, parts);

        if (cost < least) {
            best = *b;
            least = cost;
        }
    }
    best.sub_group = params->sub_group;
    return best;
}

ops_parts_of_sum ops_block_parts(int m, int n, int k, int batch)
{
    const double groups = (double)ops_parts(m, 64) * ops_parts(n, 64) * batch;
    const double fitting = PART_FLOATS / ((double)m * n * batch);
    const int least = ops_parts(k, MOST_PART), most = k / LEAST_PART;
    int count = groups < GROUPS ? (int)(GROUPS / groups) : 1;

    count = count > fitting ? (int)fitting : count;
    count = count > most ? most : count;
    count = count < least ? least : count;

    const int part_k = (int)alx_round_up((size_t)ops_parts(k, count), PART_STEP);

    return (ops_parts_of_sum){ ops_parts(k, part_k), part_k };
}

alx_grid ops_block_grid(const ops_block *block, int m, int n, int depth)
{
    const size_t items = (size_t)ops_block_items(block);

    return (alx_grid){
        .global = { items * (size_t)ops_parts(n, block->n), (size_t)ops_parts(m, block->m),
                    (size_t)depth },
        .local = { items, 1, 1 },
    };
}

static const char *wish_of(const alx_device_info *info, int items)
{
    for (size_t i = 0; i < ALX_COUNT(wishes) && info->type == ALX_DEVICE_GPU; ++i)
        if (items >= wishes[i].items &&
            strncmp(info->vendor, wishes[i].vendor, strlen(wishes[i].vendor)) == 0)
            return wishes[i].options;
    return "";
}

/* Left to itself, Intel's compiler takes wide sub-groups, whose arrays do not fit into the
 * registers: the smallest that there are, unless a tuning row has found another faster. */
void ops_sub_group_option(char option[OPS_SUB_GROUP_OPTION], const alx_device *dev, int tuned)
{
    const alx_device_info *info = alx_device_get_info(dev);

    option[0] = '\0';
    if (info->type == ALX_DEVICE_GPU && info->least_sub_group > 0)
        snprintf(option, OPS_SUB_GROUP_OPTION, " -DSUB_GROUP=%u",
                 tuned > 0 ? (unsigned)tuned : info->least_sub_group);
}

void ops_block_options(char options[OPS_BLOCK_OPTIONS], const ops_block *block,
                       const alx_device *dev)
{
    char sub_group[OPS_SUB_GROUP_OPTION];

    ops_sub_group_option(sub_group, dev, block->sub_group);
    snprintf(options, OPS_BLOCK_OPTIONS, "-DBM=%d -DBN=%d -DBK=%d -DTM=%d -DTN=%d%s%s", block->m,
             block->n, block->k, block->item_m, block->item_n,
             wish_of(alx_device_get_info(dev), ops_block_items(block)), sub_group);
}

bool ops_block_fits(const alx_device *dev)
{
    const alx_device_info *info = alx_device_get_info(dev);

    return info->max_group >= OPS_BLOCK_GROUP && info->local_bytes >= OPS_BLOCK_LOCAL_BYTES;
}

int ops_block_require(const alx_device *dev)
{
    const alx_device_info *info = alx_device_get_info(dev);

    if (ops_block_fits(dev))
        return 0;
    return alx_fail(ALX_E_USAGE,
                    "tile wants groups of %d items and %d KiB of local memory, %s has %zu and %zu: "
                    "use --conv-algo im2col --gemm clblast",
                    OPS_BLOCK_GROUP, OPS_BLOCK_LOCAL_BYTES >> 10, info->name, info->max_group,
                    info->local_bytes >> 10);
}
