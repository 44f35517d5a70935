/* test_decode_fuzz.c - damaged files of every kind end in an image or an error, never in a crash
 * (run under AddressSanitizer in CI). */
#include "support/test.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "base/file.h"
#include "base/rng.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/tar.h"

#define MUTATIONS 2000
#define SIDE 20

/* Mutation `round`: up to 8 bytes replaced, every fourth file also cut; the copy's length. */
static size_t fuzz_mutate(uint8_t *copy, const test_file *file, uint32_t round)
{
    uint32_t words[4];
    size_t count = file->count;

    memcpy(copy, file->bytes, file->count);
    base_rng_words(words, 1, BASE_RNG_TEST, round, 0);
    const uint32_t changes = words[0] % 8 + 1;

    if (words[1] % 4 == 0)
        count = words[2] % file->count + 1;
    for (uint32_t i = 1; i <= changes; ++i) {
        base_rng_words(words, 1, BASE_RNG_TEST, round, i);
        copy[words[0] % file->count] = (uint8_t)(words[1] % 3 == 0 ? 0xFF : words[2]);
    }
    return count;
}

static void fuzz_decode(const test_file *file, const char *name)
{
    uint8_t *copy = test_alloc(file->count), small[8 * 8 * 3];
    int decoded = 0, refused = 0;

    for (uint32_t round = 0; round < MUTATIONS; ++round) {
        const size_t count = fuzz_mutate(copy, file, round);
        uint8_t *exact = test_alloc(count); /* so that reading past the end shows */
        alx_image image;

        memcpy(exact, copy, count);
        const int rc = alx_image_decode(&image, exact, count, 0, name);

        if (rc == 0) {
            assert_ok(alx_image_resize_crop(small, &image, 8));
            ++decoded;
        } else {
            assert_int_equal(rc, ALX_E_DATA);
            assert_null(image.rgb);
            ++refused;
        }
        alx_image_free(&image);
        free(exact);
    }
    assert_true(refused > MUTATIONS / 10);
    assert_int_equal(decoded + refused, MUTATIONS);
    free(copy);
}

static void fuzz_samples(uint8_t *samples, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        samples[i] = (uint8_t)(((uint32_t)i * 2654435761u) >> 24);
}

static void jpeg_survives(void **state)
{
    uint8_t samples[SIDE * SIDE * 4];

    (void)state;
    fuzz_samples(samples, sizeof samples);
    for (int progressive = 0; progressive < 2; ++progressive) {
        const test_jpeg_options options = { .progressive = progressive };
        test_file file = progressive ? test_jpeg(samples, SIDE, SIDE, 3, JCS_RGB, &options)
                                     : test_jpeg(samples, SIDE, SIDE, 4, JCS_CMYK, &options);

        fuzz_decode(&file, "fuzz.jpg");
        free(file.bytes);
    }
}

static void png_survives(void **state)
{
    uint8_t samples[SIDE * SIDE * 3], palette[768];

    (void)state;
    fuzz_samples(samples, sizeof samples);
    fuzz_samples(palette, sizeof palette);
    for (int interlaced = 0; interlaced < 2; ++interlaced) {
        test_file rgb = test_png(samples, SIDE * 3, SIDE, SIDE, 8, PNG_COLOR_TYPE_RGB, interlaced,
                                 NULL);
        test_file indexed = test_png(samples, SIDE, SIDE, SIDE, 8, PNG_COLOR_TYPE_PALETTE,
                                     interlaced, palette);

        fuzz_decode(&rgb, "fuzz.png");
        fuzz_decode(&indexed, "fuzz.png");
        free(rgb.bytes);
        free(indexed.bytes);
    }
}

static test_file fuzz_tar(const char *path, int gzip)
{
    const test_file image = test_png_plain(3, 3, 1, 2, 3);
    test_tar *tar = test_tar_open(path);
    char *bytes = NULL;
    size_t count = 0;

    test_tar_add(tar, "cat/1.png", image.bytes, image.count);
    test_tar_add(tar, "dog/2.png", image.bytes, image.count);
    test_tar_close(tar);
    if (gzip)
        test_gzip(path);
    free(image.bytes);
    assert_ok(base_file_read(&bytes, &count, path));
    return (test_file){ (uint8_t *)bytes, count };
}

/* Opens the set and loads all; true if it opened. */
static bool fuzz_load_all(const char *path)
{
    alx_dataset *set = NULL;
    uint8_t rgb[4 * 4 * 3];
    const int rc = alx_dataset_open(&set, path, ALX_SPLIT_TRAIN);

    assert_true(rc == 0 || rc == ALX_E_DATA);
    for (size_t i = 0; rc == 0 && i < alx_dataset_count(set); ++i) {
        const int load = alx_dataset_load(set, i, 4, rgb);

        assert_true(load == 0 || load == ALX_E_DATA);
    }
    alx_dataset_close(set);
    return rc == 0;
}

static void tar_survives(void **state)
{
    const test_folder folder = test_folder_create();
    char path[512];

    (void)state;
    snprintf(path, sizeof path, "%s", test_folder_path(&folder, "x.tar"));
    for (int gzip = 0; gzip < 2; ++gzip) {
        const test_file file = fuzz_tar(path, gzip);
        uint8_t *copy = test_alloc(file.count);
        int opened = 0;

        for (uint32_t round = 0; round < MUTATIONS; ++round) {
            const size_t count = fuzz_mutate(copy, &file, round);

            test_folder_write_bytes(&folder, "x.tar", copy, count);
            opened += fuzz_load_all(path);
        }
        assert_in_range(opened, 1, MUTATIONS - 1);
        free(copy);
        free(file.bytes);
    }
    test_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg_survives),
        cmocka_unit_test(png_survives),
        cmocka_unit_test(tar_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
