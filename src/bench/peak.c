/* peak.c - the device's own FMA rate, which every speed is compared with. */
#include "alexnet/dev/bench.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/try.h"

#define ROUNDS 65536
#define FMAS_PER_ROUND 12
#define TRIES 5
#define ENOUGH_SECONDS 5.0 /* after which one launch by the clock will do */

typedef struct peak_shape {
    int width, group, items;
} peak_shape;

static peak_shape peak_shape_of(const alx_device *dev)
{
    const alx_device_info *info = alx_device_get_info(dev);

    const unsigned lanes = info->vector_floats;
    const int width = lanes >= 16 ? 16 : lanes >= 8 ? 8 : lanes >= 4 ? 4 : 1;

    if (info->type == ALX_DEVICE_CPU)
        return (peak_shape){ width, 1, (int)info->compute_units * 16 * 16 / width };
    return (peak_shape){ 1, 64, (int)info->compute_units * 64 * 32 };
}

int alx_bench_fma_peak(double *gflops, alx_device *dev)
{
    const peak_shape shape = peak_shape_of(dev);
    alx_tensor out = { 0 };
    char options[96];
    const double begin = base_seconds();
    int rc = 0;

    *gflops = 0.0;
    snprintf(options, sizeof options, "-DWG=%d -DWIDTH=%d -DROUNDS=%d", shape.group, shape.width,
             ROUNDS);
    TRY_DONE(alx_tensor_create(&out, dev, (alx_shape){ 1, 1, 1, shape.items }));
    const alx_arg args[] = { ALX_BUF(&out), ALX_FLOAT(1.0f - 0x1p-12f), ALX_FLOAT(0x1p-12f) };
    const alx_grid grid = { .global = { (size_t)shape.items, 1, 1 },
                            .local = { (size_t)shape.group, 1, 1 } };
    const double flops = 2.0 * FMAS_PER_ROUND * shape.width * ROUNDS * shape.items;

    /* the first one builds and warms up */
    for (int i = 0; i <= TRIES && (i < 2 || base_seconds() - begin < ENOUGH_SECONDS); ++i) {
        const double start = base_seconds();

        TRY_DONE(alx_launch(dev, "peak", "peak_fma", options, args, ALX_COUNT(args), &grid));
        TRY_DONE(alx_device_finish(dev));
        const double rate = flops / (base_seconds() - start) * 1e-9;
        if (i > 0 && rate > *gflops)
            *gflops = rate;
    }
done:
    alx_tensor_free(&out);
    return rc;
}
