/* peak_memory.c - the device's own bandwidth, which every pass that moves more than it computes is
 * compared with. */
#include "alexnet/dev/bench.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/try.h"

#define BUFFER_BYTES ((size_t)256 << 20) /* beyond the last cache of any CPU but a few */
#define LOCAL_ROUNDS 4096
#define LOCAL_GROUP 64
#define TRIES 5
#define ENOUGH_SECONDS 5.0 /* after which one launch by the clock will do */

/* Best rate of a few launches; the first one builds and warms up. */
static int best_rate(double *gbytes_per_s, double bytes, alx_device *dev, const char *kernel,
                     const char *options, const alx_arg *args, size_t arg_count,
                     const alx_grid *grid)
{
    const double begin = base_seconds();

    *gbytes_per_s = 0.0;
    for (int i = 0; i <= TRIES && (i < 2 || base_seconds() - begin < ENOUGH_SECONDS); ++i) {
        const double start = base_seconds();

        TRY(alx_launch(dev, "peak_memory", kernel, options, args, arg_count, grid));
        TRY(alx_device_finish(dev));
        const double rate = 1e-9 * bytes / (base_seconds() - start);
        if (i > 0 && rate > *gbytes_per_s)
            *gbytes_per_s = rate;
    }
    return 0;
}

static size_t buffer_bytes(const alx_device_info *info)
{
    size_t bytes = BUFFER_BYTES;

    while (bytes > info->max_alloc_bytes || bytes > info->global_bytes / 8)
        bytes /= 2;
    return bytes;
}

int alx_bench_memory_peak(double *gbytes_per_s, alx_device *dev)
{
    const alx_device_info *info = alx_device_get_info(dev);
    const bool cpu = alx_device_is_wide(info);
    const size_t bytes = buffer_bytes(info), floats = bytes / sizeof(float);
    const int width = cpu ? 16 : 4, run = cpu ? 4096 : 16, group = cpu ? 1 : 64;
    const size_t items = floats / (size_t)(width * run);
    const alx_shape shape = { 1, 1, (int)(floats / 1024), 1024 };
    alx_tensor y = { 0 }, x = { 0 };
    char options[96];
    int rc = 0;

    snprintf(options, sizeof options, "-DWG=%d -DWIDTH=%d -DRUN=%d -DSTRIDE=%zu", group, width, run,
             cpu ? (size_t)0 : items);
    TRY_DONE(alx_tensor_create(&y, dev, shape));
    TRY_DONE(alx_tensor_create(&x, dev, shape));
    TRY_DONE(alx_tensor_fill(&y, 0.0f));
    TRY_DONE(alx_tensor_fill(&x, 1.0f));
    const alx_arg args[] = { ALX_BUF(&y), ALX_BUF(&x), ALX_FLOAT(0x1p-3f) };
    const alx_grid grid = { .global = { items, 1, 1 }, .local = { (size_t)group, 1, 1 } };

    TRY_DONE(best_rate(gbytes_per_s, 3.0 * (double)bytes, dev, "peak_memory", options, args,
                       ALX_COUNT(args), &grid));
done:
    alx_tensor_free(&y);
    alx_tensor_free(&x);
    return rc;
}

int alx_bench_local_peak(double *gbytes_per_s, alx_device *dev)
{
    const size_t items = (size_t)alx_device_get_info(dev)->compute_units * LOCAL_GROUP * 32;
    alx_tensor out = { 0 };
    char options[64];
    int rc = 0;

    snprintf(options, sizeof options, "-DWG=%d -DROUNDS=%d", LOCAL_GROUP, LOCAL_ROUNDS);
    TRY_DONE(alx_tensor_create(&out, dev, (alx_shape){ 1, 1, 1, (int)items }));
    const alx_arg args[] = { ALX_BUF(&out), ALX_FLOAT(1.0f) };
    const alx_grid grid = { .global = { items, 1, 1 }, .local = { LOCAL_GROUP, 1, 1 } };

    TRY_DONE(best_rate(gbytes_per_s, 16.0 * LOCAL_ROUNDS * (double)items, dev, "peak_local",
                       options, args, ALX_COUNT(args), &grid));
done:
    alx_tensor_free(&out);
    return rc;
}
