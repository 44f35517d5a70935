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
    { "gray 16, rounded",
      PNG_COLOR_TYPE_GRAY,
      16,
      { 0x80, 0x00, 0x00, 0xFF },
      4,
      { 128, 128, 128, 1, 1, 1 } },
    { "gray and alpha",
      PNG_COLOR_TYPE_GRAY_ALPHA,
      8,
      { 3, 0, 200, 255 },
      4,
      { 3, 3, 3, 200, 200, 200 } },
    { "palette 1", PNG_COLOR_TYPE_PALETTE, 1, { 0x40 }, 1, { 0, 1, 2, 3, 4, 5 } },
    { "palette 8", PNG_COLOR_TYPE_PALETTE, 8, { 1, 2 }, 2, { 3, 4, 5, 6, 7, 8 } },
    { "rgb 8", PNG_COLOR_TYPE_RGB, 8, { 1, 2, 3, 4, 5, 6 }, 6, { 1, 2, 3, 4, 5, 6 } },
    { "rgb 16",
      PNG_COLOR_TYPE_RGB,
      16,
      { 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6 },
      12,
      { 1, 2, 3, 4, 5, 6 } },
    { "rgb and alpha",
      PNG_COLOR_TYPE_RGB_ALPHA,
      8,
      { 1, 2, 3, 0, 4, 5, 6, 128 },
      8,
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

/* ---- files that end early or late ------------------------------------------------------------ */

enum { IHDR_END = 33, IEND_BYTES = 12, CHECK_BYTES = 4, SUM_BYTES = 4 }; /* of chunk, of zlib */

static test_file noise_png(int interlaced)
{
    uint8_t rows[13 * 11 * 3];

    for (uint32_t i = 0; i < sizeof rows; ++i)
        rows[i] = (uint8_t)((i * 2654435761u) >> 24);
    return test_png(rows, 13 * 3, 13, 11, 8, PNG_COLOR_TYPE_RGB, interlaced, NULL);
}

/* Decodes the file, frees it, and compares. */
static void reads_as_noise(test_file file, const char *why)
{
    alx_image image;

    assert_ok(alx_image_decode(&image, file.bytes, file.count, 0, why));
    for (uint32_t i = 0; i < 13 * 11 * 3; ++i)
        if (image.rgb[i] != (uint8_t)((i * 2654435761u) >> 24))
            fail_msg("%s: byte %u of the pixels", why, i);
    alx_image_free(&image);
    free(file.bytes);
}

static void refuses(test_file file, const char *message)
{
    alx_image image;
    const int rc = alx_image_decode(&image, file.bytes, file.count, 0, "x.png");

    if (rc != ALX_E_DATA || strncmp(alx_status_text(rc), message, strlen(message)) != 0)
        fail_msg("%zu bytes: %d, %s; want %s", file.count, rc, alx_status_text(rc), message);
    assert_null(image.rgb);
    free(file.bytes);
}

static void interlacing_changes_nothing(void **state)
{
    (void)state;
    reads_as_noise(noise_png(1), "interlaced");
}

static void what_follows_the_last_row_may_miss(void **state)
{
    (void)state;
    for (int interlaced = 0; interlaced < 2; ++interlaced) {
        const size_t tail = IEND_BYTES + CHECK_BYTES + SUM_BYTES;

        for (size_t cut = 0; cut <= tail; ++cut) {
            test_file file = noise_png(interlaced);

            file.count -= cut;
            reads_as_noise(file, "cut in the tail");
        }
        test_file file = noise_png(interlaced);

        file.count -= IEND_BYTES;
        test_file_insert(&file, file.count, "bytes that are no chunk", 23);
        reads_as_noise(file, "garbage for IEND");
        file = noise_png(interlaced);
        test_file_insert(&file, file.count, "bytes that are no chunk", 23);
        reads_as_noise(file, "garbage after IEND");
    }
}

static void a_cut_before_the_last_row_is_refused(void **state)
{
    (void)state;
    for (int interlaced = 0; interlaced < 2; ++interlaced) {
        test_file whole = noise_png(interlaced);
        const size_t rows_end = whole.count - IEND_BYTES - CHECK_BYTES - SUM_BYTES - 2;

        free(whole.bytes);
        for (size_t count = 8; count < rows_end; ++count) {
            test_file file = noise_png(interlaced);

            file.count = count;
            refuses(file, "x.png: truncated PNG");
        }
    }
}

static void check_sums_of_pixels_count(void **state)
{
    static const uint8_t text[] = { 0, 0, 0, 3, 't', 'E', 'X', 't', 'a', 0, 'b', 1, 2, 3, 4 };
    test_file file = noise_png(0);

    (void)state;
    file.bytes[20] ^= 1; /* the width */
    refuses(file, "x.png: bad PNG: IHDR: CRC error");
    file = noise_png(0);
    file.bytes[file.count - IEND_BYTES - 1] ^= 1;
    refuses(file, "x.png: bad PNG: IDAT: CRC error");
    file = noise_png(0);
    test_file_insert(&file, IHDR_END, text, sizeof text);
    reads_as_noise(file, "wrong check sum of a text before");
    file = noise_png(0);
    test_file_insert(&file, file.count - IEND_BYTES, text, sizeof text);
    reads_as_noise(file, "wrong check sum of a text behind");
}

/* 20000 x 20000 in a header with the right check sum; no pixel follows. */
static void size_is_refused_from_the_header(void **state)
{
    static const uint8_t bytes[] = {
        0x89, 'P',  'N',  'G',  '\r', '\n', 0x1A, '\n', 0,    0,   0,   13,   'I',  'H',  'D',
        'R',  0,    0,    0x4E, 0x20, 0,    0,    0x4E, 0x20, 8,   2,   0,    0,    0,    0x6C,
        0x12, 0xD1, 0x6E, 0,    0,    0,    0,    'I',  'D',  'A', 'T', 0x35, 0xAF, 0x06, 0x1E,
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
        cmocka_unit_test(what_follows_the_last_row_may_miss),
        cmocka_unit_test(a_cut_before_the_last_row_is_refused),
        cmocka_unit_test(check_sums_of_pixels_count),
        cmocka_unit_test(size_is_refused_from_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
