/* test_tar.c - tars: the same images as from a folder, plain or compressed; odd members. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/data.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/tar.h"

static test_folder root;
static char path[512];

static int setup(void **state)
{
    (void)state;
    root = test_folder_create();
    snprintf(path, sizeof path, "%s", test_folder_path(&root, "x.tar"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_folder_remove(&root);
    return 0;
}

/* Red grows with `shade`: every image has pixels of its own. */
static void add_image(test_tar *tar, const char *name, uint8_t shade)
{
    const test_file image = test_png_plain(shade + 1, 2, shade, 0, 0);

    test_tar_add(tar, name, image.bytes, image.count);
    free(image.bytes);
}

static alx_dataset *open_tar(void)
{
    alx_dataset *set = NULL;

    assert_ok(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
    return set;
}

static void assert_image(const alx_dataset *set, size_t index, const char *name, uint8_t shade)
{
    char got[1024];
    uint8_t rgb[2 * 2 * 3];

    alx_dataset_image_name(set, index, got, sizeof got);
    assert_int_equal(strncmp(got, path, strlen(path)), 0);
    assert_int_equal(got[strlen(path)], ':');
    assert_string_equal(got + strlen(path) + 1, name);
    assert_ok(alx_dataset_load(set, index, 2, rgb));
    assert_int_equal(rgb[0], shade);
}

static void assert_refused(const char *message)
{
    alx_dataset *set = NULL;

    assert_int_equal(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN), ALX_E_DATA);
    assert_null(set);
    if (strstr(alx_status_text(ALX_E_DATA), message) == NULL)
        fail_msg("%s", alx_status_text(ALX_E_DATA));
}

#define LONG_NAME_PART 120

/* sample/bee/p__rtnnn...n.png: beyond the 100 characters of a tar's header. */
static void make_long_name(char name[LONG_NAME_PART + 32])
{
    snprintf(name, LONG_NAME_PART + 32, "sample/bee/p__rt");
    memset(name + strlen(name), 'n', LONG_NAME_PART);
    memcpy(name + 16 + LONG_NAME_PART, ".png", 5);
}

/* libarchive writes no name that the locale cannot spell: its pax record is changed afterwards. */
static void spell_in_utf8(char *name)
{
    char *bytes = NULL;
    size_t count = 0;

    assert_ok(base_file_read(&bytes, &count, path));
    for (size_t i = 0; i + 21 < count; ++i)
        if (memcmp(bytes + i, "path=sample/bee/p__rt", 21) == 0)
            memcpy(bytes + i + 17, "\xC3\xA4", 2);
    test_folder_write_bytes(&root, "x.tar", bytes, count);
    memcpy(name + 12, "\xC3\xA4", 2);
    free(bytes);
}

/* Members of several sizes, so that a wrong offset cannot go unseen. */
static void write_members(char long_name[LONG_NAME_PART + 32])
{
    char text[600];
    test_tar *tar = test_tar_open(path);

    memset(text, 'x', sizeof text);
    make_long_name(long_name);
    test_tar_add_folder(tar, "./sample/");
    test_tar_add_folder(tar, "./sample/cat/");
    add_image(tar, "./sample/cat/2.png", 2);
    test_tar_add(tar, "sample/readme.txt", text, sizeof text);
    add_image(tar, "sample//cat/1.png", 1);
    add_image(tar, long_name, 3);
    add_image(tar, "sample/dog/9.png", 4);
    test_tar_add(tar, "sample/.hidden/5.png", "", 0);
    test_tar_close(tar);
    spell_in_utf8(long_name);
}

static void every_member_is_found(void **state)
{
    (void)state;
    for (int gzip = 0; gzip < 2; ++gzip) {
        char long_name[LONG_NAME_PART + 32];

        write_members(long_name);
        if (gzip)
            test_gzip(path);
        alx_dataset *set = open_tar();

        assert_int_equal(alx_dataset_count(set), 4);
        assert_int_equal(alx_dataset_classes(set), 3);
        assert_string_equal(alx_dataset_class_name(set, 1), "cat");
        assert_image(set, 0, long_name, 3);
        assert_image(set, 1, "sample/cat/1.png", 1);
        assert_image(set, 2, "sample/cat/2.png", 2);
        assert_image(set, 3, "sample/dog/9.png", 4);
        alx_dataset_close(set);
    }
}

static void tar_and_folder_are_one_data_set(void **state)
{
    static const char *const names[] = { "train/cat/1.png", "train/bee/1.png", "test/bee/1.png" };
    char in_folder[64];
    test_tar *tar = test_tar_open(path);
    alx_dataset *a = NULL, *b = NULL;

    (void)state;
    for (uint8_t i = 0; i < 3; ++i) {
        const test_file image = test_png_plain(i + 1, 1, i, 0, 0);

        test_tar_add(tar, names[i], image.bytes, image.count);
        snprintf(in_folder, sizeof in_folder, "folder/%s", names[i]);
        test_folder_write_bytes(&root, in_folder, image.bytes, image.count);
        free(image.bytes);
    }
    test_tar_close(tar);
    for (int split = 0; split < 2; ++split) {
        assert_ok(alx_dataset_open(&a, path, (alx_split)split));
        assert_ok(alx_dataset_open(&b, test_folder_path(&root, "folder"), (alx_split)split));
        assert_true(alx_dataset_has_split(a, ALX_SPLIT_TEST));
        assert_int_equal(alx_dataset_count(a), split == ALX_SPLIT_TRAIN ? 2 : 1);
        assert_int_equal(alx_dataset_count(b), alx_dataset_count(a));
        assert_string_equal(alx_dataset_fingerprint(a), alx_dataset_fingerprint(b));
        alx_dataset_close(a);
        alx_dataset_close(b);
    }
}

static void odd_members_are_refused(void **state)
{
    static const struct {
        const char *name, *link, *message;
        int hard;
    } cases[] = {
        { "cat/1.png", NULL, "x.tar:cat/1.png: is there twice", 0 },
        { "./cat//1.png", NULL, "x.tar:cat/1.png: is there twice", 0 },
        { "cat/2.png", "1.png", "x.tar:cat/2.png: a link", 0 },
        { "cat/2.png", "cat/1.png", "x.tar:cat/2.png: a link", 1 },
        { "dog", "cat", "x.tar:dog: a link", 0 },
        { "cat/../../etc/2.png", NULL, "not a name inside the tar", 0 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        test_tar *tar = test_tar_open(path);

        add_image(tar, "cat/1.png", 1);
        if (cases[i].link != NULL)
            test_tar_add_link(tar, cases[i].name, cases[i].link, cases[i].hard);
        else
            add_image(tar, cases[i].name, 2);
        test_tar_close(tar);
        assert_refused(cases[i].message);
    }
    test_tar *tar = test_tar_open(path);

    test_tar_add_sparse(tar, "cat/1.png");
    test_tar_close(tar);
    assert_refused("x.tar:cat/1.png: stored with holes");
}

static void cut_tars_are_refused(void **state)
{
    char *bytes = NULL;
    size_t count = 0;
    test_tar *tar = test_tar_open(path);
    alx_dataset *set = NULL;
    uint8_t rgb[12];

    (void)state;
    add_image(tar, "cat/1.png", 200);
    add_image(tar, "cat/2.png", 201);
    test_tar_close(tar);
    assert_ok(base_file_read(&bytes, &count, path));
    assert_true(count > 1600);
    set = open_tar();
    assert_int_equal(truncate(path, 1024 + 512 + 40), 0); /* inside the second image */
    assert_refused("x.tar:cat/2.png: truncated tar");
    assert_ok(alx_dataset_load(set, 0, 2, rgb)); /* the set opened before the cut */
    assert_int_equal(alx_dataset_load(set, 1, 2, rgb), ALX_E_DATA);
    assert_non_null(
        strstr(alx_status_text(ALX_E_DATA), "x.tar: has become shorter while it is read"));
    alx_dataset_close(set);
    assert_int_equal(truncate(path, 1024 + 40), 0); /* inside the second header */
    assert_refused("x.tar: damaged tar: Truncated tar archive at byte 1024, after cat/1.png");
    test_folder_write_bytes(&root, "x.tar", "", 0);
    assert_refused("x.tar: an empty file");
    test_folder_write_bytes(&root, "x.tar", "some text\n", 10);
    assert_refused("x.tar: cannot be read as a tar");
    free(bytes);
}

/* A header alone says 2 GiB; its check sum is that of the bytes with blanks in its own place. */
static void compressed_beyond_memory_is_refused(void **state)
{
    test_tar *tar = test_tar_open(path);
    char *bytes = NULL;
    size_t count = 0;
    unsigned sum = 0;

    (void)state;
    add_image(tar, "cat/1.png", 1);
    test_tar_close(tar);
    assert_ok(base_file_read(&bytes, &count, path));
    memcpy(bytes + 124, "20000000000", 12);
    memcpy(bytes + 148, "        ", 8);
    for (int i = 0; i < 512; ++i)
        sum += (unsigned char)bytes[i];
    snprintf(bytes + 148, 8, "%06o", sum);
    test_folder_write_bytes(&root, "x.tar", bytes, count);
    test_gzip(path);
    assert_refused("x.tar: a compressed tar with more than 1 GiB of images; unpack it");
    free(bytes);
}

static void own_data_set_decodes(void **state)
{
    alx_dataset *set = NULL;
    uint8_t rgb[32 * 32 * 3];

    (void)state;
    for (int split = 0; split < 2; ++split) {
        assert_ok(alx_dataset_open(&set, TEST_DIR "/data/cifar10-mini.tar.gz", (alx_split)split));
        assert_int_equal(alx_dataset_count(set), split == ALX_SPLIT_TRAIN ? 5000 : 1000);
        assert_int_equal(alx_dataset_classes(set), 10);
        assert_string_equal(alx_dataset_class_name(set, 6), "frog");
        for (size_t i = 0; i < alx_dataset_count(set); ++i) {
            assert_int_equal(alx_dataset_label(set, i), i * 10 / alx_dataset_count(set));
            assert_ok(alx_dataset_load(set, i, 32, rgb));
        }
        alx_dataset_close(set);
    }
}

static void imagenet_sample_decodes(void **state)
{
    const char *folder = getenv("ALEXNET_TEST_DATA");
    alx_dataset *set = NULL;
    char sample[512];

    (void)state;
    snprintf(sample, sizeof sample, "%s/imagenet-sample-500.tar", folder != NULL ? folder : "");
    if (folder == NULL || !base_file_exists(sample)) {
        print_message("ALEXNET_TEST_DATA is no folder with imagenet-sample-500.tar: skipped\n");
        skip();
    }
    uint8_t *rgb = test_alloc(256 * 256 * 3);

    assert_ok(alx_dataset_open(&set, sample, ALX_SPLIT_TRAIN));
    assert_int_equal(alx_dataset_count(set), 500);
    assert_int_equal(alx_dataset_classes(set), 500);
    assert_string_equal(alx_dataset_class_name(set, 0), "n01440764");
    for (size_t i = 0; i < 500; i += 10)
        assert_ok(alx_dataset_load(set, i, 256, rgb));
    alx_dataset_close(set);
    free(rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_found),
        cmocka_unit_test(tar_and_folder_are_one_data_set),
        cmocka_unit_test(odd_members_are_refused),
        cmocka_unit_test(cut_tars_are_refused),
        cmocka_unit_test(compressed_beyond_memory_is_refused),
        cmocka_unit_test(own_data_set_decodes),
        cmocka_unit_test(imagenet_sample_decodes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
