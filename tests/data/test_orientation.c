/* test_orientation.c - EXIF blocks, sound and not; what the eight orientations do to pixels. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "data/image.h"
#include "support/images.h"

/* A TIFF header, an entry that is not looked for, and the orientation. */
static size_t exif_block(uint8_t *out, bool big_endian, uint8_t value)
{
    static const uint8_t little[] = { 'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0,
                                      0x0F, 0x01, 2, 0, 1, 0, 0, 0, 'a', 0, 0, 0,
                                      0x12, 0x01, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    static const uint8_t big[] = { 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 2,
                                   0x01, 0x0F, 0, 2, 0, 0, 0, 1, 'a', 0, 0, 0,
                                   0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 };

    memcpy(out, big_endian ? big : little, sizeof big);
    out[big_endian ? 31 : 30] = value;
    return sizeof big;
}

static void exif_blocks_are_read(void **state)
{
    uint8_t block[64];

    (void)state;
    for (int big = 0; big < 2; ++big) {
        for (uint8_t value = 0; value < 10; ++value) {
            const size_t bytes = exif_block(block, big, value);

            assert_int_equal(data_exif_orientation(block, bytes),
                             value >= 1 && value <= 8 ? value : 1);
        }
        for (size_t bytes = exif_block(block, big, 6) - 4; bytes-- > 0;) {
            uint8_t *exact = test_alloc(bytes + 1); /* a byte too far would show under ASan */

            memcpy(exact, block, bytes);
            assert_int_equal(data_exif_orientation(exact, bytes), 1 + 5 * (bytes >= 34));
            free(exact);
        }
        memset(block + 4, 0xFF, 4); /* the directory far away */
        assert_int_equal(data_exif_orientation(block, 38), 1);
    }
}

/* Rows of red values, as a 3 x 2 picture abc/def is seen; EXIF 2.32, 4.6.4.A. */
static const struct {
    int orientation, width;
    const char *seen;
} cases[] = {
    { 1, 3, "abcdef" }, { 2, 3, "cbafed" }, { 3, 3, "fedcba" }, { 4, 3, "defabc" },
    { 5, 2, "adbecf" }, { 6, 2, "daebfc" }, { 7, 2, "fcebda" }, { 8, 2, "cfbead" },
};

static void assert_seen(const alx_image *image, size_t i)
{
    assert_int_equal(image->width, cases[i].width);
    assert_int_equal(image->height, 6 / cases[i].width);
    for (int p = 0; p < 6; ++p) {
        assert_int_equal(image->rgb[3 * p], cases[i].seen[p]);
        assert_int_equal(image->rgb[3 * p + 2], 7);
    }
}

static void pixels_are_turned(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        alx_image image = { .width = 3, .height = 2, .rgb = test_alloc(18),
                            .full_width = 30, .full_height = 20 };

        for (int p = 0; p < 6; ++p)
            memcpy(image.rgb + 3 * p, (uint8_t[]){ (uint8_t)("abcdef"[p]), 0, 7 }, 3);
        assert_ok(data_image_orient(&image, cases[i].orientation, "x"));
        assert_seen(&image, i);
        assert_int_equal(image.full_width, image.width * 10);
        assert_int_equal(image.full_height, image.height * 10);
        alx_image_free(&image);
    }
}

static uint32_t png_crc(const uint8_t *bytes, size_t count)
{
    uint32_t crc = 0xFFFFFFFF;

    for (size_t i = 0; i < count; ++i) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

static void put_big(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; ++i)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* `more` bytes into the file after its first `at`. */
static void insert(test_file *file, size_t at, const uint8_t *more, size_t count)
{
    uint8_t *bytes = test_alloc(file->count + count);

    memcpy(bytes, file->bytes, at);
    memcpy(bytes + at, more, count);
    memcpy(bytes + at + count, file->bytes + at, file->count - at);
    free(file->bytes);
    *file = (test_file){ bytes, file->count + count };
}

static void png_files_are_turned(void **state)
{
    uint8_t rows[18] = { 0 }, chunk[64];

    (void)state;
    for (int p = 0; p < 6; ++p) {
        rows[3 * p] = (uint8_t)("abcdef"[p]);
        rows[3 * p + 2] = 7;
    }
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        test_file file = test_png(rows, 9, 3, 2, 8, 2, 0, NULL);
        const size_t bytes = exif_block(chunk + 8, i % 2 == 0, (uint8_t)cases[i].orientation);
        alx_image image;

        put_big(chunk, (uint32_t)bytes);
        memcpy(chunk + 4, "eXIf", 4);
        put_big(chunk + 8 + bytes, png_crc(chunk + 4, bytes + 4));
        insert(&file, 33, chunk, bytes + 12); /* after the signature and IHDR */
        assert_ok(alx_image_decode(&image, file.bytes, file.count, 0, "x.png"));
        assert_seen(&image, i);
        alx_image_free(&image);
        free(file.bytes);
    }
}

/* Bright at the top of the file; orientation 6 is seen with that edge to the right. */
static void jpeg_files_are_turned(void **state)
{
    uint8_t samples[64 * 32], marker[64] = { 0xFF, 0xE1, 0, 0, 'E', 'x', 'i', 'f', 0, 0 };
    const size_t bytes = exif_block(marker + 10, true, 6);

    (void)state;
    for (int i = 0; i < 64 * 32; ++i)
        samples[i] = i < 64 * 16 ? 255 : 0;
    marker[3] = (uint8_t)(bytes + 8);
    for (int size = 0; size <= 12; size += 12) {
        test_file file = test_jpeg(samples, 64, 32, 1, JCS_GRAYSCALE, &(test_jpeg_options){ 0 });
        const int part = size > 0 ? 2 : 1;
        alx_image image;

        insert(&file, 2, marker, bytes + 10);
        assert_ok(alx_image_decode(&image, file.bytes, file.count, size, "x.jpg"));
        assert_int_equal(image.width, 32 / part);
        assert_int_equal(image.height, 64 / part);
        assert_int_equal(image.full_width, part == 1 ? 0 : 32);
        assert_in_range(image.rgb[0], 0, 5);
        assert_in_range(image.rgb[3 * (image.width - 1)], 250, 255);
        alx_image_free(&image);
        free(file.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exif_blocks_are_read),
        cmocka_unit_test(pixels_are_turned),
        cmocka_unit_test(png_files_are_turned),
        cmocka_unit_test(jpeg_files_are_turned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
