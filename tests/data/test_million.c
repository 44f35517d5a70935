/* test_million.c - a million records: what opening takes, and how much memory a shuffled loader
 * needs beyond the page cache; the same order and bits from a folder, a tar and a database. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "alexnet/log.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/lmdb.h"
#include "support/tar.h"

#define MILLION 1000000
#define MEGABYTE 1000000.0

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

/* Memory of the process that is no file's. */
static double anonymous_bytes(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    double kib = 0.0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            kib = strtod(line + 8, NULL);
    fclose(file);
    assert_true(kib > 0.0);
    return kib * 1024.0;
}

/* Opens, and reads ten batches of a shuffled epoch; returns the seconds that opening took. */
static double use_million(const char *path)
{
    const alx_loader_options options = { .batch = 128,
                                         .size = 1,
                                         .crop_height = 1,
                                         .crop_width = 1,
                                         .threads = 2,
                                         .prefetch = 2,
                                         .shuffle = true,
                                         .seed = 1 };
    const double before = anonymous_bytes(), start = base_seconds();
    alx_dataset *set = NULL;
    alx_subset all;
    alx_loader *loader = NULL;
    alx_batch batch;

    assert_ok(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
    const double seconds = base_seconds() - start;

    assert_int_equal(alx_dataset_count(set), MILLION);
    assert_ok(alx_subset_all(&all, set));
    assert_ok(alx_loader_create(&loader, set, &all, &options, 3, 128 * 5000));
    for (int n = 0; n < 10; ++n) {
        assert_ok(alx_loader_next(loader, &batch));
        assert_int_equal(batch.first, 128 * (5000 + (size_t)n));
        for (int i = 0; i < batch.count; ++i) {
            assert_int_equal(batch.labels[i], batch.index[i] % 1000);
            assert_int_equal(batch.images[3 * i], batch.index[i] % 251);
        }
        alx_loader_release(loader, &batch);
    }
    const double used = anonymous_bytes() - before;

    print_message("%s: opened in %.3f s, %.1f MB beyond the page cache\n", base_path_base(path),
                  seconds, used / MEGABYTE);
    assert_true(used < 100.0 * MEGABYTE);
    alx_loader_free(loader);
    alx_subset_free(&all);
    alx_dataset_close(set);
    return seconds;
}

static void write_million(const char *name, const char *format)
{
    MDB_txn *txn = test_lmdb_begin(test_folder_path(&root, name));
    char key[64];

    for (int i = 0; i < MILLION; ++i) {
        snprintf(key, sizeof key, format, i);
        test_lmdb_put_pixel(txn, key, (uint8_t)(i % 251), i % 1000);
    }
    test_lmdb_end(txn);
}

static void numbered_keys_need_no_scan(void **state)
{
    char *classes = test_alloc(1000 * 4 + 1), *next = classes;

    (void)state;
    write_million("ours", "%08d_n01440764/n01440764_10026.JPEG");
    for (int i = 0; i < 1000; ++i)
        next += sprintf(next, "%03d\n", i);
    test_folder_write(&root, "ours/classes.txt", classes);
    free(classes);
    assert_true(use_million(test_folder_path(&root, "ours")) < 1.0);
    assert_false(base_file_exists(test_folder_path(&root, "ours/alexnet-index")));
}

static void other_keys_are_scanned_once(void **state)
{
    (void)state;
    write_million("foreign", "n01440764/%d_n01440764_10026.JPEG"); /* not in the order of numbers */
    const char *path = test_folder_path(&root, "foreign");
    double seconds[2];

    for (int again = 0; again < 2; ++again) {
        const double before = anonymous_bytes(), start = base_seconds();
        alx_dataset *set = NULL;

        assert_ok(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
        seconds[again] = base_seconds() - start;
        assert_int_equal(alx_dataset_count(set), MILLION);
        assert_int_equal(alx_dataset_classes(set), 1000);
        const double used = anonymous_bytes() - before;

        print_message("foreign: %s in %.3f s, %.1f MB beyond the page cache\n",
                      again ? "opened" : "scanned", seconds[again], used / MEGABYTE);
        assert_true(used < 100.0 * MEGABYTE);
        alx_dataset_close(set);
    }
    assert_true(base_file_exists(test_folder_path(&root, "foreign/alexnet-index")));
    assert_true(seconds[1] < 1.0 && seconds[1] < seconds[0]);
}

static void million_without_class_names(void **state)
{
    (void)state;
    assert_int_equal(remove(test_folder_path(&root, "ours/classes.txt")), 0);
    use_million(test_folder_path(&root, "ours"));
    assert_true(use_million(test_folder_path(&root, "ours")) < 1.0);
}

/* ---- one order for all sources ------------------------------------------------------------- */

#define IMAGES 37
#define SIZE 12

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
        cmocka_unit_test(numbered_keys_need_no_scan),
        cmocka_unit_test(other_keys_are_scanned_once),
        cmocka_unit_test(million_without_class_names),
        cmocka_unit_test(same_bits_from_every_source),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
