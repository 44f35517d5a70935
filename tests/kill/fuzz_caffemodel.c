/* fuzz_caffemodel.c - Caffe's weights, and its networks as text. */
#include "fuzz.h"
#include "fuzz_weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_weights(fuzz_write("weights.caffemodel", data, bytes));
    return 0;
}
