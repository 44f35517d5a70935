/* fuzz_statistics.c - the cache's file of statistics, with the hash that it should have. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "data/statistics/cache.h"

enum { SIDE = 2, HEX = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *file = malloc(bytes + HEX + 1);
    alx_statistics statistics = { 0 };
    base_hash *hash = NULL;

    fuzz_expect(file != NULL && base_hash_create(&hash) == 0, "there is memory");
    memcpy(file, data, bytes);
    base_hash_update(hash, data, bytes);
    base_hash_hex(hash, (char *)file + bytes);
    base_hash_free(hash);
    data_statistics_read(&statistics, fuzz_write("statistics", file, bytes + HEX), SIDE, 1);
    alx_statistics_free(&statistics);
    free(file);
    return 0;
}
