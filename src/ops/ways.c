/* ways.c - the ways to compute a pass that `alexnet tune` measures: one table of algorithms and
 * parameters for each family. Parameters are documented where they are read (alx_ops_param). */
#include "ops/conv2d_winograd.h"
#include "ops/tuned.h"

#include <stdio.h>

enum { ON_CPU = 1, ON_GPU = 2, ON_ANY = 3 };
enum { FORWARD = 1, CORRELATION = 3, GRAD_WEIGHT = 4, GRADIENTS = 6, EACH = 7 }; /* passes */

typedef struct way {
    int algo;
    unsigned devices, passes;
    const char *params; /* "" or " name=value" */
} way;

/* The default of a kind of device comes first. */
static const way conv_ways[] = {
    { ALX_CONV_WINOGRAD, ON_CPU, EACH, "" },
    { ALX_CONV_WINOGRAD, ON_CPU, CORRELATION, " tiles=12" },
    { ALX_CONV_WINOGRAD, ON_CPU, CORRELATION, " tiles=48" },
    { ALX_CONV_WINOGRAD, ON_CPU, CORRELATION, " vectors=3" },
    { ALX_CONV_WINOGRAD, ON_CPU, GRAD_WEIGHT, " tiles=72" },
    { ALX_CONV_WINOGRAD, ON_CPU, GRAD_WEIGHT, " tiles=288" },
    { ALX_CONV_VEC, ON_CPU, EACH, "" },
    { ALX_CONV_VEC, ON_CPU, EACH, " vectors=1" },
    { ALX_CONV_VEC, ON_CPU, EACH, " vectors=3" },
    { ALX_CONV_TILE_WINOGRAD, ON_GPU, EACH, "" },
    { ALX_CONV_TILE_WINOGRAD, ON_GPU, EACH, " rows=128 columns=128" },
    { ALX_CONV_TILE_WINOGRAD, ON_GPU, EACH, " rows=128 columns=64" },
    { ALX_CONV_TILE_WINOGRAD, ON_GPU, EACH, " rows=64 columns=64" },
    { ALX_CONV_TILE_WINOGRAD, ON_GPU, EACH, " rows=64 columns=32" },
    { ALX_CONV_TILE, ON_GPU, EACH, "" },
    { ALX_CONV_TILE, ON_GPU, EACH, " rows=128 columns=128" },
    { ALX_CONV_TILE, ON_GPU, EACH, " rows=128 columns=96" },
    { ALX_CONV_TILE, ON_GPU, EACH, " rows=128 columns=64" },
    { ALX_CONV_TILE, ON_GPU, EACH, " rows=128 columns=48" },
    { ALX_CONV_TILE, ON_GPU, EACH, " rows=64 columns=64" },
    { ALX_CONV_TILE, ON_GPU, EACH, " rows=64 columns=32" },
    { ALX_CONV_IM2COL, ON_ANY, EACH, "" },
};

static const way gemm_ways[] = {
    { ALX_GEMM_VEC, ON_CPU, EACH, "" },
    { ALX_GEMM_VEC, ON_CPU, FORWARD, " block=256" },
    { ALX_GEMM_VEC, ON_CPU, FORWARD, " block=1024" },
    { ALX_GEMM_VEC, ON_CPU, GRADIENTS, " block=64" },
    { ALX_GEMM_VEC, ON_CPU, GRADIENTS, " block=256" },
    { ALX_GEMM_VEC, ON_CPU, GRADIENTS, " panels=2" },
    { ALX_GEMM_VEC, ON_CPU, GRADIENTS, " panels=8" },
    { ALX_GEMM_TILE, ON_GPU, EACH, "" },
    { ALX_GEMM_TILE, ON_GPU, EACH, " rows=128 columns=128" },
    { ALX_GEMM_TILE, ON_GPU, EACH, " rows=128 columns=96" },
    { ALX_GEMM_TILE, ON_GPU, EACH, " rows=128 columns=64" },
    { ALX_GEMM_TILE, ON_GPU, EACH, " rows=128 columns=48" },
    { ALX_GEMM_TILE, ON_GPU, EACH, " rows=64 columns=64" },
    { ALX_GEMM_TILE, ON_GPU, EACH, " rows=64 columns=32" },
    { ALX_GEMM_CLBLAST, ON_ANY, EACH, "" },
};

static bool way_fits(const way *w, const alx_device *dev, alx_pass pass)
{
    const unsigned device = alx_ops_is_cpu(dev) ? ON_CPU : ON_GPU;

    return (w->devices & device) != 0 && (w->passes & (1u << pass)) != 0;
}

static void way_write(char out[ALX_CHOICE_BYTES], const char *algo, const way *w)
{
    snprintf(out, ALX_CHOICE_BYTES, "%s%s", algo, w->params);
}

size_t alx_op_conv2d_ways(char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES], const alx_device *dev,
                          alx_pass pass, alx_shape in, alx_shape out, const alx_conv2d_params *p)
{
    const conv2d_sizes s = alx_conv2d_sizes(in, out, p);
    const bool winograd = alx_winograd_pays(pass, &s);
    size_t count = 0;

    for (size_t i = 0; i < ALX_COUNT(conv_ways) && count < ALX_MAX_WAYS; ++i) {
        const way *w = &conv_ways[i];

        if (!way_fits(w, dev, pass) || (w->algo == ALX_CONV_WINOGRAD && !winograd) ||
            (w->algo == ALX_CONV_TILE_WINOGRAD && !alx_conv2d_tile_winograd_pays(pass, &s)))
            continue;
        if (w->algo == ALX_CONV_VEC && winograd && w->params[0] != '\0')
            continue; /* nothing makes it as fast */
        way_write(ways[count++], alx_conv_algo_name((alx_conv_algo)w->algo), w);
    }
    return count;
}

size_t alx_op_fc_ways(char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES], const alx_device *dev,
                      alx_pass pass)
{
    size_t count = 0;

    for (size_t i = 0; i < ALX_COUNT(gemm_ways) && count < ALX_MAX_WAYS; ++i)
        if (way_fits(&gemm_ways[i], dev, pass))
            way_write(ways[count++], alx_gemm_algo_name((alx_gemm_algo)gemm_ways[i].algo),
                      &gemm_ways[i]);
    return count;
}
