/* choose.c - the one place where operations look up tuning rows. */
#include "ops/choose/choose.h"

#include <string.h>

bool ops_choice_is(const char **params, const char *choice, const char *name)
{
    const size_t length = strlen(name);

    *params = choice + length;
    return strncmp(choice, name, length) == 0 && (**params == ' ' || **params == '\0');
}

alx_conv_algo ops_tuned_conv(const char **params, const alx_device *dev, const char *problem,
                             int batch)
{
    const alx_tuning_row *row = alx_tuning_find(alx_device_tuning(dev), problem, batch);

    for (int algo = ALX_CONV_AUTO + 1; row != NULL && algo < (int)ALX_CONV_TUNED; ++algo)
        if (ops_choice_is(params, row->choice, alx_conv_algo_name((alx_conv_algo)algo)))
            return (alx_conv_algo)algo;
    *params = "";
    return ops_default_algorithms(dev, false).conv;
}

alx_gemm_algo ops_tuned_gemm(const char **params, const alx_device *dev, const char *problem,
                             int batch)
{
    const alx_tuning_row *row = alx_tuning_find(alx_device_tuning(dev), problem, batch);

    for (int algo = ALX_GEMM_AUTO + 1; row != NULL && algo < (int)ALX_GEMM_TUNED; ++algo)
        if (ops_choice_is(params, row->choice, alx_gemm_algo_name((alx_gemm_algo)algo)))
            return (alx_gemm_algo)algo;
    *params = "";
    return ops_default_algorithms(dev, false).gemm;
}
