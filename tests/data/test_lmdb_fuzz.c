/* test_lmdb_fuzz.c - a damaged database ends in records or errors that name it, never in a crash
 * (run under AddressSanitizer in CI). */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/rng.h"
#include "support/folder.h"
#include "support/lmdb.h"

#define RECORDS 400
#define PAGE 4096

static test_folder root;
static char *whole;
static size_t whole_bytes;

/* Long keys: a tree of three levels. Every 16th value has pages of its own. */
static void write_database(const char *name, const char *format)
{
    MDB_txn *txn = test_lmdb_begin(test_folder_path(&root, name));
    char key[256], data[3 * PAGE] = { 0 };

    for (int i = 0; i < RECORDS; ++i) {
        snprintf(key, sizeof key, format, i, i);
        if (i % 16 == 15)
            test_lmdb_put(txn, key, data, sizeof data - (size_t)i);
        else
            test_lmdb_put_pixel(txn, key, (uint8_t)i, i % 3);
    }
    test_lmdb_end(txn);
}

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
    free(whole);
    test_folder_remove(&root);
    return 0;
}

/* 1 to 4 bytes, every other one where a page says what it holds. */
static void damage(char *copy, uint32_t round)
{
    uint32_t words[4];

    base_rng_words(words, 1, BASE_RNG_TEST, round, 0);
    const uint32_t changes = words[0] % 4 + 1;

    memcpy(copy, whole, whole_bytes);
    for (uint32_t i = 1; i <= changes; ++i) {
        base_rng_words(words, 1, BASE_RNG_TEST, round, i);
        const size_t page = words[0] % (whole_bytes / PAGE) * PAGE;
        const size_t within = words[1] % (words[2] % 2 == 0 ? 48 : PAGE);

        copy[page + within] = (char)(words[2] % 6 == 0 ? 0xFF : words[3]);
    }
}

static void assert_named(int rc)
{
    assert_int_equal(rc, ALX_E_DATA);
    if (strstr(alx_status_text(rc), root.path) == NULL)
        fail_msg("%s", alx_status_text(rc));
}

/* Everything that a data set is asked; adds what came out to opened, read and refused. */
static void use_database(const char *name, int counts[3])
{
    alx_dataset *set = NULL;
    const int rc = alx_dataset_open(&set, test_folder_path(&root, name), ALX_SPLIT_TRAIN);
    char text[1024];
    uint8_t rgb[3];

    if (rc != 0)
        assert_named(rc);
    counts[0] += rc == 0;
    for (size_t i = 0; rc == 0 && i < alx_dataset_count(set) && i < 2 * RECORDS; ++i) {
        const int loaded = alx_dataset_load(set, i, 1, rgb);

        const int label = alx_dataset_label(set, i);

        if (loaded == 0)
            assert_in_range(label, 0, alx_dataset_classes(set) - 1);
        else
            assert_named(loaded);
        ++counts[loaded == 0 ? 1 : 2];
        alx_dataset_image_name(set, i, text, sizeof text);
    }
    alx_dataset_close(set);
}

static void survives(const char *name, int rounds)
{
    char file[64], index[64], *copy = NULL;
    int counts[3] = { 0 };

    snprintf(file, sizeof file, "%s/data.mdb", name);
    snprintf(index, sizeof index, "%s/alexnet-index", name);
    free(whole);
    assert_ok(base_file_read(&whole, &whole_bytes, test_folder_path(&root, file)));
    copy = test_alloc(whole_bytes);
    for (int round = 0; round < rounds; ++round) {
        damage(copy, (uint32_t)round);
        test_folder_write_bytes(&root, file, copy, whole_bytes);
        remove(test_folder_path(&root, index));
        use_database(name, counts);
    }
    print_message("%s: %d of %d opened, %d records read, %d refused\n", name, counts[0], rounds,
                  counts[1], counts[2]);
    assert_in_range(counts[0], rounds / 10, rounds - 1);
    assert_true(counts[1] > counts[0] * RECORDS / 2);
    assert_true(counts[2] > counts[0] * RECORDS / 16); /* those whose value is no record */
    free(copy);
}

static void numbered_records(void **state)
{
    (void)state;
    write_database("numbers", "%08d_%0190d");
    test_folder_write(&root, "numbers/classes.txt", "a\nb\nc\n");
    survives("numbers", 3000);
}

static void records_that_are_scanned(void **state)
{
    (void)state;
    write_database("names", "n%08d_%0190d");
    survives("names", 300);
}

/* A word or two before the keys: any, a label, one more. Then the hash that is right for it. */
static void forge(char *copy, uint32_t round)
{
    enum { MAGIC = 8, HASH = 32, HEADER = 96 };
    const size_t there = HEADER + RECORDS * (sizeof(uint64_t) + sizeof(int32_t));
    base_hash *hash = NULL;
    uint32_t words[4];
    char hex[HASH + 1];

    memcpy(copy, whole, whole_bytes);
    base_rng_words(words, 1, BASE_RNG_TEST, round, 0);
    for (uint32_t i = 0; i <= round % 2; ++i) {
        const size_t at = (MAGIC + HASH + words[i] % (there - MAGIC - HASH)) / 4 * 4;
        uint32_t value;

        memcpy(&value, copy + at, sizeof value);
        value = (const uint32_t[]){ words[2 + i], words[2 + i] % 3, value + 1 }[round % 3];
        memcpy(copy + at, &value, sizeof value);
    }
    assert_ok(base_hash_create(&hash));
    base_hash_update(hash, copy + MAGIC + HASH, whole_bytes - MAGIC - HASH);
    base_hash_hex(hash, hex);
    base_hash_free(hash);
    memcpy(copy + MAGIC, hex, HASH);
}

static void an_index_of_others(void **state)
{
    const int rounds = 1000;
    int counts[3] = { 0 };
    char *copy = NULL;

    (void)state;
    write_database("forged", "n%08d_%0190d");
    use_database("forged", counts);
    free(whole);
    assert_ok(
        base_file_read(&whole, &whole_bytes, test_folder_path(&root, "forged/alexnet-index")));
    copy = test_alloc(whole_bytes);
    for (int round = 0; round < rounds; ++round) {
        forge(copy, (uint32_t)round);
        test_folder_write_bytes(&root, "forged/alexnet-index", copy, whole_bytes);
        use_database("forged", counts);
    }
    print_message("%d of %d opened, %d records read, %d refused\n", counts[0], rounds + 1,
                  counts[1], counts[2]);
    assert_true(counts[0] > rounds * 9 / 10);
    assert_true(counts[2] > (RECORDS / 16) * counts[0]); /* some lie within bounds */
    free(copy);
}

static void the_same_file_whole(void **state)
{
    int counts[3] = { 0 };

    (void)state;
    write_database("whole", "%08d_%0190d");
    test_folder_write(&root, "whole/classes.txt", "a\nb\nc\n");
    use_database("whole", counts);
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], RECORDS - RECORDS / 16);
    assert_int_equal(counts[2], RECORDS / 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_file_whole),
        cmocka_unit_test(numbered_records),
        cmocka_unit_test(records_that_are_scanned),
        cmocka_unit_test(an_index_of_others),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
