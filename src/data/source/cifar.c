/* cifar.c - CIFAR-10's binary files, held in memory: records of a label and 3 planes of 32 x 32. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/try.h"
#include "data/classes.h"
#include "data/source/source.h"

#define CIFAR_SIDE 32
#define CIFAR_PIXELS (CIFAR_SIDE * CIFAR_SIDE)
#define CIFAR_RECORD_BYTES (1 + 3 * CIFAR_PIXELS)
#define CIFAR_FOLDER "cifar-10-batches-bin"

static const char *const cifar_files[2][6] = {
    [ALX_SPLIT_TRAIN] = { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                          "data_batch_4.bin", "data_batch_5.bin", NULL },
    [ALX_SPLIT_TEST] = { "test_batch.bin", NULL },
};

/* True if folder/within/file is there. */
static bool cifar_has(const char *folder, const char *within, const char *file)
{
    char path[DATA_PATH_BYTES];
    const int length = snprintf(path, sizeof path, "%s/%s%s", folder, within, file);

    return length > 0 && (size_t)length < sizeof path && base_file_exists(path);
}

/* The folder below `path` with the files: "" or the archive's own; NULL if there are none. */
static const char *cifar_within(const char *path)
{
    static const char *const places[] = { "", CIFAR_FOLDER "/" };

    for (size_t i = 0; i < ALX_COUNT(places); ++i)
        if (cifar_has(path, places[i], cifar_files[ALX_SPLIT_TRAIN][0]) ||
            cifar_has(path, places[i], cifar_files[ALX_SPLIT_TEST][0]))
            return places[i];
    return NULL;
}

bool data_cifar_is(const char *path)
{
    return cifar_within(path) != NULL;
}

static void cifar_path(char path[DATA_PATH_BYTES], const alx_dataset *set, const char *within,
                       const char *file)
{
    snprintf(path, DATA_PATH_BYTES, "%s/%s%s", set->path, within, file);
}

/* Appends a file's records to set->memory and set->items. */
static int cifar_add_records(alx_dataset *set, const char *file, const char *data, size_t bytes)
{
    const size_t records = bytes / CIFAR_RECORD_BYTES, have = set->count;
    char name[64];

    if (records == 0 || bytes % CIFAR_RECORD_BYTES != 0)
        return alx_fail(ALX_E_DATA, "%s/%s: %zu bytes are not whole records of %d", set->path, file,
                        bytes, CIFAR_RECORD_BYTES);
    uint8_t *memory = realloc(set->memory, (have + records) * CIFAR_RECORD_BYTES);

    if (memory == NULL)
        return alx_fail(ALX_E_MEMORY, "%s/%s: out of host memory", set->path, file);
    set->memory = memory;
    memcpy(memory + have * CIFAR_RECORD_BYTES, data, bytes);
    data_item *items = realloc(set->items, (have + records) * sizeof *items);

    if (items == NULL)
        return alx_fail(ALX_E_MEMORY, "%s/%s: out of host memory", set->path, file);
    set->items = items;
    for (size_t i = 0; i < records; ++i) {
        const uint64_t offset = (have + i) * CIFAR_RECORD_BYTES;
        const int label = memory[offset];

        snprintf(name, sizeof name, "%s[%zu]", file, i);
        if (label >= set->class_count)
            return alx_fail(ALX_E_DATA, "%s/%s: label %d, but batches.meta.txt names %d classes",
                            set->path, name, label, set->class_count);
        items[have + i] = (data_item){
            .path = strdup(name), .offset = offset, .bytes = CIFAR_RECORD_BYTES, .label = label
        };
        if (items[have + i].path == NULL)
            return alx_fail(ALX_E_MEMORY, "%s/%s: out of host memory", set->path, file);
        ++set->count;
    }
    return 0;
}

static int cifar_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb)
{
    const uint8_t *planes = set->memory + set->items[index].offset + 1; /* after the label */
    uint8_t pixels[CIFAR_PIXELS * 3];
    const alx_image image = { .width = CIFAR_SIDE, .height = CIFAR_SIDE, .rgb = pixels };

    for (int i = 0; i < CIFAR_PIXELS; ++i)
        for (int c = 0; c < 3; ++c)
            pixels[i * 3 + c] = planes[c * CIFAR_PIXELS + i];
    return alx_image_resize_crop(rgb, &image, size);
}

static const data_source cifar_source = { .separator = '/', .load = cifar_load };

int data_cifar_open(alx_dataset *set, alx_split split)
{
    const char *within = cifar_within(set->path);
    base_hash *hash = NULL;
    char path[DATA_PATH_BYTES], *data = NULL;
    size_t bytes = 0;
    int rc = 0;

    set->source = &cifar_source;
    for (int i = 0; i < 2; ++i)
        set->has_split[i] = cifar_has(set->path, within, cifar_files[i][0]);
    TRY_DONE(base_hash_create(&hash));
    cifar_path(path, set, within, "batches.meta.txt");
    TRY_DONE(data_classes_read(set, path));
    for (const char *const *file = cifar_files[split]; *file != NULL; ++file) {
        cifar_path(path, set, within, *file);
        TRY_DONE(base_file_read(&data, &bytes, path));
        TRY_DONE(cifar_add_records(set, *file, data, bytes));
        base_hash_update(hash, data, bytes); /* sizes would not tell sets apart */
        free(data);
        data = NULL;
    }
    base_hash_hex(hash, set->fingerprint);
done:
    free(data);
    base_hash_free(hash);
    return rc;
}
