/* format.c - names and checksum of a checkpoint, for the writer and the reader. */
#include "train/checkpoint/checkpoint.h"

#include <string.h>

#include "base/try.h"

const char *const train_checkpoint_keys[KEY_COUNT] = {
    [KEY_FORMAT] = "format",
    [KEY_NAME] = "name",
    [KEY_CONFIG] = "config",
    [KEY_STATE] = "state",
};

const checkpoint_statistic train_checkpoint_statistics[CHECKPOINT_STATISTICS] = {
    { "statistics/mean", offsetof(alx_statistics, mean), { 3 }, 1 },
    { "statistics/deviation", offsetof(alx_statistics, deviation), { 3 }, 1 },
    { "statistics/covariance", offsetof(alx_statistics, covariance), { 3, 3 }, 2 },
    { "statistics/eigenvalues", offsetof(alx_statistics, eigenvalues), { 3 }, 1 },
    { "statistics/eigenvectors", offsetof(alx_statistics, eigenvectors), { 3, 3 }, 2 },
};

/* With its end, so that no two sequences of texts hash alike. */
void train_checkpoint_hash_text(base_hash *hash, const char *text)
{
    base_hash_update(hash, text, strlen(text) + 1);
}

void train_checkpoint_hash_head(base_hash *hash, const alx_st_tensor *tensor)
{
    const int32_t dtype = (int32_t)tensor->dtype;

    train_checkpoint_hash_text(hash, tensor->name);
    base_hash_update(hash, &dtype, sizeof dtype);
    base_hash_update(hash, tensor->dims, (size_t)tensor->dim_count * sizeof *tensor->dims);
}

void train_checkpoint_hash_data(base_hash *hash, const alx_st_tensor *tensor, const void *data,
                                size_t count)
{
    base_hash_update(hash, data, count * alx_dtype_bytes(tensor->dtype));
}

bool train_checkpoint_is(const alx_safetensors *file)
{
    const char *format = alx_safetensors_metadata(file, train_checkpoint_keys[KEY_FORMAT]);

    return format != NULL && strncmp(format, CHECKPOINT_FORMAT, strlen(CHECKPOINT_FORMAT)) == 0;
}

/* Safetensors that cannot be read are called damaged checkpoints. */
bool train_checkpoint_begins(const char *path)
{
    alx_safetensors *file = NULL;

    if (!alx_safetensors_begins(path))
        return false;
    const bool is = alx_safetensors_open(&file, path) != 0 || train_checkpoint_is(file);

    alx_safetensors_close(file);
    return is;
}

#define PIECE 8192 /* elements */

static int hash_tensor(base_hash *hash, const alx_safetensors *file, const alx_st_tensor *tensor)
{
    double piece[PIECE]; /* of the widest type */
    size_t now = 0;

    train_checkpoint_hash_head(hash, tensor);
    for (size_t done = 0; done < tensor->count; done += now) {
        now = tensor->count - done < PIECE ? tensor->count - done : PIECE;
        TRY(alx_safetensors_copy(piece, file, tensor, done, now));
        train_checkpoint_hash_data(hash, tensor, piece, now);
    }
    return 0;
}

int train_checkpoint_checksum(char checksum[33], const alx_safetensors *file)
{
    base_hash *hash = NULL;
    int rc = 0;

    TRY_DONE(base_hash_create(&hash));
    for (size_t i = 0; i < alx_safetensors_count(file); ++i)
        TRY_DONE(hash_tensor(hash, file, alx_safetensors_at(file, i)));
    for (int key = 0; key < KEY_COUNT; ++key) {
        const char *text = alx_safetensors_metadata(file, train_checkpoint_keys[key]);

        train_checkpoint_hash_text(hash, text != NULL ? text : "");
    }
    base_hash_hex(hash, checksum);
done:
    base_hash_free(hash);
    return rc;
}

int train_checkpoint_verify(const alx_safetensors *file, const char *path)
{
    const char *format = alx_safetensors_metadata(file, train_checkpoint_keys[KEY_FORMAT]);
    const char *stored = alx_safetensors_metadata(file, CHECKPOINT_CHECKSUM);
    char checksum[33];

    if (!train_checkpoint_is(file))
        return alx_fail(ALX_E_DATA, "%s: not a checkpoint of this program", path);
    if (strcmp(format, CHECKPOINT_VERSION) != 0)
        return alx_fail(ALX_E_DATA, "%s: of format '%.64s', this program reads '%s'", path, format,
                        CHECKPOINT_VERSION);
    TRY(train_checkpoint_checksum(checksum, file));
    if (stored == NULL || strcmp(stored, checksum) != 0)
        return alx_fail(ALX_E_DATA, "%s: damaged: its checksum is wrong", path);
    return 0;
}
