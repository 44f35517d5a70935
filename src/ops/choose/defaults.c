/* defaults.c - what AUTO stands for. */
#include "ops/choose/choose.h"

#include "ops/gemm/block.h"

/* GPUs, by arithmetic, not measured: im2col moves 100 MB per image, for which a GPU of 200 GB/s
 * needs as long as for all products; CLBlast has no parameters for newer GPUs, and on large ones it
 * takes its slower kernel for all of AlexNet's products. */
alx_algorithms ops_default_algorithms(const alx_device *dev, bool exact)
{
    if (alx_device_get_info(dev)->type == ALX_DEVICE_GPU && ops_block_fits(dev))
        return (alx_algorithms){ exact ? ALX_CONV_TILE : ALX_CONV_TILE_WINOGRAD, ALX_GEMM_TILE,
                                 exact };
    if (!ops_is_cpu(dev))
        return (alx_algorithms){ ALX_CONV_IM2COL, ALX_GEMM_CLBLAST, exact };
    return (alx_algorithms){ exact ? ALX_CONV_VEC : ALX_CONV_WINOGRAD, ALX_GEMM_VEC, exact };
}

alx_algorithms alx_algorithms_resolve(alx_algorithms choice, const alx_device *dev,
                                      const alx_rows *rows)
{
    const alx_algorithms otherwise = ops_default_algorithms(dev, choice.exact);

    if (choice.conv == ALX_CONV_AUTO)
        choice.conv = !choice.exact && alx_rows_cover(rows, "conv2d") ? ALX_CONV_TUNED
                                                                      : otherwise.conv;
    if (choice.gemm == ALX_GEMM_AUTO)
        choice.gemm = alx_rows_cover(rows, "fc") ? ALX_GEMM_TUNED : otherwise.gemm;
    return choice;
}
