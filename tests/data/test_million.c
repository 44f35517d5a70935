/* test_million.c - a million records: what is scanned, and how much memory a shuffled loader needs
 * beyond the page cache. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alexnet/data.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/lmdb.h"

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

/* Opens, and reads ten batches of a shuffled epoch. */
static void use_million(const char *path)
{
    const alx_loader_options options = { .batch = 128,
                                         .size = 1,
                                         .crop_height = 1,
                                         .crop_width = 1,
                                         .threads = 2,
                                         .prefetch = 2,
                                         .shuffle = true,
                                         .seed = 1 };
    const double before = anonymous_bytes();
    alx_dataset *set = NULL;
    alx_subset all;
    alx_loader *loader = NULL;
    alx_batch batch;

    assert_ok(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
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
    assert_true(anonymous_bytes() - before < 100.0 * MEGABYTE);
    alx_loader_free(loader);
    alx_subset_free(&all);
    alx_dataset_close(set);
}

/* When the index of a database was written. */
static struct timespec index_time(const char *path)
{
    struct stat status;
    char name[4096];

    snprintf(name, sizeof name, "%s/alexnet-index", path);
    assert_int_equal(stat(name, &status), 0);
    return status.st_mtim;
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
    use_million(test_folder_path(&root, "ours"));
    assert_false(base_file_exists(test_folder_path(&root, "ours/alexnet-index")));
}

static void other_keys_are_scanned_once(void **state)
{
    (void)state;
    write_million("foreign", "n01440764/%d_n01440764_10026.JPEG"); /* not in the order of numbers */
    const char *path = test_folder_path(&root, "foreign");
    struct timespec written[2];

    for (int again = 0; again < 2; ++again) {
        const double before = anonymous_bytes();
        alx_dataset *set = NULL;

        assert_ok(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
        assert_int_equal(alx_dataset_count(set), MILLION);
        assert_int_equal(alx_dataset_classes(set), 1000);
        assert_true(anonymous_bytes() - before < 100.0 * MEGABYTE);
        alx_dataset_close(set);
        written[again] = index_time(path);
    }
    assert_memory_equal(&written[0], &written[1], sizeof written[0]);
}

static void million_without_class_names(void **state)
{
    (void)state;
    assert_int_equal(remove(test_folder_path(&root, "ours/classes.txt")), 0);
    use_million(test_folder_path(&root, "ours"));
    const struct timespec written = index_time(test_folder_path(&root, "ours"));

    use_million(test_folder_path(&root, "ours"));
    const struct timespec again = index_time(test_folder_path(&root, "ours"));

    assert_memory_equal(&written, &again, sizeof written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbered_keys_need_no_scan),
        cmocka_unit_test(other_keys_are_scanned_once),
        cmocka_unit_test(million_without_class_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
