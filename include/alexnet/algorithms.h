/* algorithms.h - how convolutions and fully connected layers are computed. */
#ifndef ALEXNET_ALGORITHMS_H
#define ALEXNET_ALGORITHMS_H

#include <stdbool.h>

#include "alexnet/device.h"

ALX_BEGIN_DECLS

typedef enum {
    ALX_CONV_AUTO,     /**< tuned where the device has rows (not if exact); else by device: winograd
                            (vec if exact) on CPU devices, tile-winograd (tile if exact) on GPUs,
                            im2col elsewhere */
    ALX_CONV_IM2COL,   /**< im2col + CLBlast */
    ALX_CONV_VEC,      /**< our implicit GEMM for CPU devices (work-group size 1, float16) */
    ALX_CONV_WINOGRAD, /**< fewer multiplications, for CPU devices; vec where that does not pay */
    ALX_CONV_TILE,     /**< our implicit GEMM for GPUs (blocks in local memory) */
    ALX_CONV_TILE_WINOGRAD, /**< fewer multiplications, for GPUs; tile where that does not pay */
    ALX_CONV_TUNED,         /**< by pass and shape as the device's rows say, else by device */
} alx_conv_algo;

typedef enum {
    ALX_GEMM_AUTO, /**< tuned where the device has rows; else by device: vec on CPU devices,
                            tile on GPUs, CLBlast elsewhere */
    ALX_GEMM_CLBLAST,
    ALX_GEMM_VEC,
    ALX_GEMM_TILE,  /**< our kernels for GPUs (blocks in local memory) */
    ALX_GEMM_TUNED, /**< by pass and shape as the device's rows say, else by device */
} alx_gemm_algo;

/** The user's choice (--conv-algo, --gemm); AUTO is resolved by alx_algorithms_resolve. */
typedef struct alx_algorithms {
    alx_conv_algo conv;
    alx_gemm_algo gemm;
    bool exact; /**< AUTO never becomes WINOGRAD, whose errors are ten times larger, nor TUNED
                     (--exact) */
} alx_algorithms;

/** Tuning rows of a device: what `alexnet tune` has measured on it, and what comes with the
 *  program. */
typedef struct alx_rows alx_rows;

/** @param path  where `alexnet tune` has written; NULL = $ALEXNET_TUNING, else the cache folder;
 *               "off": no rows at all */
int alx_rows_of_device(alx_rows **out, const alx_device_info *info, const char *path) ALX_MUST_USE;
void alx_rows_close(alx_rows *rows);

/** Replaces AUTO: TUNED where there are rows (NULL: none), or what this kind of device usually runs
 *  fastest. */
alx_algorithms alx_algorithms_resolve(alx_algorithms choice, const alx_device *dev,
                                      const alx_rows *rows);
/** Whether --exact allows it; AUTO becomes one that it does. */
bool alx_conv_algo_is_exact(alx_conv_algo algo);
/** "im2col", "vec", ...: the flag's value. */
const char *alx_conv_algo_name(alx_conv_algo algo);
const char *alx_gemm_algo_name(alx_gemm_algo algo);
/** From the flag's value; ALX_E_USAGE lists what exists. */
int alx_conv_algo_parse(alx_conv_algo *out, const char *text) ALX_MUST_USE;
int alx_gemm_algo_parse(alx_gemm_algo *out, const char *text) ALX_MUST_USE;

ALX_END_DECLS

#endif
