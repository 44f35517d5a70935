/* test_jpeg.c - every colour space of JPEG, and files that are not what they should be. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "base/file.h"
#include "support/images.h"

#define SIDE 24

/* SIDE x SIDE of one colour; the result is the decoded centre pixel. */
static void decode_plain(uint8_t rgb[3], const uint8_t *colour, int components, J_COLOR_SPACE space,
                         const test_jpeg_options *options)
{
    uint8_t samples[SIDE * SIDE * 4];
    alx_image image;

    for (int i = 0; i < SIDE * SIDE; ++i)
        memcpy(samples + i * components, colour, (size_t)components);
    test_file file = test_jpeg(samples, SIDE, SIDE, components, space, options);

    assert_ok(alx_image_decode(&image, file.bytes, file.count, 0, "plain.jpg"));
    assert_int_equal(image.width, SIDE);
    assert_int_equal(image.height, SIDE);
    memcpy(rgb, image.rgb + (SIDE / 2 * SIDE + SIDE / 2) * 3, 3);
    alx_image_free(&image);
    free(file.bytes);
}

static void colours_become_rgb(void **state)
{
    static const struct {
        const char *why;
        J_COLOR_SPACE space;
        int components;
        uint8_t colour[4];
        test_jpeg_options options;
        uint8_t rgb[3];
    } cases[] = {
        { "YCbCr", JCS_RGB, 3, { 200, 30, 90 }, { 0 }, { 200, 30, 90 } },
        { "YCbCr, progressive",
          JCS_RGB,
          3,
          { 10, 250, 90 },
          { .progressive = 1 },
          { 10, 250, 90 } },
        { "RGB as it is", JCS_RGB, 3, { 200, 30, 90 }, { .stored = JCS_RGB }, { 200, 30, 90 } },
        { "gray", JCS_GRAYSCALE, 1, { 77 }, { 0 }, { 77, 77, 77 } },
        { "CMYK, Adobe's way: 255 is no ink",
          JCS_CMYK,
          4,
          { 0, 255, 255, 255 },
          { 0 },
          { 0, 255, 255 } },
        { "CMYK, half the black", JCS_CMYK, 4, { 255, 55, 255, 128 }, { 0 }, { 128, 28, 128 } },
        { "CMYK without Adobe's marker, the same way",
          JCS_CMYK,
          4,
          { 255, 55, 255, 128 },
          { .no_adobe_marker = 1 },
          { 128, 28, 128 } },
        { "YCCK, Adobe's way",
          JCS_CMYK,
          4,
          { 255, 0, 128, 255 },
          { .stored = JCS_YCCK },
          { 255, 0, 128 } },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        uint8_t rgb[3];

        decode_plain(rgb, cases[i].colour, cases[i].components, cases[i].space, &cases[i].options);
        for (int c = 0; c < 3; ++c)
            if (abs(rgb[c] - cases[i].rgb[c]) > 2)
                fail_msg("%s: %d %d %d", cases[i].why, rgb[0], rgb[1], rgb[2]);
    }
}

/* A picture that does not compress to nothing, so that every cut takes pixels away. */
static test_file noisy_jpeg(int progressive)
{
    const test_jpeg_options options = { .progressive = progressive };
    uint8_t samples[SIDE * SIDE * 3];

    for (uint32_t i = 0; i < sizeof samples; ++i)
        samples[i] = (uint8_t)((i * 2654435761u) >> 24);
    return test_jpeg(samples, SIDE, SIDE, 3, JCS_RGB, &options);
}

static void every_cut_is_truncated(void **state)
{
    (void)state;
    for (int progressive = 0; progressive < 2; ++progressive) {
        test_file file = noisy_jpeg(progressive);

        for (size_t count = 3; count < file.count - 2; ++count) { /* the end of image may miss */
            alx_image image;
            const int rc = alx_image_decode(&image, file.bytes, count, 0, "cut.jpg");

            if (rc != ALX_E_DATA || strcmp(alx_status_text(rc), "cut.jpg: truncated JPEG") != 0)
                fail_msg("%zu of %zu bytes: %d, %s", count, file.count, rc, alx_status_text(rc));
            assert_null(image.rgb);
        }
        free(file.bytes);
    }
}

static void refuses(const char *why, const uint8_t *bytes, size_t count, const char *message)
{
    alx_image image;
    const int rc = alx_image_decode(&image, bytes, count, 0, "x.jpg");

    if (rc != ALX_E_DATA || strstr(alx_status_text(rc), message) == NULL ||
        strncmp(alx_status_text(rc), "x.jpg: ", 7) != 0 || image.rgb != NULL)
        fail_msg("%s: %d, %s", why, rc, alx_status_text(rc));
}

static void what_is_no_image_says_so(void **state)
{
    test_file file = noisy_jpeg(0);
    uint8_t *size = NULL;

    (void)state;
    refuses("text", (const uint8_t *)"hello, world", 12, "neither JPEG nor PNG");
    refuses("nothing", (const uint8_t *)"", 0, "empty file");
    refuses("one byte", (const uint8_t *)"\xFF", 1, "neither JPEG nor PNG");
    for (size_t i = 0; i + 8 < file.count && size == NULL; ++i)
        if (file.bytes[i] == 0xFF && file.bytes[i + 1] == 0xC0)
            size = file.bytes + i + 5; /* height and width in the frame header */
    assert_non_null(size);
    memset(size, 0x40, 4); /* 16448 x 16448 = 270 megapixels */
    refuses("too large", file.bytes, file.count, "limit of 100 megapixels");
    memset(size, 0, 2);
    refuses("no rows", file.bytes, file.count, "bad JPEG");
    free(file.bytes);
}

/* Padding between segments costs no pixels; damage inside the scan does. */
static void only_harmless_damage_passes(void **state)
{
    test_file file = noisy_jpeg(0);
    uint8_t *padded = test_alloc(file.count + 3);
    alx_image whole, image;

    (void)state;
    memcpy(padded, file.bytes, 2);
    memset(padded + 2, 0x11, 3);
    memcpy(padded + 5, file.bytes + 2, file.count - 2);
    assert_ok(alx_image_decode(&whole, file.bytes, file.count, 0, "whole.jpg"));
    assert_int_equal(alx_image_decode(&image, padded, file.count + 3, 0, "x.jpg"), ALX_E_DATA);
    memcpy(padded, file.bytes, 20); /* after the JFIF segment */
    memset(padded + 20, 0x11, 3);
    memcpy(padded + 23, file.bytes + 20, file.count - 20);
    assert_ok(alx_image_decode(&image, padded, file.count + 3, 0, "padded.jpg"));
    assert_memory_equal(image.rgb, whole.rgb, SIDE * SIDE * 3);
    alx_image_free(&image);
    memcpy(file.bytes + file.count - 60, "\xFF\xD9", 2); /* an early end of image */
    refuses("early end", file.bytes, file.count, "truncated JPEG");
    alx_image_free(&whole);
    free(padded);
    free(file.bytes);
}

/* 631 valid scans: each coefficient bit by bit. */
static void endless_scans_are_refused(void **state)
{
    jpeg_scan_info *scans = test_alloc(631 * sizeof *scans);
    uint8_t samples[SIDE * SIDE] = { 255 };
    int count = 0;

    (void)state;
    scans[count++] = (jpeg_scan_info){ .comps_in_scan = 1 };
    for (int k = 1; k < 64; ++k)
        for (int bit = 9; bit >= 0; --bit)
            scans[count++] = (jpeg_scan_info){
                .comps_in_scan = 1, .Ss = k, .Se = k, .Ah = bit == 9 ? 0 : bit + 1, .Al = bit
            };
    const test_jpeg_options options = { .scans = scans, .scan_count = count };
    test_file file = test_jpeg(samples, SIDE, SIDE, 1, JCS_GRAYSCALE, &options);

    refuses("scans", file.bytes, file.count, "more than 500 scans");
    free(file.bytes);
    free(scans);
}

/* Files as phones and converters write them; sizes and the middle pixels as Pillow 13.0.0 has them
 * after ImageOps.exif_transpose, and OpenCV 5.0.0 but for a 45 in the first. */
static void files_of_others_are_read(void **state)
{
    static const struct {
        const char *name;
        int width, height;
        uint8_t middle[3];
    } files[] = {
        { "cmyk_no_adobe.jpg", 97, 61, { 108, 108, 44 } },
        { "sos_0_63_1.jpg", 97, 61, { 119, 120, 210 } },
        { "no_eoi_trailer.jpg", 97, 61, { 119, 120, 210 } },
        { "exif_slong_mm.jpg", 61, 97, { 119, 120, 210 } },
        { "xmp_attr.jpg", 61, 97, { 119, 120, 210 } },
        { "cut_3_bytes.jpg", 0, 0, { 0 } },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(files); ++i) {
        char path[512], *bytes = NULL;
        size_t count = 0;
        alx_image image;

        snprintf(path, sizeof path, TEST_DIR "/data/jpeg/%s", files[i].name);
        assert_ok(base_file_read(&bytes, &count, path));
        const int rc = alx_image_decode(&image, (uint8_t *)bytes, count, 0, files[i].name);

        assert_int_equal(rc, files[i].width > 0 ? 0 : ALX_E_DATA);
        assert_int_equal(image.width, files[i].width);
        assert_int_equal(image.height, files[i].height);
        const size_t middle = (size_t)(files[i].height / 2 * files[i].width + files[i].width / 2);

        for (size_t c = 0; rc == 0 && c < 3; ++c)
            assert_in_range(image.rgb[middle * 3 + c], files[i].middle[c] - 1,
                            files[i].middle[c] + 1);
        alx_image_free(&image);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_become_rgb),          cmocka_unit_test(files_of_others_are_read),
        cmocka_unit_test(every_cut_is_truncated),      cmocka_unit_test(what_is_no_image_says_so),
        cmocka_unit_test(only_harmless_damage_passes), cmocka_unit_test(endless_scans_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
