/* test_formats.c - images of other formats under names of JPEG and PNG: each is named. The first
 * bytes are those that Pillow 13.0.0 and imagecodecs 2026 write, HEIC's as in ISO 23008-12. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "base/file.h"
#include "support/images.h"

#define CONVERT "neither JPEG nor PNG: convert it to one of them"

static void refuses(const void *bytes, size_t count, const char *want)
{
    alx_image image;
    const int rc = alx_image_decode(&image, bytes, count, 0, "x.jpg");

    assert_int_equal(rc, ALX_E_DATA);
    if (strncmp(alx_status_text(rc), "x.jpg: ", 7) != 0 ||
        strcmp(alx_status_text(rc) + 7, want) != 0)
        fail_msg("%s; want %s", alx_status_text(rc), want);
    assert_null(image.rgb);
}

static void other_formats_are_named(void **state)
{
#define FILE_OF(text) text, sizeof text - 1
    static const struct {
        const char *bytes;
        size_t count;
        const char *want;
    } files[] = {
        { FILE_OF("RIFF\x5A\0\0\0WEBPVP8 "), "its content is WebP, " CONVERT },
        { FILE_OF("GIF87a\x10\0\x10\0"), "its content is GIF, " CONVERT },
        { FILE_OF("GIF89a\x10\0\x10\0"), "its content is GIF, " CONVERT },
        { FILE_OF("BM\x36\x4b\0\0\0\0\0\0\x36\0\0\0\x28\0"), "its content is BMP, " CONVERT },
        { FILE_OF("II*\0\x08\0\0\0"), "its content is TIFF, " CONVERT },
        { FILE_OF("MM\0*\0\0\0\x08"), "its content is TIFF, " CONVERT },
        { FILE_OF("P6\n97 61\n255\n"), "its content is PPM, PGM or PBM, " CONVERT },
        { FILE_OF("P5 97 61 255 "), "its content is PPM, PGM or PBM, " CONVERT },
        { FILE_OF("\0\0\0\x20"
                  "ftypavif\0\0\0\0avifmif1"),
          "its content is AVIF, " CONVERT },
        { FILE_OF("\0\0\0\x18"
                  "ftypheic\0\0\0\0mif1heic"),
          "its content is HEIC, " CONVERT },
        { FILE_OF("\0\0\0\x18"
                  "ftypmif1\0\0\0\0mif1heic"),
          "its content is HEIC or AVIF, " CONVERT },
        { FILE_OF("\0\0\0\x18"
                  "ftypmsf1\0\0\0\0msf1hevc"),
          "its content is HEIC or AVIF, " CONVERT },
        { FILE_OF("\0\0\0\x0CjP  \r\n\x87\n\0\0\0\x14"), "its content is JPEG 2000, " CONVERT },
        { FILE_OF("\xFF\x4F\xFF\x51\0\x2F\0\0"), "its content is JPEG 2000, " CONVERT },
        { FILE_OF("\xFF\x0A\xF8\x82\x01\x03"), "its content is JPEG XL, " CONVERT },
        { FILE_OF("\0\0\0\x0CJXL \r\n\x87\n"), "its content is JPEG XL, " CONVERT },
        { FILE_OF("<!DOCTYPE html><html>"),
          "its content is HTML or XML, neither JPEG nor PNG: was it downloaded in full?" },
        { FILE_OF("version https://git-lfs.github.com/spec/v1\noid sha256:00"),
          "its content is a Git LFS pointer, neither JPEG nor PNG: git lfs pull fetches the "
          "image" },
        { FILE_OF("BMWs and other cars"), "neither JPEG nor PNG" },
        { FILE_OF("P6"), "neither JPEG nor PNG" },
        { FILE_OF("Q6\n97 61\n255\n"), "neither JPEG nor PNG" },
        { FILE_OF("\xFF\xD8"), "neither JPEG nor PNG" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(files); ++i) {
        char *exact = test_alloc(files[i].count); /* a byte too far would show under ASan */

        memcpy(exact, files[i].bytes, files[i].count);
        refuses(exact, files[i].count, files[i].want);
        free(exact);
    }
}

/* A baseline JPEG whose frame claims to be of another kind. */
static test_file with_frame(uint8_t marker, uint8_t bits)
{
    uint8_t gray[16 * 16] = { 0 };
    test_file file = test_jpeg(gray, 16, 16, 1, JCS_GRAYSCALE, &(test_jpeg_options){ 0 });

    for (size_t i = 2; i + 4 < file.count; ++i)
        if (file.bytes[i] == 0xFF && file.bytes[i + 1] == 0xC0) {
            file.bytes[i + 1] = marker;
            file.bytes[i + 4] = bits;
            return file;
        }
    fail_msg("no frame");
    return file;
}

static void other_kinds_of_jpeg_are_named(void **state)
{
#define JPEG_ADVICE ": convert it to an ordinary JPEG or to PNG"
    static const struct {
        uint8_t marker, bits;
        const char *want;
    } kinds[] = {
        { 0xC1, 12, "a JPEG of 12 bits a sample; only 8 can be read" JPEG_ADVICE },
        { 0xC5, 8, "a hierarchical JPEG" JPEG_ADVICE },
        { 0xCB, 8, "a JPEG with arithmetic coding, which this libjpeg lacks" JPEG_ADVICE },
        { 0xDE, 8, "a hierarchical JPEG" JPEG_ADVICE },
        { 0xF7, 8, "a JPEG-LS image" JPEG_ADVICE },
        { 0x41, 8, "bad JPEG: Unsupported marker type 0x41" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(kinds); ++i) {
        test_file file = with_frame(kinds[i].marker, kinds[i].bits);

        refuses(file.bytes, file.count, kinds[i].want);
        free(file.bytes);
    }
}

/* 97 x 61 of (2x, 4y, x + y), made with imagecodecs' jpeg8_encode(lossless=True). libjpeg-turbo 3
 * reads it, 2 does not. */
static void lossless_jpeg_is_read_or_named(void **state)
{
    alx_image image;
    char *bytes = NULL;
    size_t count = 0;

    (void)state;
    assert_ok(base_file_read(&bytes, &count, TEST_DIR "/data/jpeg/lossless.jpg"));
    if (alx_image_decode(&image, (uint8_t *)bytes, count, 30, "x.jpg") != 0) {
        refuses(bytes, count, "a lossless JPEG (SOF3), which needs libjpeg-turbo 3" JPEG_ADVICE);
    } else {
        assert_int_equal(image.width, 97);
        assert_int_equal(image.fraction, 0);
        for (int y = 0; y < 61; ++y)
            for (int x = 0; x < 97; ++x)
                assert_memory_equal(
                    image.rgb + 3 * (y * 97 + x),
                    ((uint8_t[]){ (uint8_t)(2 * x), (uint8_t)(4 * y), (uint8_t)(x + y) }), 3);
        alx_image_free(&image);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_formats_are_named),
        cmocka_unit_test(other_kinds_of_jpeg_are_named),
        cmocka_unit_test(lossless_jpeg_is_read_or_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
