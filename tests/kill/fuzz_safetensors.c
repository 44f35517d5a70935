/* fuzz_safetensors.c - files of weights. */
#include "fuzz.h"

#include <string.h>

#include "alexnet/dev/io.h"

static void check_tensor(const alx_safetensors *file, const alx_st_tensor *tensor)
{
    const size_t bytes = tensor->count * alx_dtype_bytes(tensor->dtype);
    const volatile uint8_t *data = tensor->data;

    fuzz_expect(alx_safetensors_find(file, tensor->name) == tensor, "a tensor is found by name");
    if (bytes > 0)
        (void)(data[0] + data[bytes - 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const char name[] = "fuzzed.safetensors";
    alx_safetensors *file = NULL;
    const int rc = alx_safetensors_parse(&file, data, bytes, name);

    fuzz_expect_named(rc, name);
    for (size_t i = 0; rc == 0 && i < alx_safetensors_count(file); ++i)
        check_tensor(file, alx_safetensors_at(file, i));
    alx_safetensors_close(file);
    return 0;
}
