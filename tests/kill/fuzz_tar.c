/* fuzz_tar.c - data sets in a tar, plain or compressed. */
#include "fuzz_dataset.h"

#include <stddef.h>
#include <stdint.h>

#include "alexnet/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *path = fuzz_write("set.tar", data, bytes);

    fuzz_dataset(path, ALX_SPLIT_TRAIN, &(alx_dataset_options){ 0 });
    fuzz_dataset(path, ALX_SPLIT_TEST, &(alx_dataset_options){ 0 });
    return 0;
}
