/* test_cifar.c - CIFAR-10's binary files. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/data.h"
#include "support/folder.h"

#define RECORD_BYTES 3073

static test_folder root;

static int setup(void **state)
{
    (void)state;
    root = test_folder_create();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_folder_remove(&root);
    return 0;
}

/* A file of two records: pixel i of channel c is (i + c * 50 + shade) % 256. */
static void write_records(const char *name, uint8_t label, int shade)
{
    uint8_t records[2 * RECORD_BYTES];

    for (int r = 0; r < 2; ++r) {
        records[r * RECORD_BYTES] = label;
        for (int c = 0; c < 3; ++c)
            for (int i = 0; i < 1024; ++i)
                records[r * RECORD_BYTES + 1 + c * 1024 + i] = (uint8_t)(i + c * 50 + shade + r);
    }
    test_folder_write_bytes(&root, name, records, sizeof records);
}

static void write_all(const char *folder)
{
    char name[128];

    for (int i = 1; i <= 5; ++i) {
        snprintf(name, sizeof name, "%s/data_batch_%d.bin", folder, i);
        write_records(name, (uint8_t)(i % 3), i * 10);
    }
    snprintf(name, sizeof name, "%s/test_batch.bin", folder);
    write_records(name, 2, 99);
    snprintf(name, sizeof name, "%s/batches.meta.txt", folder);
    test_folder_write_bytes(&root, name, "zebra\r\nant\nbee\n\n\n", 17);
}

static void records_become_images(void **state)
{
    static const char *const places[] = { "flat", "archive/cifar-10-batches-bin" };

    (void)state;
    for (size_t k = 0; k < ALX_COUNT(places); ++k) {
        alx_dataset *set = NULL;
        uint8_t rgb[32 * 32 * 3];
        char name[512];

        write_all(places[k]);
        assert_ok(alx_dataset_open(&set, test_folder_path(&root, k == 0 ? "flat" : "archive"),
                                   ALX_SPLIT_TRAIN));
        assert_int_equal(alx_dataset_count(set), 10);
        assert_int_equal(alx_dataset_classes(set), 3);
        assert_string_equal(alx_dataset_class_name(set, 0), "zebra"); /* not sorted */
        assert_true(alx_dataset_has_split(set, ALX_SPLIT_TEST));
        assert_int_equal(alx_dataset_label(set, 3), 2);
        alx_dataset_image_name(set, 3, name, sizeof name);
        assert_non_null(strstr(name, "/data_batch_2.bin[1]"));
        assert_ok(alx_dataset_load(set, 3, 32, rgb));
        assert_int_equal(rgb[0], 21);
        assert_int_equal(rgb[33 * 3 + 2], 33 + 100 + 21); /* second row, second pixel, blue */
        assert_ok(alx_dataset_load(set, 3, 16, rgb));
        alx_dataset_close(set);
        assert_ok(alx_dataset_open(&set, test_folder_path(&root, k == 0 ? "flat/" : "archive/"),
                                   ALX_SPLIT_TEST));
        assert_int_equal(alx_dataset_count(set), 2);
        alx_dataset_close(set);
    }
}

static void assert_refused(const char *message)
{
    alx_dataset *set = NULL;

    assert_int_equal(alx_dataset_open(&set, test_folder_path(&root, "flat"), ALX_SPLIT_TRAIN),
                     ALX_E_DATA);
    assert_null(set);
    if (strstr(alx_status_text(ALX_E_DATA), message) == NULL)
        fail_msg("%s", alx_status_text(ALX_E_DATA));
}

static void bad_files_are_named(void **state)
{
    (void)state;
    write_all("flat");
    test_folder_write_bytes(&root, "flat/data_batch_4.bin", "short", 5);
    assert_refused("data_batch_4.bin: 5 bytes are not whole records of 3073");
    write_all("flat");
    write_records("flat/data_batch_2.bin", 3, 0);
    assert_refused("data_batch_2.bin[0]: label 3, but batches.meta.txt names 3 classes");
    assert_int_equal(unlink(test_folder_path(&root, "flat/data_batch_2.bin")), 0);
    assert_refused("data_batch_2.bin: cannot be read");
    write_all("flat");
    assert_int_equal(unlink(test_folder_path(&root, "flat/batches.meta.txt")), 0);
    assert_refused("/flat/batches.meta.txt: cannot be read");
}

/* Names and sizes are always the same: only the contents tell two such sets apart. */
static void fingerprint_is_of_the_contents(void **state)
{
    char before[33];
    alx_dataset *set = NULL;

    (void)state;
    write_all("flat");
    assert_ok(alx_dataset_open(&set, test_folder_path(&root, "flat"), ALX_SPLIT_TRAIN));
    memcpy(before, alx_dataset_fingerprint(set), sizeof before);
    alx_dataset_close(set);
    write_records("flat/data_batch_2.bin", 0, 7);
    assert_ok(alx_dataset_open(&set, test_folder_path(&root, "flat"), ALX_SPLIT_TRAIN));
    assert_string_not_equal(alx_dataset_fingerprint(set), before);
    alx_dataset_close(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_become_images),
        cmocka_unit_test(bad_files_are_named),
        cmocka_unit_test(fingerprint_is_of_the_contents),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
