/* fuzz_lmdb.c - LMDBs of Datum records, and the index that is kept beside one. */
#include "fuzz_dataset.h"

#include <stdint.h>
#include <stdio.h>

#include "alexnet/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_write("set/data.mdb", data, bytes);
    remove(fuzz_path("set/alexnet-index")); /* the last input's */
    for (int round = 0; round < 2; ++round) /* then with the index that the first one made */
        fuzz_dataset(fuzz_path("set"), ALX_SPLIT_TRAIN, &(alx_dataset_options){ 0 });
    return 0;
}
