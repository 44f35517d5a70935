/* fuzz_cifar.c - CIFAR-10's binary files. The input: names of classes, after a byte 0 records. */
#include "fuzz_dataset.h"

#include <stddef.h>
#include <stdint.h>

#include "alexnet/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const fuzz_part names = fuzz_next_part(&data, &bytes);

    fuzz_write("set/batches.meta.txt", names.data, names.bytes);
    fuzz_write("set/test_batch.bin", data, bytes);
    fuzz_dataset(fuzz_path("set"), ALX_SPLIT_TEST, &(alx_dataset_options){ 0 });
    return 0;
}
