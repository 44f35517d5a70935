/* fuzz_checkpoint.c - checkpoints with the checksum that they should have: else all would be
 * refused for that alone. */
#include "fuzz.h"

#include "base/try.h"
#include "train/checkpoint/checkpoint.h"

/* What the reader sees of the file must not change on the way: the order of tensors does, if types
 * are mixed, so the checksum is of what was written. */
static int write_again(const char *path, const alx_safetensors *file, const char *checksum)
{
    alx_safetensors_writer *writer = NULL;
    int rc = 0;

    TRY_DONE(alx_safetensors_writer_create(&writer));
    for (size_t i = 0; i < alx_safetensors_count(file); ++i) {
        const alx_st_tensor *t = alx_safetensors_at(file, i);

        TRY_DONE(
            alx_safetensors_writer_add(writer, t->name, t->dtype, t->dims, t->dim_count, t->data));
    }
    for (int key = 0; key < KEY_COUNT; ++key) {
        const char *text = alx_safetensors_metadata(file, train_checkpoint_keys[key]);

        if (text != NULL)
            TRY_DONE(alx_safetensors_writer_metadata(writer, train_checkpoint_keys[key], text));
    }
    TRY_DONE(alx_safetensors_writer_metadata(writer, CHECKPOINT_CHECKSUM, checksum));
    TRY_DONE(alx_safetensors_writer_write(writer, path));
done:
    alx_safetensors_writer_free(writer);
    return rc;
}

static int set_checksum_right(const char *path, const uint8_t *data, size_t bytes)
{
    alx_safetensors *first = NULL, *sorted = NULL;
    char checksum[33];
    int rc = 0;

    TRY_DONE(alx_safetensors_parse(&first, data, bytes, path));
    TRY_DONE(write_again(path, first, ""));
    TRY_DONE(alx_safetensors_open(&sorted, path));
    TRY_DONE(train_checkpoint_checksum(checksum, sorted));
    TRY_DONE(write_again(path, sorted, checksum));
done:
    alx_safetensors_close(first);
    alx_safetensors_close(sorted);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *path = fuzz_path("checkpoint");
    alx_checkpoint checkpoint;

    if (set_checksum_right(path, data, bytes) != 0)
        return 0;
    fuzz_expect_named(alx_checkpoint_read(&checkpoint, path), path);
    alx_checkpoint_free(&checkpoint);
    return 0;
}
