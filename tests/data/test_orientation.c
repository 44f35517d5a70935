/* test_orientation.c - EXIF blocks, sound and not; what the eight orientations do to pixels. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "data/image.h"
#include "support/exif.h"

static void exif_blocks_are_read(void **state)
{
    uint8_t block[64];

    (void)state;
    for (int big = 0; big < 2; ++big) {
        for (uint8_t value = 0; value < 10; ++value) {
            const size_t bytes = test_exif_block(block, big, value);

            assert_int_equal(data_exif_orientation(block, bytes),
                             value >= 1 && value <= 8 ? value : 1);
        }
        for (size_t bytes = test_exif_block(block, big, 6) - 4; bytes-- > 0;) {
            uint8_t *exact = test_alloc(bytes + 1); /* a byte too far would show under ASan */

            memcpy(exact, block, bytes);
            assert_int_equal(data_exif_orientation(exact, bytes), 1 + 5 * (bytes >= 34));
            free(exact);
        }
        memset(block + 4, 0xFF, 4); /* the directory far away */
        assert_int_equal(data_exif_orientation(block, 38), 1);
    }
}

static void assert_seen(const alx_image *image, size_t i)
{
    assert_int_equal(image->width, test_turns[i].width);
    assert_int_equal(image->height, 6 / test_turns[i].width);
    for (int p = 0; p < 6; ++p) {
        assert_int_equal(image->rgb[3 * p], test_turns[i].seen[p]);
        assert_int_equal(image->rgb[3 * p + 2], 7);
    }
}

static void pixels_are_turned(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(test_turns); ++i) {
        alx_image image = { .width = 3, .height = 2, .rgb = test_alloc(18),
                            .full_width = 30, .full_height = 20 };

        for (int p = 0; p < 6; ++p)
            memcpy(image.rgb + 3 * p, (uint8_t[]){ (uint8_t)("abcdef"[p]), 0, 7 }, 3);
        assert_ok(data_image_orient(&image, test_turns[i].orientation, "x"));
        assert_seen(&image, i);
        assert_int_equal(image.full_width, image.width * 10);
        assert_int_equal(image.full_height, image.height * 10);
        alx_image_free(&image);
    }
}

static void png_files_are_turned(void **state)
{
    uint8_t rows[18] = { 0 };

    (void)state;
    for (int p = 0; p < 6; ++p) {
        rows[3 * p] = (uint8_t)("abcdef"[p]);
        rows[3 * p + 2] = 7;
    }
    for (size_t i = 0; i < ALX_COUNT(test_turns); ++i) {
        test_file file = test_png(rows, 9, 3, 2, 8, 2, 0, NULL);
        alx_image image;

        test_png_orient(&file, i % 2 == 0, test_turns[i].orientation);
        assert_ok(alx_image_decode(&image, file.bytes, file.count, 0, "x.png"));
        assert_seen(&image, i);
        alx_image_free(&image);
        free(file.bytes);
    }
}

/* Bright at the top of the file; orientation 6 is seen with that edge to the right. */
static void jpeg_files_are_turned(void **state)
{
    uint8_t samples[64 * 32];

    (void)state;
    for (int i = 0; i < 64 * 32; ++i)
        samples[i] = i < 64 * 16 ? 255 : 0;
    for (int size = 0; size <= 12; size += 12) {
        test_file file = test_jpeg(samples, 64, 32, 1, JCS_GRAYSCALE, &(test_jpeg_options){ 0 });
        const int part = size > 0 ? 2 : 1;
        alx_image image;

        test_jpeg_orient(&file, true, 6);
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
