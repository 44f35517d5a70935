/* fuzz_npy.c - NumPy's files. */
#include "fuzz.h"

#include "alexnet/dev/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *path = fuzz_write("array.npy", data, bytes);
    alx_npy npy;
    const int rc = alx_npy_read(&npy, path);

    fuzz_expect_named(rc, path);
    if (rc == 0 && npy.rows > 0) {
        const volatile float *numbers = npy.data;

        (void)(numbers[0] + numbers[npy.rows * npy.columns - 1]);
    }
    alx_npy_free(&npy);
    return 0;
}
