/* cache.c - computed statistics in a file: header, mean image, hash over both. A file
 * that is not sound counts as not there. In the byte order of this machine: it never travels. */
#include "data/statistics/cache.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cache_folder.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/hash.h"
#include "data/set.h"

#define HASH_BYTES 32

/** What precedes the mean image. */
typedef struct cache_header {
    char magic[8];
    uint64_t size, images;
    double mean[3], deviation[3], covariance[3][3];
} cache_header;

static const char cache_magic[8] = "alxstat1";

bool data_statistics_path(char *path, size_t path_bytes, const alx_dataset *set,
                          const alx_subset *subset, int size)
{
    char hex[HASH_BYTES + 1], name[64];
    base_hash *hash = NULL;

    if (base_hash_create(&hash) != 0)
        return false;
    base_hash_update(hash, alx_dataset_fingerprint(set), strlen(alx_dataset_fingerprint(set)));
    base_hash_update(hash, &set->modified, sizeof set->modified);
    base_hash_update(hash, subset->index, subset->count * sizeof *subset->index);
    base_hash_update(hash, &size, sizeof size);
    base_hash_hex(hash, hex);
    base_hash_free(hash);
    snprintf(name, sizeof name, "statistics-%s", hex);
    return base_cache_path(path, path_bytes, name);
}

bool data_statistics_read(alx_statistics *out, const char *path, int size, size_t min_images)
{
    const size_t mean_bytes = (size_t)size * (size_t)size * 3 * sizeof *out->mean_image;
    const size_t body_bytes = sizeof(cache_header) + mean_bytes;
    char *data = NULL, hex[HASH_BYTES + 1];
    size_t bytes = 0;
    cache_header header;
    bool sound = false;

    if (!base_file_exists(path) || base_file_read(&data, &bytes, path) != 0)
        return false;
    if (bytes != body_bytes + HASH_BYTES || base_hash_bytes(hex, data, body_bytes) != 0 ||
        memcmp(data + body_bytes, hex, HASH_BYTES) != 0)
        goto done;
    memcpy(&header, data, sizeof header);
    if (memcmp(header.magic, cache_magic, sizeof cache_magic) != 0 ||
        header.size != (uint64_t)size || header.images < min_images ||
        (out->mean_image = malloc(mean_bytes)) == NULL)
        goto done;
    memcpy(out->mean_image, data + sizeof header, mean_bytes);
    memcpy(out->mean, header.mean, sizeof out->mean);
    memcpy(out->deviation, header.deviation, sizeof out->deviation);
    memcpy(out->covariance, header.covariance, sizeof out->covariance);
    out->size = size;
    out->images = (size_t)header.images;
    sound = true;
done:
    free(data);
    return sound;
}

int data_statistics_write(const alx_statistics *statistics, const char *path)
{
    const size_t mean_bytes = (size_t)statistics->size * (size_t)statistics->size * 3 *
                              sizeof *statistics->mean_image;
    const size_t body_bytes = sizeof(cache_header) + mean_bytes;
    char *data = calloc(1, body_bytes + HASH_BYTES + 1);
    cache_header header = { .size = (uint64_t)statistics->size, .images = statistics->images };
    int rc = 0;

    if (data == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    memcpy(header.magic, cache_magic, sizeof header.magic);
    memcpy(header.mean, statistics->mean, sizeof header.mean);
    memcpy(header.deviation, statistics->deviation, sizeof header.deviation);
    memcpy(header.covariance, statistics->covariance, sizeof header.covariance);
    memcpy(data, &header, sizeof header);
    memcpy(data + sizeof header, statistics->mean_image, mean_bytes);
    if (base_hash_bytes(data + body_bytes, data, body_bytes) != 0)
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    else
        rc = base_file_write(path, data, body_bytes + HASH_BYTES);
    free(data);
    return rc;
}
