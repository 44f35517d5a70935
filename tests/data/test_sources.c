/* test_sources.c - the same order and the same bits from a folder, a tar and a database, whatever
 * the number of threads, and from any place of any epoch. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "alexnet/data.h"
#include "alexnet/log.h"
#include "base/hash.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/tar.h"

#define IMAGES 37
#define SIZE 12

static test_folder root;

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    root = test_folder_create();
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_folder_remove(&root);
    return 0;
}

static void write_sources(void)
{
    test_tar *tar = test_tar_open(test_folder_path(&root, "set.tar"));
    alx_pack_result result;
    const alx_pack_options options = { .size = SIZE, .threads = 2 };
    const alx_dataset *sets[2] = { NULL, NULL };
    alx_dataset *folder = NULL;

    for (int i = 0; i < IMAGES; ++i) {
        uint8_t rgb[SIZE * SIZE * 3];
        char name[64];

        for (int k = 0; k < SIZE * SIZE * 3; ++k)
            rgb[k] = (uint8_t)(k * k + i * 7 + k / 5);
        test_file image = test_jpeg(rgb, SIZE, SIZE, 3, JCS_RGB, &(test_jpeg_options){ 0 });

        snprintf(name, sizeof name, "set/%c/%02d.jpg", 'a' + i % 3, i);
        test_folder_write_bytes(&root, name, image.bytes, image.count);
        test_tar_add(tar, name, image.bytes, image.count);
        free(image.bytes);
    }
    test_tar_close(tar);
    assert_ok(alx_dataset_open(&folder, test_folder_path(&root, "set"), ALX_SPLIT_TRAIN));
    sets[0] = folder;
    assert_ok(alx_pack(&result, test_folder_path(&root, "set-db"), sets, &options));
    alx_dataset_close(folder);
}

/* Hash of all that the batches from `first` (of 5 images) to the end of the third epoch hold. */
static void batches_hash(char hex[33], const char *name, int threads, size_t epoch, size_t first)
{
    const alx_data_config config = { .random_crop = true, .mirror = true };
    const alx_loader_options options = {
        .batch = 5,
        .size = SIZE,
        .crop_height = 9,
        .crop_width = 9,
        .threads = threads,
        .prefetch = 3,
        .shuffle = true,
        .augment = true,
        .seed = 7,
        .config = &config,
    };
    alx_dataset *set = NULL;
    alx_subset train, validation;
    alx_loader *loader = NULL;
    base_hash *hash = NULL;
    alx_batch b = { .epoch = 0 };

    assert_ok(alx_dataset_open(&set, test_folder_path(&root, name), ALX_SPLIT_TRAIN));
    assert_ok(alx_dataset_split(&train, &validation, set, 0.1, 3));
    assert_ok(base_hash_create(&hash));
    assert_ok(alx_loader_create(&loader, set, &train, &options, epoch, first));
    do {
        assert_ok(alx_loader_next(loader, &b));
        if (b.epoch > 1 || (b.epoch == 1 && b.first >= 10)) {
            base_hash_update(hash, b.images, (size_t)b.count * SIZE * SIZE * 3);
            base_hash_update(hash, b.crops, (size_t)b.count * sizeof *b.crops);
            base_hash_update(hash, b.labels, (size_t)b.count * sizeof *b.labels);
            base_hash_update(hash, b.index, (size_t)b.count * sizeof *b.index);
        }
        alx_loader_release(loader, &b);
    } while (b.epoch < 2 || b.first + (size_t)b.count < train.count);
    base_hash_hex(hash, hex);
    base_hash_free(hash);
    alx_loader_free(loader);
    alx_subset_free(&train);
    alx_subset_free(&validation);
    alx_dataset_close(set);
}

static void same_bits_from_every_source(void **state)
{
    static const char *const names[] = { "set", "set.tar", "set-db" };
    char want[33], got[33];

    (void)state;
    write_sources();
    batches_hash(want, "set", 1, 0, 0);
    for (size_t n = 0; n < ALX_COUNT(names); ++n)
        for (int threads = 1; threads <= 4; threads *= 2) {
            batches_hash(got, names[n], threads, 0, 0);
            assert_string_equal(got, want);
            batches_hash(got, names[n], threads, 1, 10); /* as after a resume */
            assert_string_equal(got, want);
        }
    batches_hash(got, "set", 1, 1, 15); /* and what is compared does depend on it */
    assert_string_not_equal(got, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_from_every_source),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
