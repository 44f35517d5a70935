/* fuzz_npz.c - files of weights that NumPy writes. */
#include "fuzz.h"
#include "fuzz_weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_weights(fuzz_write("weights.npz", data, bytes));
    return 0;
}
