/* batch.h - the input of a dump: a batch of preprocessed images, and the rates of updates. */
#ifndef CHECK_DUMP_BATCH_H
#define CHECK_DUMP_BATCH_H

#include "alexnet/config.h"

typedef struct check_dump_batch {
    int count;
    float *images;   /**< (N,H,W,C), owned */
    int32_t *labels; /**< (N), owned */
} check_dump_batch;

/** Tensors x (N,C,H,W) float32 and y (N) int64 of a safetensors file that fits the network.
 *  @return 0; ALX_E_DATA: not such a file, a tensor is missing or has another shape or type, a
 *  label that the network has no class for; ALX_E_MEMORY */
int check_dump_batch_read(check_dump_batch *out, const char *path,
                          const alx_net_config *net) ALX_MUST_USE;
void check_dump_batch_free(check_dump_batch *batch);

/** Writes `count` rates from a list like "0.01x5,0.001x5"; its last rate goes on, NULL is 0.01.
 *  @return 0; ALX_E_USAGE */
int check_dump_rates(double *rates, int count, const char *list) ALX_MUST_USE;

#endif
