/* test_png.c - every kind of PNG comes out as 8-bit RGB; damaged ones are refused. */
#include "support/test.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "support/images.h"

/* One row of two pixels in each kind of PNG and what it means. */
static const struct {
    const char *why;
    int type, depth;
    uint8_t row[16];
    size_t row_bytes;
    uint8_t rgb[6];
} kinds[] = {
    { "gray 1", PNG_COLOR_TYPE_GRAY, 1, { 0x40 }, 1, { 0, 0, 0, 255, 255, 255 } },
    { "gray 2", PNG_COLOR_TYPE_GRAY, 2, { 0x60 }, 1, { 85, 85, 85, 170, 170, 170 } },
    { "gray 4", PNG_COLOR_TYPE_GRAY, 4, { 0x1F }, 1, { 17, 17, 17, 255, 255, 255 } },
    { "gray 8", PNG_COLOR_TYPE_GRAY, 8, { 3, 200 }, 2, { 3, 3, 3, 200, 200, 200 } },
    { "gray 16, rounded", PNG_COLOR_TYPE_GRAY, 16, { 0x80, 0x00, 0x00, 0xFF }, 4,
      { 128, 128, 128, 1, 1, 1 } },
    { "gray and alpha", PNG_COLOR_TYPE_GRAY_ALPHA, 8, { 3, 0, 200, 255 }, 4,
      { 3, 3, 3, 200, 200, 200 } },
    { "palette 1", PNG_COLOR_TYPE_PALETTE, 1, { 0x40 }, 1, { 0, 1, 2, 3, 4, 5 } },
    { "palette 8", PNG_COLOR_TYPE_PALETTE, 8, { 1, 2 }, 2, { 3, 4, 5, 6, 7, 8 } },
    { "rgb 8", PNG_COLOR_TYPE_RGB, 8, { 1, 2, 3, 4, 5, 6 }, 6, { 1, 2, 3, 4, 5, 6 } },
    { "rgb 16", PNG_COLOR_TYPE_RGB, 16, { 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6 }, 12,
      { 1, 2, 3, 4, 5, 6 } },
    { "rgb and alpha", PNG_COLOR_TYPE_RGB_ALPHA, 8, { 1, 2, 3, 0, 4, 5, 6, 128 }, 8,
      { 1, 2, 3, 4, 5, 6 } },
};

static void every_kind_becomes_rgb(void **state)
{
    uint8_t palette[768];

    (void)state;
    for (size_t i = 0; i < sizeof palette; ++i)
        palette[i] = (uint8_t)i;
    for (size_t i = 0; i < ALX_COUNT(kinds); ++i)
        for (int interlaced = 0; interlaced < 2; ++interlaced) {
            test_file file = test_png(kinds[i].row, kinds[i].row_bytes, 2, 1, kinds[i].depth,
                                      kinds[i].type, interlaced,
                                      kinds[i].type == PNG_COLOR_TYPE_PALETTE ? palette : NULL);
            alx_image image;

            assert_ok(alx_image_decode(&image, file.bytes, file.count, 0, kinds[i].why));
            assert_int_equal(image.width, 2);
            assert_int_equal(image.height, 1);
            if (memcmp(image.rgb, kinds[i].rgb, 6) != 0)
                fail_msg("%s: %d %d %d, %d %d %d", kinds[i].why, image.rgb[0], image.rgb[1],
                         image.rgb[2], image.rgb[3], image.rgb[4], image.rgb[5]);
            alx_image_free(&image);
            free(file.bytes);
        }
}

static void interlacing_changes_nothing(void **state)
{
    uint8_t rows[13 * 11 * 3];
    alx_image image;

    (void)state;
    for (uint32_t i = 0; i < sizeof rows; ++i)
        rows[i] = (uint8_t)((i * 2654435761u) >> 24);
    test_file file = test_png(rows, 13 * 3, 13, 11, 8, PNG_COLOR_TYPE_RGB, 1, NULL);

    assert_ok(alx_image_decode(&image, file.bytes, file.count, 0, "interlaced.png"));
    assert_memory_equal(image.rgb, rows, sizeof rows);
    alx_image_free(&image);
    free(file.bytes);
}

static void damage_is_refused(void **state)
{
    test_file file = test_png_plain(9, 9, 1, 2, 3);
    alx_image image;

    (void)state;
    for (size_t count = 8; count < file.count; ++count) {
        assert_int_equal(alx_image_decode(&image, file.bytes, count, 0, "cut.png"), ALX_E_DATA);
        assert_string_equal(alx_status_text(ALX_E_DATA), "cut.png: truncated PNG");
        assert_null(image.rgb);
    }
    file.bytes[20] ^= 1; /* the width, without its check sum */
    assert_int_equal(alx_image_decode(&image, file.bytes, file.count, 0, "crc.png"), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "crc.png: bad PNG"));
    free(file.bytes);
}

/* 20000 x 20000 in a header with the right check sum; no pixel follows. */
static void size_is_refused_from_the_header(void **state)
{
    static const uint8_t bytes[] = {
        0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R',
        0, 0, 0x4E, 0x20, 0, 0, 0x4E, 0x20, 8, 2, 0, 0, 0, 0x6C, 0x12, 0xD1,
        0x6E, 0, 0, 0, 0, 'I', 'D', 'A', 'T', 0x35, 0xAF, 0x06, 0x1E,
    };
    alx_image image;

    (void)state;
    assert_int_equal(alx_image_decode(&image, bytes, sizeof bytes, 0, "big.png"), ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA), "big.png: 20000 x 20000 pixels, more than "
                                                     "the limit of 100 megapixels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_becomes_rgb),
        cmocka_unit_test(interlacing_changes_nothing),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(size_is_refused_from_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
