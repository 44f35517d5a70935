/* pool.c - memory of a check: tensors that begin as NaN, so that what a kernel forgets to
 * write shows, and host memory; freed together. */
#include "check/check.h"

#include <math.h>
#include <stdlib.h>

#include "base/try.h"

typedef struct check_block {
    struct check_block *next;
    alx_tensor tensor; /* empty for host memory */
    float values[];
} check_block;

static int new_block(check_pool *pool, check_block **out, size_t count)
{
    check_block *block = NULL;

    if (count < (SIZE_MAX - sizeof *block) / sizeof(float))
        block = calloc(1, sizeof *block + count * sizeof(float));
    if (block == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu numbers", count);
    block->next = pool->blocks;
    pool->blocks = block;
    *out = block;
    return 0;
}

int check_host(check_pool *pool, float **out, size_t count)
{
    check_block *block = NULL;

    TRY(new_block(pool, &block, count));
    *out = block->values;
    return 0;
}

int check_tensor(check_pool *pool, alx_tensor **out, alx_shape shape)
{
    check_block *block = NULL;

    TRY(new_block(pool, &block, 0));
    TRY(alx_tensor_create(&block->tensor, pool->dev, shape));
    TRY(alx_tensor_fill(&block->tensor, NAN));
    *out = &block->tensor;
    return 0;
}

int check_upload(check_pool *pool, alx_tensor **out, alx_shape shape, const void *data)
{
    TRY(check_tensor(pool, out, shape));
    return alx_tensor_write(*out, data);
}

int check_download(check_pool *pool, float **out, const alx_tensor *tensor)
{
    TRY(check_host(pool, out, alx_shape_count(tensor->shape)));
    return alx_tensor_read(*out, tensor);
}

void check_pool_free(check_pool *pool)
{
    while (pool->blocks != NULL) {
        check_block *block = pool->blocks;

        pool->blocks = block->next;
        alx_tensor_free(&block->tensor);
        free(block);
    }
}
