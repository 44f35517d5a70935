/* ways.c - the ways to compute a pass that `alexnet tune` measures: those of the table that rows
 * are checked with, without what does not pay for the sizes at hand. */
#include "ops/choose/choose.h"
#include "ops/conv/winograd.h"

#include <stdio.h>

/* Whether a way is this algorithm; then `*params` are its parameters. */
static bool way_is(const char **params, const char *way, alx_conv_algo algo)
{
    return ops_choice_is(params, way, alx_conv_algo_name(algo));
}

size_t alx_op_conv2d_ways(char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES], const alx_device *dev,
                          alx_pass pass, alx_shape in, alx_shape out, const alx_conv2d_params *p)
{
    const conv2d_sizes s = ops_conv2d_sizes(in, out, p);
    const bool winograd = ops_winograd_pays(pass, &s);
    const bool tile_winograd = ops_conv2d_tile_winograd_pays(pass, &s);
    const char *all[ALX_MAX_WAYS], *params;
    char problem[ALX_PROBLEM_BYTES];
    size_t count = 0;

    alx_op_conv2d_problem(problem, pass, in, out, p);
    const size_t all_count = ops_ways(all, problem, alx_device_get_info(dev));

    for (size_t i = 0; i < all_count; ++i) {
        if ((way_is(&params, all[i], ALX_CONV_WINOGRAD) && !winograd) ||
            (way_is(&params, all[i], ALX_CONV_TILE_WINOGRAD) && !tile_winograd))
            continue;
        if (way_is(&params, all[i], ALX_CONV_VEC) && winograd && params[0] != '\0')
            continue; /* nothing makes it as fast */
        snprintf(ways[count++], ALX_CHOICE_BYTES, "%s", all[i]);
    }
    return count;
}

size_t alx_op_fc_ways(char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES], const alx_device *dev,
                      alx_pass pass)
{
    const char *all[ALX_MAX_WAYS];
    char problem[ALX_PROBLEM_BYTES];

    alx_op_fc_problem(problem, pass, 1, 1);
    const size_t count = ops_ways(all, problem, alx_device_get_info(dev));

    for (size_t i = 0; i < count; ++i)
        snprintf(ways[i], ALX_CHOICE_BYTES, "%s", all[i]);
    return count;
}
