/* test_lmdb.c - databases of Datum records: one that PyPI's lmdb wrote
 * (tools/data/make_caffe_lmdb.py), keys that are numbers and that are not, the index and its file,
 * damage. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alexnet/data.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/lmdb.h"

#define WIDTH 5
#define HEIGHT 4

static test_folder root;
static char path[512];

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    root = test_folder_create();
    snprintf(path, sizeof path, "%s", test_folder_path(&root, "db"));
    setenv("ALEXNET_CACHE_DIR", test_folder_path(&root, "cache"), 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_folder_remove(&root);
    return 0;
}

static void copy_file(const char *to, const char *from)
{
    char *bytes = NULL;
    size_t count = 0;

    assert_ok(base_file_read(&bytes, &count, from));
    test_folder_write_bytes(&root, to, bytes, count);
    free(bytes);
}

static alx_dataset *open_database(void)
{
    alx_dataset *set = NULL;

    assert_ok(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
    return set;
}

static void assert_refused(const char *message)
{
    alx_dataset *set = NULL;

    assert_int_equal(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN), ALX_E_DATA);
    assert_null(set);
    if (strstr(alx_status_text(ALX_E_DATA), message) == NULL)
        fail_msg("%s", alx_status_text(ALX_E_DATA));
}

/* The script's formula; stored images are HEIGHT x HEIGHT, the centre of WIDTH x HEIGHT. */
static void assert_pixels(const uint8_t *rgb, int record, bool gray)
{
    for (int y = 0; y < HEIGHT; ++y)
        for (int x = 0; x < HEIGHT; ++x)
            for (int c = 0; c < 3; ++c)
                assert_int_equal(*rgb++, 40 * (gray ? 0 : c) + 7 * x + 3 * y + 11 * record);
}

static void caffes_records_are_read(void **state)
{
    static const struct {
        int label;
        bool gray;
        const char *wrong;
    } records[] = {
        { 2, false, NULL },
        { 0, false, NULL },
        { 1, true, NULL },
        { 3, false, NULL },
        { 1, false, NULL },
        { 2, false, NULL },
        { -1, false, "label -1, but there are 4 classes" },
        { 1, false, "59 values are not an image of 5 x 4 in 3 channels" },
        { -1, false, "not a Datum record" },
        { 1, false, "neither JPEG nor PNG" },
    };
    char name[1024];
    uint8_t rgb[HEIGHT * HEIGHT * 3];

    (void)state;
    copy_file("db/data.mdb", TEST_DIR "/data/caffe-lmdb/data.mdb");
    alx_dataset *set = open_database();

    assert_int_equal(alx_dataset_count(set), ALX_COUNT(records));
    assert_int_equal(alx_dataset_classes(set), 4);
    assert_string_equal(alx_dataset_class_name(set, 3), "3");
    assert_true(alx_dataset_has_split(set, ALX_SPLIT_TRAIN));
    assert_false(alx_dataset_has_split(set, ALX_SPLIT_TEST));
    for (size_t i = 0; i < ALX_COUNT(records); ++i) {
        const int rc = alx_dataset_load(set, i, HEIGHT, rgb);

        assert_int_equal(alx_dataset_label(set, i), records[i].label);
        assert_int_equal(rc, records[i].wrong != NULL ? ALX_E_DATA : 0);
        if (rc == 0)
            assert_pixels(rgb, (int)i, records[i].gray);
        else if (strstr(alx_status_text(rc), records[i].wrong) == NULL)
            fail_msg("%s", alx_status_text(rc));
    }
    alx_dataset_image_name(set, 2, name, sizeof name);
    assert_int_equal(strncmp(name, path, strlen(path)), 0);
    assert_string_equal(name + strlen(path), ":00000002_dog/gray");
    alx_dataset_close(set);
}

/* As MDB_NOSUBDIR (py-lmdb's subdir=False) makes it; what belongs to it lies beside it. */
static void a_database_may_be_one_file(void **state)
{
    alx_dataset *folder = NULL, *file = NULL;
    uint8_t rgb[HEIGHT * HEIGHT * 3];
    char name[1024];

    (void)state;
    copy_file("one/data.mdb", TEST_DIR "/data/caffe-lmdb/data.mdb");
    copy_file("one/train.mdb", TEST_DIR "/data/caffe-lmdb/data.mdb");
    test_folder_write(&root, "one/classes.txt", "ant\nbee\ncat\ndog\n");
    test_folder_write(&root, "one/train.mdb.classes.txt", "elk\nfox\ngnu\nhen\n");
    const char *const mdb = test_folder_path(&root, "one/train.mdb");

    assert_ok(alx_dataset_open(&file, mdb, ALX_SPLIT_TRAIN));
    assert_int_equal(alx_dataset_count(file), 10);
    assert_string_equal(alx_dataset_class_name(file, 3), "hen");
    assert_int_equal(alx_dataset_label(file, 0), 2);
    assert_ok(alx_dataset_load(file, 4, HEIGHT, rgb));
    assert_pixels(rgb, 4, false);
    alx_dataset_image_name(file, 2, name, sizeof name);
    assert_non_null(strstr(name, "/one/train.mdb:00000002_dog/gray"));
    assert_ok(alx_dataset_open(&folder, test_folder_path(&root, "one/data.mdb"), ALX_SPLIT_TEST));
    assert_string_equal(alx_dataset_class_name(folder, 3), "dog");
    assert_string_equal(alx_dataset_fingerprint(folder), alx_dataset_fingerprint(file));
    alx_dataset_image_name(folder, 2, name, sizeof name);
    assert_non_null(strstr(name, "/one:00000002_dog/gray"));
    alx_dataset_close(folder);
    alx_dataset_close(file);
}

/* As lmdb 3.0.0 of PyPI writes LMDB 1.0's format: the script's records, then 40 more. */
static void a_file_of_lmdb_1_0_is_read(void **state)
{
    uint8_t rgb[HEIGHT * HEIGHT * 3];
    char *bytes = NULL;
    size_t count = 0;

    (void)state;
    snprintf(path, sizeof path, "%s", test_folder_path(&root, "db1"));
    copy_file("db1/data.mdb", TEST_DIR "/data/caffe-lmdb1/data.mdb");
    alx_dataset *set = open_database();

    assert_int_equal(alx_dataset_count(set), 50);
    assert_int_equal(alx_dataset_classes(set), 4);
    for (int i = 0; i < 50; ++i) {
        if (i >= 6 && i < 10)
            continue; /* no records */
        assert_ok(alx_dataset_load(set, (size_t)i, HEIGHT, rgb));
        assert_pixels(rgb, i < 10 ? i : i % 9, i == 2);
        if (i >= 10)
            assert_int_equal(alx_dataset_label(set, (size_t)i), i % 4);
    }
    alx_dataset_close(set);
    assert_ok(base_file_read(&bytes, &count, TEST_DIR "/data/caffe-lmdb1/data.mdb"));
    bytes[28] = 2; /* a format that never was */
    test_folder_write_bytes(&root, "db1/data.mdb", bytes, count);
    assert_refused("data.mdb: not an LMDB, damaged, or of another kind of machine");
    free(bytes);
}

/* Another process cuts the file off while a loader reads it: an error, not a signal. */
static void a_file_that_shrinks_is_told(void **state)
{
    uint8_t rgb[3];
    char key[256], file[600];
    struct stat info;

    (void)state;
    snprintf(path, sizeof path, "%s", test_folder_path(&root, "shrinks"));
    snprintf(file, sizeof file, "%s/data.mdb", path);
    MDB_txn *txn = test_lmdb_begin(path);

    for (int i = 0; i < 400; ++i) { /* a tree of more than one level */
        snprintf(key, sizeof key, "%08d_%0190d", i, i);
        test_lmdb_put_pixel(txn, key, (uint8_t)i, i % 4);
    }
    test_lmdb_end(txn);
    alx_dataset *set = open_database();

    assert_ok(alx_dataset_load(set, 399, 1, rgb));
    assert_int_equal(stat(file, &info), 0);
    for (off_t left = info.st_size; left >= 0; left -= 10000) {
        int lost = 0;

        assert_int_equal(truncate(file, left), 0);
        for (size_t i = 0; i < 400; ++i)
            if (alx_dataset_load(set, i, 1, rgb) != 0) {
                assert_non_null(strstr(alx_status_text(ALX_E_DATA), file));
                assert_non_null(strstr(alx_status_text(ALX_E_DATA),
                                       "data.mdb: has become shorter while it is read"));
                ++lost;
            }
        assert_int_equal(lost > 0, left < info.st_size);
        assert_true(left > 0 || lost == 400);
    }
    alx_dataset_close(set);
}

static void assert_shades(const alx_dataset *set, const uint8_t *shades, size_t count)
{
    assert_int_equal(alx_dataset_count(set), count);
    for (size_t i = 0; i < count; ++i) {
        uint8_t rgb[3];

        assert_ok(alx_dataset_load(set, i, 1, rgb));
        assert_int_equal(rgb[1], shades[i]);
        assert_int_equal(alx_dataset_label(set, i), shades[i] % 10);
    }
}

static void write_pixels(const char *to, const char *const *keys, const uint8_t *shades)
{
    MDB_txn *txn = test_lmdb_begin(test_folder_path(&root, to));

    for (size_t i = 0; keys[i] != NULL; ++i)
        test_lmdb_put_pixel(txn, keys[i], shades[i], shades[i] % 10);
    test_lmdb_end(txn);
}

/* So does what is kept beside it. */
static void an_index_that_shrinks_is_told(void **state)
{
    const char *const keys[] = { "a", "b", NULL };
    uint8_t rgb[3];

    (void)state;
    snprintf(path, sizeof path, "%s", test_folder_path(&root, "index-shrinks"));
    write_pixels("index-shrinks", keys, (uint8_t[]){ 10, 21 });
    alx_dataset *set = open_database();

    assert_ok(alx_dataset_load(set, 1, 1, rgb));
    assert_int_equal(truncate(test_folder_path(&root, "index-shrinks/alexnet-index"), 90), 0);
    assert_int_equal(alx_dataset_load(set, 1, 1, rgb), ALX_E_DATA);
    assert_non_null(
        strstr(alx_status_text(ALX_E_DATA), "alexnet-index: has become shorter while it is read"));
    assert_int_equal(alx_dataset_label(set, 1), 1);
    alx_dataset_close(set);
}

/* Gaps and plain names need the index for their keys; it is kept, trusted, and healed. */
static void keys_of_any_kind(void **state)
{
    static const struct {
        const char *keys[4];
        uint8_t shades[3];
    } cases[] = {
        { { "000", "001_b", "002_", NULL }, { 11, 22, 33 } },
        { { "00000", "00001", "00003", NULL }, { 41, 52, 63 } },
        { { "1", "2", "3", NULL }, { 71, 72, 73 } },
        { { "cat", "dog/with a blank", "egg", NULL }, { 81, 92, 103 } },
    };
    char *index = NULL;
    size_t bytes = 0;

    (void)state;
    for (size_t n = 0; n < ALX_COUNT(cases); ++n) {
        char file[600];

        snprintf(path, sizeof path, "%s", test_folder_path(&root, "keys-0"));
        path[strlen(path) - 1] = (char)('0' + n);
        snprintf(file, sizeof file, "%s/alexnet-index", base_path_base(path));
        write_pixels(base_path_base(path), cases[n].keys, cases[n].shades);
        for (int round = 0; round < 4; ++round) { /* a scan, the file, damaged, cut */
            alx_dataset *set = open_database();

            assert_shades(set, cases[n].shades, 3);
            alx_dataset_close(set);
            assert_ok(base_file_read(&index, &bytes, test_folder_path(&root, file)));
            if (round == 1)
                index[bytes - 1] ^= 1;
            if (round > 0)
                test_folder_write_bytes(&root, file, index, round == 2 ? bytes / 2 : bytes);
            free(index);
        }
    }
}

static void a_number_twice_is_told(void **state)
{
    const char *const keys[] = { "00_a", "00_b", "02_c", NULL };
    uint8_t rgb[3];

    (void)state;
    snprintf(path, sizeof path, "%s", test_folder_path(&root, "twice"));
    write_pixels("twice", keys, (uint8_t[]){ 1, 2, 3 });
    alx_dataset *set = open_database();

    assert_int_equal(alx_dataset_load(set, 1, 1, rgb), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "record 1 is missing"));
    alx_dataset_close(set);
}

static void stale_index_is_not_believed(void **state)
{
    const char *const keys[] = { "a", "b", NULL }, *const more[] = { "a", "b", "c", NULL };

    (void)state;
    snprintf(path, sizeof path, "%s", test_folder_path(&root, "stale"));
    write_pixels("stale", keys, (uint8_t[]){ 1, 2 });
    alx_dataset_close(open_database());
    write_pixels("stale", more, (uint8_t[]){ 5, 6, 7 });
    alx_dataset *set = open_database();

    assert_shades(set, (uint8_t[]){ 5, 6, 7 }, 3);
    alx_dataset_close(set);
}

static void splits_lie_in_folders(void **state)
{
    const char *const keys[] = { "0", "1", NULL };
    alx_dataset *set = NULL;

    (void)state;
    write_pixels("both/train", keys, (uint8_t[]){ 10, 21 });
    write_pixels("both/val", keys, (uint8_t[]){ 31, 20 });
    test_folder_write_bytes(&root, "both/train/classes.txt", "cat\ndog\n", 8);
    test_folder_write_bytes(&root, "both/val/classes.txt", "cat\ndog\n", 8);
    snprintf(path, sizeof path, "%s", test_folder_path(&root, "both"));
    for (int split = 0; split < 2; ++split) {
        assert_ok(alx_dataset_open(&set, path, (alx_split)split));
        assert_true(alx_dataset_has_split(set, ALX_SPLIT_TRAIN));
        assert_true(alx_dataset_has_split(set, ALX_SPLIT_TEST));
        assert_shades(set, split == 0 ? (uint8_t[]){ 10, 21 } : (uint8_t[]){ 31, 20 }, 2);
        assert_string_equal(alx_dataset_class_name(set, 1), "dog");
        alx_dataset_close(set);
    }
    assert_false(base_file_exists(test_folder_path(&root, "both/train/alexnet-index")));
    assert_int_equal(remove(test_folder_path(&root, "both/train/data.mdb")), 0);
    assert_refused("no LMDB in train");
}

static void damage_is_told(void **state)
{
    MDB_txn *txn = NULL;
    char *bytes = NULL;
    size_t count = 0;

    (void)state;
    snprintf(path, sizeof path, "%s", test_folder_path(&root, "damaged"));
    copy_file("damaged/data.mdb", TEST_DIR "/data/caffe-lmdb/data.mdb");
    assert_ok(base_file_read(&bytes, &count, test_folder_path(&root, "damaged/data.mdb")));
    for (size_t cut = 0; cut < count; cut += 1000) { /* the second header begins at 4096 */
        test_folder_write_bytes(&root, "damaged/data.mdb", bytes, cut);
        assert_refused(cut < 5000 ? "data.mdb: not an LMDB" : "data.mdb: truncated");
    }
    ++bytes[2 * 4096]; /* the number that page 2, of records, has of itself */
    test_folder_write_bytes(&root, "damaged/data.mdb", bytes, count);
    assert_refused("data.mdb: damaged: page 2 is wrong");
    --bytes[2 * 4096];
    memset(bytes, 'x', 8192);
    test_folder_write_bytes(&root, "damaged/data.mdb", bytes, count);
    assert_refused("data.mdb: not an LMDB, damaged, or of another kind of machine");
    free(bytes);

    snprintf(path, sizeof path, "%s", test_folder_path(&root, "empty"));
    txn = test_lmdb_begin(path);
    test_lmdb_end(txn);
    assert_refused("an LMDB without records");

    snprintf(path, sizeof path, "%s", test_folder_path(&root, "labels"));
    txn = test_lmdb_begin(path);
    test_lmdb_put_pixel(txn, "0", 1, 2000000000);
    test_lmdb_end(txn);
    assert_refused("label 2000000000: not the number of a class");

    snprintf(path, sizeof path, "%s", test_folder_path(&root, "text"));
    txn = test_lmdb_begin(path);
    test_lmdb_put(txn, "0", "text", 4);
    test_lmdb_end(txn);
    assert_refused("none of its 1 records is a Datum");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caffes_records_are_read),
        cmocka_unit_test(a_database_may_be_one_file),
        cmocka_unit_test(a_file_of_lmdb_1_0_is_read),
        cmocka_unit_test(a_file_that_shrinks_is_told),
        cmocka_unit_test(an_index_that_shrinks_is_told),
        cmocka_unit_test(keys_of_any_kind),
        cmocka_unit_test(a_number_twice_is_told),
        cmocka_unit_test(stale_index_is_not_believed),
        cmocka_unit_test(splits_lie_in_folders),
        cmocka_unit_test(damage_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
