/* hash.c - XXH3's 128-bit hash behind our own names. */
#include "base/hash.h"

#include <stdio.h>
#include <xxhash.h>

#include "base/try.h"

int base_hash_create(base_hash **out)
{
    XXH3_state_t *state = XXH3_createState();

    *out = NULL;
    if (state == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a hash");
    XXH3_128bits_reset(state);
    *out = (base_hash *)state;
    return 0;
}

void base_hash_update(base_hash *hash, const void *data, size_t bytes)
{
    XXH3_128bits_update((XXH3_state_t *)hash, data, bytes);
}

void base_hash_hex(const base_hash *hash, char hex[33])
{
    const XXH128_hash_t digest = XXH3_128bits_digest((const XXH3_state_t *)hash);

    snprintf(hex, 33, "%016llx%016llx", (unsigned long long)digest.high64,
             (unsigned long long)digest.low64);
}

void base_hash_free(base_hash *hash)
{
    XXH3_freeState((XXH3_state_t *)hash);
}

int base_hash_bytes(char hex[33], const void *data, size_t bytes)
{
    base_hash *hash = NULL;

    TRY(base_hash_create(&hash));
    base_hash_update(hash, data, bytes);
    base_hash_hex(hash, hex);
    base_hash_free(hash);
    return 0;
}
