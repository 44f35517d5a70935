/* fuzz_onnx.c - ONNX models. What they have beside them, if they ask for "x", is 64 bytes. */
#include "fuzz.h"
#include "fuzz_weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const uint8_t beside[64] = { 0 };

    (void)fuzz_write("x", beside, sizeof beside);
    fuzz_weights(fuzz_write("weights.onnx", data, bytes));
    return 0;
}
