/* fuzz_pth.c - files of weights that PyTorch writes. */
#include "fuzz.h"
#include "fuzz_weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_weights(fuzz_write("weights.pth", data, bytes));
    return 0;
}
