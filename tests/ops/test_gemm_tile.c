/* test_gemm_tile.c - matrix products in blocks: every size of block, transpositions, batches;
 * the choice of blocks and of parts. */
#include "support/device.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alexnet/dev/ref.h"
#include "ops/gemm/tile.h"

typedef struct product_case {
    const char *why;
    int m, n, k, batch;
    bool transpose_a, transpose_b;
} product_case;

static const product_case cases[] = {
    { "a b, primes", 131, 137, 37, 1, false, false },
    { "a b^T, rows of whole vectors", 76, 100, 20, 2, false, true },
    { "a^T b, three small products", 7, 5, 50, 3, true, false },
};

/* In double precision; c holds what is added to with `accumulate`. */
static void multiply(float *c, const float *a, const float *b, const gemm_shape *g)
{
    for (int i = 0; i < g->m; ++i)
        for (int j = 0; j < g->n; ++j) {
            double sum = g->accumulate ? c[i * g->n + j] : 0.0;

            for (int k = 0; k < g->k; ++k)
                sum += (double)a[g->transpose_a ? k * g->m + i : i * g->k + k] *
                       b[g->transpose_b ? j * g->k + k : k * g->n + j];
            c[i * g->n + j] = (float)sum;
        }
}

static const alx_tensor *vector_random(alx_device *dev, size_t count, uint32_t stream)
{
    return test_vector_of(dev, count, test_host_random(count, stream, -1.0f, 1.0f));
}

/* What the device says it is, for what compilers want. */
static void pose_as(alx_device *dev, alx_device_type type, const char *vendor)
{
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);

    info->type = type;
    memmove(info->vendor, vendor, strlen(vendor) + 1);
}

static const float *product_in(const ops_block *block, const product_case *p,
                               const gemm_batch *product, const alx_tensor *a, const alx_tensor *b)
{
    const alx_tensor *c = vector_random(a->dev, (size_t)(p->batch * p->m * p->n), 3);

    assert_ok(ops_gemm_tile_batch(c, a, b, product, block));
    test_assert_canary(p->why, c);
    return test_download(c);
}

/* The product in every size of block, as the device is and as a GPU of AMD's would make it; all
 * must have the same bits. */
static void blocks_match(alx_device *dev, const product_case *p, const gemm_shape *g)
{
    const size_t count = (size_t)(p->batch * p->m * p->n);
    const gemm_batch product = { .shape = *g, .batch = p->batch };
    const alx_tensor *a = vector_random(dev, (size_t)(p->batch * p->m * p->k), 1);
    const alx_tensor *b = vector_random(dev, (size_t)(p->batch * p->k * p->n), 2);
    const alx_device_info real = *alx_device_get_info(dev);
    const float *first = NULL;
    float *want = test_host_random(count, 3, -1.0f, 1.0f);

    for (int i = 0; i < p->batch; ++i)
        multiply(want + i * p->m * p->n, test_download(a) + i * p->m * p->k,
                 test_download(b) + i * p->k * p->n, g);
    for (const ops_block *block = ops_blocks(); block->m > 0; ++block) {
        const float *got = product_in(block, p, &product, a, b), *other;

        test_assert_rel_max(p->why, got, want, count, alx_ref_sum_limit((size_t)p->k));
        first = first == NULL ? got : first;
        assert_memory_equal(got, first, count * sizeof(float));
        pose_as(dev, ALX_DEVICE_GPU, "AMD");
        other = product_in(block, p, &product, a, b);
        pose_as(dev, real.type, real.vendor);
        assert_memory_equal(other, first, count * sizeof(float));
    }
}

static void every_block_gives_the_same_product(void **state)
{
    alx_device *dev = test_device();

    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const product_case *p = &cases[i];
        const gemm_shape g = { .m = p->m,
                               .n = p->n,
                               .k = p->k,
                               .transpose_a = p->transpose_a,
                               .transpose_b = p->transpose_b,
                               .accumulate = i % 2 == 0 };

        blocks_match(dev, p, &g);
        test_teardown(state);
    }
}

/* Of an operand's fetches in a step, what is more than its tile; in the kernel it has rows of
 * `side` + 4 floats, 4 at a time. */
static size_t rest_floats(const ops_block *b, int side)
{
    const int items = ops_block_items(b), quads = side * b->k / 4;
    const int rest = (quads + items - 1) / items * items - quads;

    return (size_t)((rest + side + 3) / (side + 4) * 4 * (side + 4));
}

/* What a device must have at least for OpenCL 1.2's full profile, and all wavefronts full. */
static void blocks_fit_every_gpu(void **state)
{
    (void)state;
    for (const ops_block *b = ops_blocks(); b->m > 0; ++b) {
        const int items = ops_block_items(b);
        const size_t floats = 2 * (size_t)b->k * (size_t)(b->m + 4 + b->n + 4) +
                              rest_floats(b, b->m) + rest_floats(b, b->n);

        assert_true(items <= OPS_BLOCK_GROUP && items % 64 == 0);
        assert_true(floats * sizeof(float) <= OPS_BLOCK_LOCAL_BYTES);
        assert_true(b->m % b->item_m == 0 && b->n % b->item_n == 0);
        assert_true(b->k % 4 == 0 && b->item_m % 4 == 0 && b->item_n % 4 == 0);
    }
}

/* Widths of AlexNet's layers and towers are covered without waste, with enough groups for a GPU. */
static void choice_wastes_little(void **state)
{
    const alx_way_params own = { 0 }, known = { .rows = 128, .columns = 48 };
    const alx_way_params unknown = { .rows = 7, .columns = 48 };
    static const struct {
        int m, n, block_m, block_n;
    } choices[] = {
        { 387200, 96, 128, 96 }, { 93312, 128, 128, 128 }, { 93312, 48, 128, 48 },
        { 21632, 384, 128, 96 }, { 21632, 192, 128, 64 },  { 10, 10, 64, 32 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(choices); ++i) {
        const ops_block b = ops_block_choose(&own, choices[i].m, choices[i].n, 1, 1);

        assert_int_equal(b.m, choices[i].block_m);
        assert_int_equal(b.n, choices[i].block_n);
    }
    assert_int_equal(ops_block_choose(&known, 8192, 8192, 1, 1).n, 48);
    assert_int_equal(ops_block_choose(&unknown, 8192, 8192, 1, 1).n, 128);
}

static void compilers_get_what_they_want(void **state)
{
    static const struct {
        const char *vendor;
        alx_device_type type;
        unsigned least_sub_group;
        const char *wish;
    } devices[] = {
        { "Advanced Micro Devices, Inc.", ALX_DEVICE_GPU, 0, " -DLAST_IN_LOOP=1" },
        { "AMD", ALX_DEVICE_GPU, 0, " -DLAST_IN_LOOP=1" },
        { "AMD", ALX_DEVICE_CPU, 8, "" },
        { "NVIDIA Corporation", ALX_DEVICE_GPU, 0, " -DLAST_IN_LOOP=1" },
        { "Intel(R) Corporation", ALX_DEVICE_GPU, 16, " -DSUB_GROUP=16" },
        { "Intel(R) Corporation", ALX_DEVICE_CPU, 4, "" },
    };
    alx_device *dev = test_device();
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);
    const alx_device_info real = *info;
    char options[OPS_BLOCK_OPTIONS], want[OPS_BLOCK_OPTIONS];

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(devices); ++i) {
        pose_as(dev, devices[i].type, devices[i].vendor);
        info->least_sub_group = devices[i].least_sub_group;
        ops_block_options(options, &ops_blocks()[0], dev);
        snprintf(want, sizeof want, "-DBM=128 -DBN=128 -DBK=8 -DTM=8 -DTN=8%s", devices[i].wish);
        assert_string_equal(options, want);
    }
    pose_as(dev, ALX_DEVICE_GPU, "NVIDIA Corporation");
    info->least_sub_group = 0;
    ops_block_options(options, &ops_blocks()[1], dev); /* 192 items */
    assert_string_equal(options, "-DBM=128 -DBN=96 -DBK=8 -DTM=8 -DTN=8");
    info->least_sub_group = 8;
    const ops_block tuned = ops_block_choose(&(alx_way_params){ .sub_group = 16 }, 8192, 8192, 1,
                                             1);

    ops_block_options(options, &tuned, dev);
    assert_non_null(strstr(options, " -DSUB_GROUP=16"));
    *info = real;
}

static void parts_cover_the_sum(void **state)
{
    static const struct {
        int m, n, k, batch, count;
    } sums[] = {
        { 4096, 9216, 128, 1, 1 },    /* fc6, grad-weight: groups enough */
        { 128, 4096, 9216, 1, 4 },    /* fc6, forward */
        { 128, 1000, 4096, 1, 16 },   /* fc8, forward */
        { 432, 96, 387200, 1, 36 },   /* conv1, grad-weight */
        { 8192, 8192, 100000, 1, 7 }, /* no part longer than 16384 */
        { 1, 1, 255, 1, 1 },          { 1, 1, 513, 1, 2 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(sums); ++i) {
        const ops_parts_of_sum parts = ops_block_parts(sums[i].m, sums[i].n, sums[i].k,
                                                       sums[i].batch);

        assert_int_equal(parts.count, sums[i].count);
        assert_true(parts.k % 16 == 0 && parts.count * parts.k >= sums[i].k);
        assert_true((parts.count - 1) * parts.k < sums[i].k && parts.k <= 16384);
    }
}

static void a_device_without_room_is_refused(void **state)
{
    alx_device *dev = test_device();
    alx_device_info *info = (alx_device_info *)alx_device_get_info(dev);
    const size_t real = info->max_group;

    (void)state;
    assert_ok(ops_block_require(dev));
    info->max_group = 128;
    assert_int_equal(ops_block_require(dev), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "groups of 256 items"));
    info->max_group = real;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(every_block_gives_the_same_product),
        cmocka_unit_test(blocks_fit_every_gpu),
        cmocka_unit_test(choice_wastes_little),
        test_on_device(compilers_get_what_they_want),
        cmocka_unit_test(parts_cover_the_sum),
        test_on_device(a_device_without_room_is_refused),
    };

    return cmocka_run_group_tests_name("gemm_tile", tests, NULL, test_device_close);
}
