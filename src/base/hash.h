/* hash.h - a running hash. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>

#include "alexnet/status.h"

/** Running 128-bit hash (XXH3); not cryptographic: keys of caches, checksums of files. */
typedef struct base_hash base_hash;

int base_hash_create(base_hash **out) ALX_MUST_USE;
void base_hash_update(base_hash *hash, const void *data, size_t bytes);
/** 32 hexadecimal digits and NUL. */
void base_hash_hex(const base_hash *hash, char hex[33]);
void base_hash_free(base_hash *hash);
/** The digits of what lies in one place. */
int base_hash_bytes(char hex[33], const void *data, size_t bytes) ALX_MUST_USE;

#endif
